"""The set of comments that somebody has seen: what goes in is in, and nothing else, until there are too many runs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comments import seen
from comments.seen import NOTHING, Seen

pytestmark = pytest.mark.once

numbers = st.integers(1, 60) | st.integers(1, 2**53 - 1)
some = st.lists(numbers, max_size=60)


@given(some)
def test_what_goes_in_is_in_and_nothing_else(those):
    kept = Seen.of(those)
    assert {n for n in {*those, *(n + 1 for n in those), *range(62)} if n in kept} == set(those)


@given(some)
def test_what_was_written_is_read_again(those):
    kept = Seen.of(those)
    assert Seen.read(str(kept)) == kept
    assert str(Seen.of(reversed(those))) == str(kept)


@given(some, some)
def test_two_sets_together_hold_what_either_holds(these, those):
    both = Seen.of(these) | Seen.of(those)
    assert both == Seen.of({*these, *those})
    assert Seen.of(these).without(Seen.of(those)) | Seen.of(those) == both


@settings(max_examples=20)
@given(st.lists(st.integers(1, 10**7), min_size=30, max_size=80, unique=True), st.integers(1, 20))
def test_of_too_many_runs_the_oldest_melt_and_nothing_that_was_seen_becomes_new(those, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "MOST", most)
        kept = Seen.of(those)
        assert len(kept.runs) <= most
        assert all(n in kept for n in those)
        newest = sorted(those)[-1]
        assert newest + 1 not in kept
        assert Seen.read(str(kept)) == kept


def test_a_thousand_comments_of_a_busy_site_take_a_few_thousand_letters():
    kept = Seen.of(range(5_000_000, 5_000_000 + 7 * 1_000, 7))
    assert len(kept.runs) == 1_000
    assert len(str(kept)) < 2_100
    assert str(Seen.of(range(1, 1_001))) == "1-rr"


@pytest.mark.parametrize(
    "text", ["x!", "1,", ",1", "1--2", "-1", "1-", "A", " 1", "1\n", "é", "1,,2", "1" * 14, "1," * 60_000 + "1"]
)
def test_what_is_no_set_is_refused(text):
    with pytest.raises(ValueError, match="no set"):
        Seen.read(text)


def test_nothing_is_written_as_nothing():
    assert str(NOTHING) == ""
    assert Seen.read("") == NOTHING
    assert 0 not in NOTHING
