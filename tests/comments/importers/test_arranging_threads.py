"""Parent numbers in any state become an order in which every parent comes before its replies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comments.importers.records import SourceComment
from comments.importers.threads import Arrangement, arrange

pytestmark = pytest.mark.once


def arranged(parents: dict[str, str], **options: object) -> Arrangement:
    comments = [SourceComment(number, parent) for number, parent in parents.items()]
    return arrange(comments, sort_key=lambda comment: int(comment.source_id), **options)


def places(arrangement: Arrangement) -> list[tuple[str, str]]:
    return [(comment.source_id, parent) for comment, parent in arrangement.order]


def test_threads_follow_each_other_with_their_replies() -> None:
    assert places(arranged({"4": "1", "3": "2", "1": "", "2": "", "5": "4"})) == [
        ("1", ""), ("4", "1"), ("5", "4"), ("2", ""), ("3", "2"),
    ]  # fmt: skip


def test_a_parent_that_is_stored_already_counts() -> None:
    found = arranged({"8": "5", "9": "6"}, stored={"5"})
    assert places(found) == [("8", "5"), ("9", "")]
    assert found.without_parent == 1


def test_parents_that_were_left_out_hand_their_replies_upwards() -> None:
    assert places(arranged({"1": "", "9": "5"}, left_out={"5": "4", "4": "1"})) == [("1", ""), ("9", "1")]


def test_parents_left_out_in_a_circle_end_nowhere() -> None:
    assert places(arranged({"9": "5"}, left_out={"5": "4", "4": "5"})) == [("9", "")]


def test_a_circle_opens_at_its_first_comment_and_keeps_the_rest() -> None:
    found = arranged({"3": "2", "2": "1", "1": "3", "9": "3"})
    assert places(found) == [("1", ""), ("2", "1"), ("3", "2"), ("9", "3")]
    assert found.in_circles == 1


def test_a_chain_longer_than_any_recursion_is_arranged() -> None:
    chain = {str(n): str(n - 1) if n > 1 else "" for n in range(20_000, 0, -1)}
    assert [number for number, _parent in places(arranged(chain))] == [str(n) for n in range(1, 20_001)]


numbers = st.integers(1, 30).map(str)


@given(st.dictionaries(numbers, st.just("") | numbers, max_size=30), st.dictionaries(numbers, numbers | st.just("")))
def test_every_comment_has_one_place_after_its_parent(parents: dict[str, str], left_out: dict[str, str]) -> None:
    left_out = {number: parent for number, parent in left_out.items() if number not in parents}
    order = places(arranged(parents, left_out=left_out))
    assert sorted(number for number, _parent in order) == sorted(parents)
    seen = {""}
    for number, parent in order:
        assert parent in seen
        seen.add(number)
