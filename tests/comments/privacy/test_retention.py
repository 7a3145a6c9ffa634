"""What is kept for a time goes when it is over, not a second before; decisions and the shape of talk stay."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from comments import emptying, moderation, status
from comments.exceptions import CommentsError
from comments.models import (
    AddressProof,
    Appeal,
    CareSignal,
    Comment,
    CommentRevision,
    Erasure,
    Flag,
    HouseRules,
    LogCorrection,
    ModerationLogEntry,
    Redaction,
)
from comments.notifications import Recipient, subscriptions
from comments.privacy import retention
from comments.viewers import Viewer
from storied import search
from storied.accounts.models import User
from storied.network import key_of
from storied.work import stopping
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db
NETWORK = key_of("192.0.2.7")
DAY = 24 * 3600


@pytest.fixture
def post():
    return factories.post()


def declined(post, **fields):
    about = {"author_name": "Judith", "author_email": "judith@example.org", "guest_key": "k", "network": NETWORK}
    return factories.comment(post, "Secret words.", status="rejected", **(about | fields))


@pytest.mark.parametrize(
    ("state", "days"),
    [("rejected", 365), ("removed", 365), ("withdrawn", 30)],
)
def test_what_was_refused_is_emptied_when_its_days_are_over_and_not_a_second_before(post, after, state, days):
    comment = factories.comment(post, "Secret words.", status=state, author_url="https://x.example")
    after(seconds=days * DAY - 1)
    retention.run()
    comment.refresh_from_db()
    assert (comment.body, comment.emptied_at) == ("Secret words.", None)
    after(seconds=days * DAY + 1)
    assert sum(retention.run().values()) == 1
    comment.refresh_from_db()
    assert (comment.body, comment.body_html, comment.author_url, comment.status) == ("", "", "", state)
    assert comment.author_name == emptying.NOBODY
    assert retention.run() == {}


@pytest.mark.parametrize("state", ["approved", "pending"])
def test_what_is_public_or_waits_is_never_emptied(post, after, state):
    comment = factories.comment(post, "Words that stay.", status=state)
    after(days=5_000)
    retention.run()
    assert emptying.empty([comment.pk], "a test") == 0
    comment.refresh_from_db()
    assert comment.body == "Words that stay."


def test_zero_days_keep_it(post, after):
    declined(post)
    HouseRules.change({"keep_refused_days": 0}, by=factories.person(role="owner"))
    after(days=5_000)
    assert "declined" not in retention.run()


def test_the_days_begin_anew_with_each_thing_done_about_it(post, after):
    comment = factories.comment(post, "Words.", status="approved")
    after(days=300)
    status.change_status(comment.pk, "remove", actor=factories.person(role="moderator"))
    after(days=400)
    assert "declined" not in retention.run()
    after(days=300 + 366)
    assert retention.run()["declined"] == 1


def test_nothing_is_emptied_while_a_second_look_is_asked_for(post, after):
    author, moderator = factories.person(), factories.person(role="moderator")
    comment = factories.comment(post, "Words.", author=author)
    status.change_status(comment.pk, "remove", actor=moderator)
    moderation.appeal(comment, Viewer(author), "Please look.")
    after(days=400)
    assert "declined" not in retention.run()
    asked = Appeal.objects.get()
    moderation.decide_appeal(asked.pk, "kept", Viewer(factories.person(role="owner")), answer="It stays.")
    after(days=800)
    assert retention.run()["declined"] == 1
    asked.refresh_from_db()
    assert (asked.words, asked.answer, asked.outcome) == ("", "", "kept")


def test_all_that_hangs_on_it_goes_with_it_and_the_decision_stays(post, after):
    moderator = factories.person("Maud", role="moderator")
    held = [{"code": "watched_word", "detail": "Secret"}]
    comment = factories.comment(post, "Secret words.", network=NETWORK, reasons=held)
    CommentRevision.objects.create(comment=comment, number=1, body="Secret before.", body_format="markdown")
    Redaction.objects.create(comment=comment, what="name", revision=1, sealed="sealed", sealed_until=timezone.now())
    Flag.objects.create(comment=comment, reporter_key="k", reason="other", words="It says Secret.")
    rules = ({"code": "x", "detail": "Secret"},)
    why = status.Why(reason="You said Secret.", clause="be-kind", note="Secret!", rules=rules)
    status.change_status(comment.pk, "remove", actor=moderator, why=why)
    after(days=366)
    retention.run()
    assert not CommentRevision.objects.exists()
    assert Redaction.objects.get().sealed == ""
    assert Flag.objects.get().words == ""
    entry = ModerationLogEntry.objects.get(action="remove")
    assert (entry.actor_name, entry.clause, entry.reason, entry.note) == ("Maud", "be-kind", "", "")
    assert entry.rules == [{"code": "x", "detail": ""}]
    comment.refresh_from_db()
    assert comment.reasons == [{"code": "watched_word", "detail": ""}]
    assert ModerationLogEntry.objects.filter(comment=comment.pk, action="empty").count() == 1
    assert LogCorrection.objects.get().is_open is False


def test_replies_keep_their_place_under_a_placeholder(post, after, client):
    parent = factories.comment(post, "Secret words.", author_name="Judith")
    reply = factories.comment(post, "An answer to it.", parent=parent)
    status.change_status(parent.pk, "remove", actor=factories.person(role="moderator"))
    after(days=366)
    retention.run()
    reply.refresh_from_db()
    assert reply.parent_id == parent.pk
    page = client.get(post.get_absolute_url()).text
    assert "An answer to it." in page
    assert "This comment was removed by a moderator" in page
    assert "Judith" not in page
    assert "Secret" not in page


def test_what_was_emptied_cannot_come_back(post, after):
    author, moderator = factories.person(), factories.person(role="moderator")
    comment = declined(post, author=author)
    after(days=366)
    retention.run()
    comment.refresh_from_db()
    for action in ("approve", "resubmit", "mark_spam", "withdraw"):
        with pytest.raises(CommentsError, match="gone for good"):
            status.change_status(comment.pk, action, actor=moderator)
    assert status.allowed(comment) == []
    assert search.query("secret").total == 0


def test_spam_that_nobody_saw_goes_as_a_whole_and_other_spam_leaves_its_place(post, after):
    unseen = factories.comment(post, "Buy.", status="spam")
    seen = factories.comment(post, "Buy this.")
    status.change_status(seen.pk, "mark_spam", actor=factories.person(role="moderator"))
    after(seconds=30 * DAY - 1)
    assert retention.run() == {}
    after(seconds=30 * DAY + 60)
    assert retention.run()["spam"] == 2
    assert not Comment.objects.filter(pk=unseen.pk).exists()
    assert ModerationLogEntry.objects.filter(comment=unseen.pk, action="empty").exists()
    seen.refresh_from_db()
    assert (seen.body, seen.status) == ("", "spam")


def test_moderators_no_longer_see_emptied_spam_in_their_queue(post, after):
    owner = Viewer(factories.person(role="owner"))
    factories.comment(post, "Buy.", status="spam", was_public=True)
    assert moderation.comments_in("spam", owner).count() == 1
    after(days=31)
    retention.run()
    assert moderation.comments_in("spam", owner).count() == 0


def test_networks_are_forgotten_everywhere_at_the_second(post, after):
    factories.comment(post, "Words.", network=NETWORK)
    comment = factories.comment(post, "Other words.")
    guest = factories.guest()
    for number in "12":
        key = f"network:{NETWORK[:-1]}{number}"
        moderation.flag(comment.pk, guest, reporter_key=key, reason="other", words="")
        moderation.flag(comment.pk, guest, reporter_key=key, reason="worried", words="")
    subscriptions.follow_posts(Recipient(email="a@example.org"), NETWORK)
    proof = AddressProof.objects.create(email="a@example.org", network=NETWORK, proved_at=timezone.now())
    after(seconds=30 * DAY - 60)
    assert "networks" not in retention.run()
    after(seconds=30 * DAY + 60)
    gone = retention.run()
    assert (gone["networks"], gone["networks of reports"], gone["networks of worries"]) == (1, 2, 2)
    assert not Comment.objects.exclude(network="").exists()
    proof.refresh_from_db()
    assert proof.network == ""
    assert Flag.objects.filter(reporter_key__startswith="gone:").count() == 2
    assert CareSignal.objects.filter(key__startswith="gone:").count() == 2


def test_earlier_wordings_go_after_a_year(post, after):
    comment = factories.comment(post)
    CommentRevision.objects.create(comment=comment, number=1, body="Before.", body_format="markdown")
    after(seconds=365 * DAY - 5)
    assert "wordings" not in retention.run()
    after(seconds=365 * DAY + 5)
    assert retention.run()["wordings"] == 1


def test_accounts_that_were_never_confirmed_go_and_others_stay(after):
    proved, written = factories.person(), factories.person()
    typed = User.objects.create_user("typed@example.org", None, display_name="Typed")
    EmailAddress.objects.create(user=typed, email="typed@example.org", verified=False, primary=True)
    EmailAddress.objects.filter(user=written).update(verified=False)
    factories.comment(factories.post(), author=written)
    after(days=29)
    assert "unproved accounts" not in retention.run()
    after(days=31)
    assert retention.run()["unproved accounts"] == 1
    assert not User.objects.filter(pk=typed.pk).exists()
    assert User.objects.filter(pk__in=[proved.pk, written.pk]).count() == 2


def test_sessions_askings_and_counts_of_log_ins_go_when_they_are_over(after, client):
    client.force_login(factories.person())
    Erasure.objects.create(how="detach", email="a@example.org")
    cache.set("allauth:rl:login:ip", [1], 60)
    after(days=2)
    retention.run()
    assert Erasure.objects.exists()
    after(days=15)
    retention.run()
    assert not Erasure.objects.exists()
    assert not Session.objects.exists()


def test_it_stops_between_two_batches_and_goes_on_later(post, after, monkeypatch):
    for _ in range(5):
        declined(post)
    after(days=366)
    real, rounds = emptying.empty, []

    def once(numbers, why):
        rounds.append(len(numbers))
        stopping.set()
        return real(numbers, why)

    monkeypatch.setattr(emptying, "empty", once)
    due = retention._comments("rejected")
    span = retention.Span("declined", "keep_refused_days", due, lambda numbers: emptying.empty(numbers, "x"), 2)
    monkeypatch.setattr(retention, "SPANS", [span])
    try:
        assert retention.run()["declined"] == 2
    finally:
        stopping.clear()
    assert Comment.objects.filter(emptied_at=None).count() == 3


def test_what_is_killed_in_the_middle_of_a_batch_leaves_no_half(post, after, monkeypatch):
    comments = [declined(post) for _ in range(3)]
    after(days=366)

    def killed(*_args):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(search, "remove", killed)
        with pytest.raises(SystemExit), transaction.atomic():
            retention.run()
    assert Comment.objects.filter(body="Secret words.").count() == 3
    assert not LogCorrection.objects.exists()
    assert retention.run()["declined"] == len(comments)


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_empty_each_comment_once(after):
    post = factories.post()
    numbers = [declined(post).pk for _ in range(12)]
    after(days=366)
    told = at_once(retention.run, retention.run)
    assert all(isinstance(outcome, dict) for outcome in told), told
    retention.run()
    assert Comment.objects.filter(emptied_at=None).count() == 0
    for number in numbers:
        assert ModerationLogEntry.objects.filter(comment=number, action="empty").count() == 1
