"""Who is erased is found nowhere any more, but where it is said; the conversation keeps its shape."""

import re

import pytest
from django.apps import apps
from django.db.models import EmailField
from django.test import Client

from comments import emptying, private_links
from comments.models import Comment, DeskLogEntry, Flag, ModerationLogEntry
from comments.privacy import erasure, letters, tasks, traces
from comments.privacy.belongings import Belongings
from storied import search
from storied.accounts.models import User
from storied.work import REGULAR
from tests import factories

from .conftest import STAYS
from .everything import where_is
from .somebody import left_everywhere

pytestmark = pytest.mark.django_db
# Where words that begin alike are not written out.
_COMPRESSED = {"search_words_data.block"}


def erase(somebody, how, after):
    asked = (
        erasure.ask(somebody.account, how) if somebody.account else erasure.ask_by_address(somebody.email.upper(), how)
    )
    erasure.confirm(asked)
    letters.send_owed()
    after(days=7, minutes=2)
    assert erasure.carry_out_all() == 1
    after(days=7, minutes=3)
    letters.send_owed()
    asked.refresh_from_db()
    return asked


@pytest.mark.parametrize("how", ["withdraw", "detach"])
@pytest.mark.parametrize("role", ["member", "moderator", None], ids=["member", "moderator", "guest"])
def test_nothing_is_found_of_somebody_who_was_erased(how, role, after, outbox):
    factories.published_guidelines()
    judith = left_everywhere("xyjudith", is_member=role is not None, role=role or "")
    other = left_everywhere("xyother", is_member=role is not None)
    of_the_other = where_is("xyother") - _COMPRESSED
    keys = [judith.browser.guest_key]
    assert len(where_is("xyjudith")) > 12
    asked = erase(judith, how, after)
    left = where_is("judith", *keys) - set(STAYS)
    if how == "detach":  # what they said stays, with what finds it
        assert where_is("judith Name", "judith Guest") == set()
        text = {"comments_comment.body", "comments_comment.body_html"}
        left = {column for column in left - text if not column.startswith("search_")}
    assert left == set()
    assert where_is("xyother") - _COMPRESSED == of_the_other
    assert (asked.email, asked.account_id, asked.letter) == ("", None, "")
    assert outbox[-1].to == [judith.email]
    assert other.comments["approved"].pk in Comment.objects.filter(body__contains="xyother").values_list(
        "pk", flat=True
    )


def test_withdrawn_comments_leave_a_placeholder_and_replies_their_place(after, client):
    judith = left_everywhere("xyjudith", is_member=True)
    erase(judith, "withdraw", after)
    judith.reply.refresh_from_db()
    assert judith.reply.parent_id == judith.comments["approved"].pk
    page = client.get(judith.post.get_absolute_url()).text
    assert "Somebody else&#x27;s answer." in page or "Somebody else's answer." in page
    assert "This comment was withdrawn by its author." in page
    assert "xyjudith" not in page
    assert search.query("xyjudith").total == 0


def test_detached_comments_stay_as_by_a_reader_and_the_rest_goes(after, client):
    judith = left_everywhere("xyjudith", is_member=True)
    erase(judith, "detach", after)
    page = client.get(judith.post.get_absolute_url()).text
    assert "xyjudith text approved" in page
    assert "xyjudith Name" not in page
    rows = {row.pk: row for row in Comment.objects.all()}
    approved, pending = rows[judith.comments["approved"].pk], rows[judith.comments["pending"].pk]
    assert (approved.author_id, approved.author_name, approved.status) == (None, emptying.NOBODY, "approved")
    assert (pending.body, pending.status) == ("", "withdrawn")
    hits = search.query("xyjudith").hits
    assert {hit.author for hit in hits} == {emptying.NOBODY}


def test_what_a_moderator_did_stays_as_a_former_moderators(after):
    judith = left_everywhere("xyjudith", is_member=True, role="moderator")
    pk = judith.account.pk
    erase(judith, "detach", after)
    acts = ModerationLogEntry.objects.filter(actor=pk)
    assert {entry.actor_name for entry in acts} == {traces.FORMER_MODERATOR}
    assert DeskLogEntry.objects.get(actor_number=pk).actor_name == traces.FORMER_MODERATOR


def test_a_second_erasure_changes_nothing(after):
    judith = left_everywhere("xyjudith", is_member=False)
    erase(judith, "withdraw", after)
    before = ModerationLogEntry.objects.count(), Comment.objects.filter(emptied_at=None).count()
    again = erasure.ask_by_address(judith.email, "withdraw")
    after(days=20)
    assert erasure.carry_out_all() == 1
    assert erasure.carry_out_all() == 0
    assert again.pk
    assert before == (ModerationLogEntry.objects.count(), Comment.objects.filter(emptied_at=None).count())


