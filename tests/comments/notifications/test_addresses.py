"""Addresses that mail comes back to: signed, short, and good in any case of letters."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments.models import Notification
from comments.notifications import Recipient, addresses, preferences_of, subscriptions
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def reply_address(settings):
    settings.STORIED_REPLY_ADDRESS = "reply@mail.example.org"


@pytest.fixture
def row():
    comment = factories.comment(factories.post())
    return Notification.objects.create(
        kind="reply", key="x", who="mail:judith@example.org", email="judith@example.org", comment=comment,
        due_at=timezone.now(),
    )  # fmt: skip


def test_each_purpose_is_read_again_in_any_case(row):
    wish = subscriptions.follow_posts(Recipient(email="judith@example.org"))
    preferences = preferences_of(Recipient(email="judith@example.org"))
    made = {
        addresses.for_answers(row, 7): (addresses.ANSWER, row, 7),
        addresses.for_bounces(row): (addresses.BOUNCE, row, 0),
        addresses.to_end_wish(wish): (addresses.END_WISH, wish, 0),
        addresses.to_end_kind(preferences, "follows"): ("d", preferences, 0),
    }
    for written, (purpose, made_for, version) in made.items():
        for spelt in (written, written.upper(), f'"Half an Acre" <{written}>, other@example.org'):
            found = addresses.found_in(spelt)
            assert (found.purpose, found.row, found.version) == (purpose, made_for, version)
    assert [addresses.found_in(a).ends for a in made] == ["", "", "", "follows"]


def test_the_part_before_the_at_fits_however_many_mails_there_were(row, settings):
    settings.STORIED_REPLY_ADDRESS = f"{'r' * 24}@mail.example.org"
    row.pk = 2**62
    assert len(addresses.for_answers(row, 60_000).partition("@")[0]) <= 64


@pytest.mark.parametrize("place", range(len("rxxxxxxxxxxxxxxxxxxxx")))
def test_no_letter_can_be_another(row, place):
    written = addresses.for_answers(row, 1)
    at = written.index("+") + 1 + place
    other = "b" if written[at] != "b" else "r" if place == 0 else "c"
    assert addresses.found_in(written[:at] + other + written[at + 1 :]) is None


def test_it_belongs_to_one_person_and_one_comment(row):
    written = addresses.for_answers(row, 1)
    for change in ({"who": "mail:other@example.org"}, {"comment": factories.comment(factories.post())}):
        before = {name: getattr(row, name) for name in change}
        Notification.objects.filter(pk=row.pk).update(**change)
        assert addresses.found_in(written) is None
        Notification.objects.filter(pk=row.pk).update(**before)
    assert addresses.found_in(written) is not None


def test_an_earlier_key_still_reads_what_it_wrote(row, settings):
    written, before = addresses.for_answers(row, 1), settings.SECRET_KEY
    settings.SECRET_KEY = "another key, that is long enough to be one"
    assert addresses.found_in(written) is None
    settings.SECRET_KEY_FALLBACKS = [before]
    assert addresses.found_in(written) is not None


def test_it_is_too_late_after_sixty_days(row):
    assert not addresses.is_too_late(row)
    row.ended_at = timezone.now() - timedelta(days=61)
    assert addresses.is_too_late(row)


@pytest.mark.parametrize(
    "text", ["", "reply@mail.example.org", "reply+r@mail.example.org", "reply+r" + "a" * 30 + "@elsewhere.example",
             "reply+" + "r" * 100_000 + "@mail.example.org", ("reply+r" + "a" * 30 + "@mail.example.org ") * 1_000]
)  # fmt: skip
def test_what_is_no_address_of_ours_is_none(text, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        assert addresses.found_in(text) is None


def test_where_no_address_is_set_nothing_is_read(row, settings):
    written = addresses.for_answers(row, 1)
    settings.STORIED_REPLY_ADDRESS = ""
    assert addresses.found_in(written) is None
    assert not addresses.are_used()
