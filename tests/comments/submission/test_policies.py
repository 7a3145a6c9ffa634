"""The house rules, one by one: what they let in, what they hold, what they refuse."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comments import submission
from comments.exceptions import GuidelinesChanged, Refused, TooMany
from comments.models import Comment, Discussion, GuidelineAcceptance
from comments.submission.floods import _OF_A_GUEST, _OF_A_NETWORK
from comments.submission.policies import DiscussionClosed, ParentGone
from comments.viewers import Viewer
from tests import factories

from .conftest import known_guest, reasons, with_rules

pytestmark = pytest.mark.django_db


# --- May it be said here at all? ----------------------------------------------------------------------------


def test_a_closed_discussion_refuses_and_a_moderator_may_still_write(post):
    Discussion.objects.filter(post=post).update(is_open=False)
    with pytest.raises(DiscussionClosed, match="closed"):
        submission.submit(factories.draft(post))
    moderator = Viewer(factories.person(role="moderator"))
    assert submission.submit(factories.draft(post, viewer=moderator)).is_approved


def test_a_discussion_closes_so_many_days_after_the_article(post):
    with_rules(close_after_days=30)
    assert submission.submit(factories.draft(post))
    post.published_at = timezone.now() - timedelta(days=31)
    post.save()
    with pytest.raises(DiscussionClosed, match="30 days"):
        submission.submit(factories.draft(post))


def test_the_whole_site_can_be_closed(post):
    with_rules(discussions_are_open=False)
    with pytest.raises(DiscussionClosed):
        submission.submit(factories.draft(post))


def test_guests_can_be_asked_to_log_in(post):
    with_rules(guests_may_write=False)
    with pytest.raises(Refused, match="log in"):
        submission.submit(factories.draft(post))
    member = Viewer(factories.person())
    assert submission.submit(factories.draft(post, viewer=member))


def test_a_banned_account_cannot_write_and_an_ordinary_one_can(post):
    banned, ordinary = factories.person(), factories.person()
    factories.restriction(banned, "ban")
    with pytest.raises(Refused, match="no longer"):
        submission.submit(factories.draft(post, viewer=Viewer(banned)))
    assert submission.submit(factories.draft(post, viewer=Viewer(ordinary)))


@pytest.mark.parametrize("state", ["pending", "rejected", "removed", "spam", "withdrawn"])
def test_only_an_approved_comment_takes_replies(post, state):
    with pytest.raises(ParentGone, match="no longer public"):
        submission.submit(factories.draft(post, parent_id=factories.comment(post, status=state).pk))
    assert submission.submit(factories.draft(post, parent_id=factories.comment(post).pk))


def test_a_parent_of_another_article_is_refused(post):
    elsewhere = factories.comment(factories.post())
    with pytest.raises(ParentGone, match="not part"):
        submission.submit(factories.draft(post, parent_id=elsewhere.pk))


def test_a_parent_that_never_was_is_refused(post):
    with pytest.raises(ParentGone, match="not part"):
        submission.submit(factories.draft(post, parent_id=987_654_321))


def test_a_linkback_takes_no_reply(post):
    linkback = factories.comment(post, kind="pingback")
    with pytest.raises(ParentGone, match="linkback"):
        submission.submit(factories.draft(post, parent_id=linkback.pk))


def test_an_older_version_of_the_guidelines_is_not_enough(post):
    draft = factories.draft(post)
    factories.published_guidelines("Be kind", "No methods")
    with pytest.raises(GuidelinesChanged, match="Your text is kept"):
        submission.submit(draft)
    assert submission.submit(replace(draft, guidelines_version=2))


def test_without_any_guidelines_nothing_has_to_be_accepted():
    comment = submission.submit(factories.draft(factories.post()))
    assert not GuidelineAcceptance.objects.filter(comment=comment).exists()


def test_where_a_tick_is_asked_for_it_is_needed(post):
    with_rules(agree_by_checkbox=True)
    with pytest.raises(Refused, match="tick"):
        submission.submit(factories.draft(post, agreed=False))
    assert submission.submit(factories.draft(post, agreed=True))


@pytest.mark.parametrize("name", ["Anna Blogger", "anna  blogger", "ANNA BLOGGER", "Аnna Blogger", "Anna\u200bBlogger"])
def test_nobody_writes_under_a_name_that_looks_like_an_account(post, name):
    factories.person("Anna Blogger", "owner")
    with pytest.raises(Refused, match="looks like this one"):
        submission.submit(factories.draft(post, name=name))
    assert submission.submit(factories.draft(post, name="Anna from Leeds"))


def test_the_longest_text_fits_and_one_character_more_does_not(post):
    with_rules(max_characters=50)
    assert submission.submit(factories.draft(post, "x" * 50))
    with pytest.raises(Refused, match="1 character longer than the 50"):
        submission.submit(factories.draft(post, "y" * 51))
    with_rules(max_characters=0)
    assert submission.submit(factories.draft(post, "z" * 20_000))
    with pytest.raises(Refused, match="2 characters longer than the 20,000"):
        submission.submit(factories.draft(post, "z" * 20_002))


def test_a_form_expires_and_says_that_the_text_is_kept(post):
    stamp = factories.stamp(post, seconds_ago=73 * 3600)
    with pytest.raises(Refused, match="expired"):
        submission.submit(factories.draft(post, stamp=stamp))
    assert submission.submit(factories.draft(post, stamp=factories.stamp(post, seconds_ago=71 * 3600)))


@pytest.mark.parametrize("stamp", ["", "nonsense", "1.2:forged"])
def test_a_form_without_our_stamp_is_taken_for_an_expired_one(post, stamp):
    with pytest.raises(Refused, match="expired"):
        submission.submit(factories.draft(post, stamp=stamp))


def test_the_stamp_of_another_article_does_not_count(post):
    with pytest.raises(Refused, match="expired"):
        submission.submit(factories.draft(post, stamp=factories.stamp(factories.post())))


def test_too_many_comments_a_minute_are_refused_and_the_owner_is_spared(post):
    guest, owner = known_guest(post), Viewer(post.author)
    with_rules(flood_per_minute=3)
    for _ in range(2):
        submission.submit(factories.draft(post, viewer=guest))
    with pytest.raises(TooMany, match="your text is kept") as refusal:
        submission.submit(factories.draft(post, viewer=guest))
    assert refusal.value.retry_after == 60
    for _ in range(5):
        submission.submit(factories.draft(post, viewer=owner))


def test_one_network_cannot_flood_with_new_browsers_and_others_are_not_slowed(post):
    with_rules(flood_per_network=2)
    for _ in range(2):
        submission.submit(factories.draft(post, network="a" * 32))
    with pytest.raises(TooMany):
        submission.submit(factories.draft(post, network="a" * 32))
    assert submission.submit(factories.draft(post, network="b" * 32))


def test_a_date_to_come_on_what_one_wrote_keeps_nobody_from_writing(post):
    with_rules(flood_per_minute=1, flood_per_hour=1, flood_per_network=1)
    Discussion.objects.filter(post=post).update(slow_minutes=10)
    guest, where = factories.guest(), "a" * 32
    for days in (1, 70 * 365):  # a clock that was wrong; a slip in an export
        written = timezone.now() + timedelta(days=days)
        factories.comment(post, created_at=written, guest_key=guest.guest_key, network=where)
    assert submission.submit(factories.draft(post, viewer=guest, network=where))
    with pytest.raises(TooMany):
        submission.submit(factories.draft(post, viewer=guest, network=where))


def test_every_throttle_can_be_switched_off(post):
    with_rules(flood_per_minute=0, flood_per_hour=0, flood_per_network=0)
    guest = factories.guest()
    for _ in range(40):
        submission.submit(factories.draft(post, viewer=guest, network="c" * 32))
    assert Comment.objects.count() == 40


# --- Whose word do we take? ---------------------------------------------------------------------------------


def test_moderators_the_owner_and_the_articles_author_are_published_at_once(post):
    with_rules(hold_everything=True)
    for viewer in (Viewer(factories.person(role="moderator")), Viewer(factories.person(role="owner"))):
        assert submission.submit(factories.draft(post, viewer=viewer)).is_approved
    assert submission.submit(factories.draft(post, viewer=Viewer(post.author))).is_approved
    assert not submission.submit(factories.draft(post, viewer=Viewer(factories.person()))).is_approved


def test_the_author_of_one_article_is_nobody_special_below_another(post):
    somebody = factories.post().author
    assert not submission.submit(factories.draft(post, viewer=Viewer(somebody))).is_approved


# --- What needs a second look? ------------------------------------------------------------------------------


def test_everything_is_held_when_the_owner_says_so(post):
    guest = known_guest(post)
    assert submission.submit(factories.draft(post, viewer=guest)).is_approved
    with_rules(hold_everything=True)
    assert reasons(submission.submit(factories.draft(post, viewer=guest))) == ["hold_everything"]


def test_newcomers_are_let_in_when_the_owner_says_so(post):
    with_rules(hold_newcomers=False)
    assert submission.submit(factories.draft(post)).is_approved


def test_a_trusted_member_is_no_newcomer_and_a_held_one_always_is(post):
    trusted, held = factories.person(standing="trusted"), factories.person()
    factories.restriction(held)
    factories.comment(post, author=held)
    assert submission.submit(factories.draft(post, viewer=Viewer(trusted))).is_approved
    assert reasons(submission.submit(factories.draft(post, viewer=Viewer(held)))) == ["always_held"]


def test_two_links_pass_and_three_are_held(post):
    guest = known_guest(post)
    two = "See https://a.example/ and https://b.example/ for more."
    assert submission.submit(factories.draft(post, two, viewer=guest)).is_approved
    three = submission.submit(factories.draft(post, two + " And https://c.example/.", viewer=guest))
    assert (three.status, three.reasons) == ("pending", [{"code": "links", "detail": "3 links"}])


def test_watched_words_are_held_whole_words_only(post):
    factories.watched("killed\nmiracle cure")
    guest = known_guest(post)
    assert submission.submit(factories.draft(post, "She is skilled.", viewer=guest)).is_approved
    held = submission.submit(factories.draft(post, "A Miracle\ncure!", viewer=guest))
    assert held.reasons == [{"code": "watched_word", "detail": "miracle cure"}]


def test_spam_words_set_aside(post):
    factories.watched("casino", "spam")
    guest = known_guest(post)
    assert submission.submit(factories.draft(post, "Best CASINO ever", viewer=guest)).status == "spam"
    assert submission.submit(factories.draft(post, "Best evening ever", viewer=guest)).is_approved


def test_the_field_that_people_do_not_see_sets_aside(post):
    guest = known_guest(post)
    assert submission.submit(factories.draft(post, viewer=guest, honeypot="x")).status == "spam"
    assert submission.submit(factories.draft(post, viewer=guest, honeypot="")).is_approved


def test_what_is_sent_faster_than_anybody_types_is_held(post):
    guest = known_guest(post)
    fast = factories.draft(post, viewer=guest, stamp=factories.stamp(post, seconds_ago=0))
    assert reasons(submission.submit(fast)) == ["too_fast"]
    with_rules(min_seconds=0)
    fast = factories.draft(post, viewer=guest, stamp=factories.stamp(post, seconds_ago=0))
    assert submission.submit(fast).is_approved


def test_all_reasons_are_kept_and_not_only_the_first(post):
    factories.watched("cure")
    comment = submission.submit(factories.draft(post, "cure https://a.example https://b.example https://c.example"))
    assert reasons(comment) == ["links", "watched_word", "newcomer"]


def test_every_policy_is_a_sentence_and_every_hold_has_kind_words():
    for policy in submission.POLICIES:
        assert "_" in policy.__name__
    assert set(submission.KIND_WORDS) >= {"newcomer", "links", "watched_word", "too_fast", "edited", "flagged"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reasons about conditions, SQLite compares words")
@pytest.mark.parametrize(("of", "index"), [(_OF_A_GUEST, "guest_history"), (_OF_A_NETWORK, "network_history")])
def test_floods_are_counted_by_an_index(post, of, index):
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN QUERY PLAN SELECT COUNT(*) FROM comments_comment WHERE {of} AND created_at > %s",
            ["x", "2026-01-01"],
        )
        assert index in str(cursor.fetchall())