def test_a_browser_that_others_share_keeps_what_is_theirs_and_two_browsers_of_one_address_both_go(after):
    post, shared, alone = factories.post(), factories.guest(), factories.guest()
    mine = {"author_email": "judith@example.org"}
    first = factories.comment(post, guest_key=shared.guest_key, **mine)
    second = factories.comment(post, guest_key=alone.guest_key, author_email="JUDITH@example.org")
    theirs = factories.comment(post, "Theirs.", guest_key=shared.guest_key, author_email="other@example.org")
    people = Belongings.of_address("Judith@Example.org").people
    assert [person.guest_key for person in people] == [alone.guest_key]
    asked = erasure.ask_by_address("judith@example.org", "withdraw")
    after(days=8)
    assert erasure.carry_out_all() == 1
    assert asked.pk
    assert set(Comment.objects.exclude(emptied_at=None).values_list("pk", flat=True)) == {first.pk, second.pk}
    theirs.refresh_from_db()
    assert (theirs.body, theirs.guest_key) == ("Theirs.", shared.guest_key)


def test_old_private_links_open_nothing_after_it(after, client):
    judith = left_everywhere("xyjudith", is_member=False)
    approved, pending = judith.comments["approved"], judith.comments["pending"]
    links = [private_links.link_to(comment.pk) for comment in (approved, pending)]
    assert [client.get(link).status_code for link in links] == [200, 200]
    erase(judith, "detach", after)
    for link in links:
        assert client.get(link).status_code == 404
        assert client.post(f"{link}withdraw/").status_code == 404
        assert client.post(f"{link}edit/", {"body": "x", "revision": 1}).status_code == 404
    approved.refresh_from_db()
    assert approved.status == "approved"


def test_reports_of_somebody_erased_still_count_as_one_readers(after):
    judith = left_everywhere("xyjudith", is_member=True)
    erase(judith, "detach", after)
    flag = Flag.objects.get(comment=judith.reply.pk)
    assert (flag.reporter_id, flag.words, flag.reporter_key) == (None, "", f"gone:{flag.pk}")


def test_it_is_in_the_table_of_regular_work():
    names = {tasks.forget_what_is_due.module_path, tasks.erase_who_asked.module_path, tasks.send_letters.module_path}
    assert names <= set(REGULAR)
    assert Client().get("/privacy/").status_code == 200


# Every place that names a person, and what becomes of it. Whoever adds one has to say here what erasing does to it.
NAMED = {
    "goes with the account": {
        "accounts.User", "account.EmailAddress", "mfa.Authenticator", "usersessions.UserSession", "admin.LogEntry",
        "socialaccount.SocialAccount",
        "comments.Alias", "comments.ModeratorScope", "comments.CareResponder", "comments.DeskClaim", "comments.NotMine",
        "comments.UnsentText", "comments.Visit",
    },
    "is erased by `traces`": {
        "accounts.Invitation", "comments.CareSignal", "comments.DeskLogEntry", "comments.Flag", "comments.Mute",
        "comments.PersonNote", "comments.Restriction", "comments.Erasure",
    },
    "is erased by `notifications.forgetting`": {
        "comments.AddressProof", "comments.MailPreferences", "comments.Notification", "comments.ReceivedMail",
        "comments.Subscription",
    },
    "is erased by `emptying`": {
        "comments.Comment", "comments.CommentRevision", "comments.GreetingOffer", "comments.ModerationLogEntry",
    },
    "keeps the act of a former moderator": {
        "comments.Appeal", "comments.Block", "comments.CareItem", "comments.LogCorrection", "comments.Redaction",
        "comments.ReplyMark",
    },
    "keeps what the owner set, without by whom": {
        "comments.CareArrangements", "comments.CarePhrases", "comments.GuidelineDraft", "comments.HouseRules",
        "comments.RefusalTemplate", "comments.WatchedWords",
    },
    "has to be given to somebody else first": {"posts.Post"},
    "names no person": {
        "socialaccount.SocialApp", "auth.Group", "auth.Permission", "comments.HelpLine", "posts.Category", "work.Round",
        "django_tasks_database.DBTaskResult",
    },
}  # fmt: skip


def test_no_model_names_a_person_of_which_erasing_does_not_know():
    known = set().union(*NAMED.values())
    names_somebody = re.compile(r"(^|_)(name|who|whom|guest_key|email)$")
    found = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.related_model is User or isinstance(field, EmailField) or names_somebody.search(field.name)
    }
    assert found - known == set()
