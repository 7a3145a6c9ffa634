"""Who stands behind a name used only in one discussion is told to one moderator, for a reason that stays on record."""

import pytest
from django.core import mail
from django.utils import timezone

from comments.exceptions import CommentsError, NotAllowed
from comments.models import Alias, Comment, DeskLogEntry, ModerationLogEntry, ModeratorScope, Notification
from comments.moderation import unmasking
from comments.notifications import delivery
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db

WORDS = "It names a neighbour of mine, and there may be a danger."


@pytest.fixture
def owner():
    return factories.person("Owner", role="owner")


@pytest.fixture
def moderator():
    return factories.person("Mod", role="moderator")


@pytest.fixture
def said(owner):
    writer = factories.person("Judith Hale")
    return factories.comment(factories.post(owner), author=writer, signed="alias", author_name="Robin")


def scoped(post):
    person = factories.person("Scoped")
    ModeratorScope.objects.create(account=person, post=post)
    return person


def address(comment):
    return f"/moderation/comment/{comment.pk}/unmask/"


def test_the_page_says_what_happens_before_anything_does(client, said, moderator):
    client.force_login(moderator)
    assert address(said) in client.get(f"/moderation/comment/{said.pk}/").text
    page = client.get(address(said)).text
    assert "kept in the log" in page
    assert "gets a mail" in page
    assert "Judith Hale" not in page
    assert not DeskLogEntry.objects.exists()


def test_without_a_reason_nobody_is_told_anything(client, said, moderator):
    client.force_login(moderator)
    for reason in ("", " \u200b\n"):
        answer = client.post(address(said), {"reason": reason})
        assert answer.status_code == 422
        assert "Judith Hale" not in answer.text
    with pytest.raises(CommentsError):
        unmasking.unmask(said.pk, Viewer(moderator), " ")
    assert not ModerationLogEntry.objects.filter(action="unmask").exists()


def test_the_answer_stands_on_one_page_once_and_nowhere_else(client, said, moderator):
    client.force_login(moderator)
    answer = client.post(address(said), {"reason": WORDS})
    assert "Judith Hale" in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    for again in (address(said), f"/moderation/comment/{said.pk}/", "/moderation/recent/"):
        assert "Judith Hale" not in client.get(again).text
    assert WORDS in client.get(f"/moderation/comment/{said.pk}/").text


def test_it_is_on_record_who_asked_and_why_and_not_the_answer(said, moderator):
    unmasking.unmask(said.pk, Viewer(moderator), WORDS)
    entry = ModerationLogEntry.objects.get(action="unmask")
    assert (entry.comment_id, entry.actor_name, entry.note) == (said.pk, "Mod", WORDS)
    act = DeskLogEntry.objects.get()
    assert (act.action, act.subject, act.subject_name, act.words) == ("unmask", f"comment {said.pk}", "Robin", WORDS)
    assert "Judith" not in str([vars(entry), vars(act)])
    said.refresh_from_db()
    assert (said.signed, said.author_name) == ("alias", "Robin")


def test_the_owner_gets_a_mail_that_does_not_say_who_it_was(said, owner, moderator):
    unmasking.unmask(said.pk, Viewer(moderator), WORDS)
    Notification.objects.update(due_at=timezone.now())
    delivery.deliver()
    [letter] = [sent for sent in mail.outbox if sent.to == [owner.email]]
    assert "A moderator has looked up" in letter.subject
    assert "Mod gave this reason" in letter.body
    # It is no list's mail: a mail program's button would end all the owner's mail.
    assert not [name for name in letter.message() if name.startswith("List-")]
    assert "No more mail" not in letter.body
    assert "All your mail settings: http" in letter.body
    assert WORDS in letter.body
    assert "Judith" not in str(letter.message())
    assert said.author.email not in str(letter.message())


def test_who_is_no_owner_any_more_gets_none(said, owner, moderator):
    unmasking.unmask(said.pk, Viewer(moderator), WORDS)
    owner.role = "member"
    owner.save()
    Notification.objects.update(due_at=timezone.now())
    delivery.deliver()
    assert not mail.outbox


def test_the_writer_reads_in_their_own_record_that_somebody_asked(client, said, moderator):
    unmasking.unmask(said.pk, Viewer(moderator), WORDS)
    client.force_login(said.author)
    record = client.get("/accounts/record/").text
    assert "Looked up whose name it is" in record
    assert WORDS not in record


@pytest.mark.parametrize("who", ["article's moderator", "article's author", "member", "nobody"])
def test_nobody_else_may(client, who):
    host = factories.person("Host")
    post = factories.post(host)
    said = factories.comment(post, author=factories.person("Judith Hale"), signed="alias", author_name="Robin")
    viewers = {"article's moderator": scoped(post), "article's author": host, "member": factories.person()}
    if who in viewers:
        client.force_login(viewers[who])
        with pytest.raises(NotAllowed):
            unmasking.unmask(said.pk, Viewer(viewers[who]), WORDS)
        assert "/unmask/" not in client.get(f"/moderation/comment/{said.pk}/").text
    for answer in (client.get(address(said)), client.post(address(said), {"reason": WORDS})):
        assert answer.status_code in {302, 403, 404}
        assert "Judith Hale" not in answer.text


@pytest.mark.parametrize("signed", ["name", "nobody"])
def test_only_a_name_used_there_alone_is_looked_up(client, said, moderator, signed):
    Comment.objects.filter(pk=said.pk).update(signed=signed)
    client.force_login(moderator)
    assert client.post(address(said), {"reason": WORDS}).status_code == 403


def test_the_owner_s_admin_is_no_way_around_it(client, owner, said):
    writer = said.author
    Alias.objects.create(post=said.post, user=writer, name="Robin", name_key="robin")
    client.force_login(owner)
    entry = said.log.get(action="submit")
    pages = {
        "entry": client.get(f"/admin/comments/moderationlogentry/{entry.pk}/change/"),
        "entries": client.get("/admin/comments/moderationlogentry/"),
        "found": client.get(f"/admin/comments/moderationlogentry/?q={said.pk}"),
        "going": client.get(f"/admin/accounts/user/{writer.pk}/delete/"),
        "all going": client.post(
            "/admin/accounts/user/", {"action": "delete_selected", "_selected_action": [writer.pk]}
        ),
    }  # fmt: skip
    assert {page.status_code for page in pages.values()} == {200}
    for name, page in pages.items():
        assert ("Robin" if "going" in name else "Judith Hale") not in page.text, name
    assert b"1 moderation log entry" in pages["found"].content
    assert b"0 moderation log entr" in client.get("/admin/comments/moderationlogentry/?q=Judith").content
    assert client.post(f"/admin/accounts/user/{writer.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Alias.objects.exists()
