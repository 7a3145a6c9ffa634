"""Links in mails to moderators: they ask first, decide on one text as one person, and say what others did meanwhile."""

import re
import time

import pytest

from comments import care, moderation, private_links, submission
from comments.models import Comment, ModerationLogEntry, Notification
from comments.notifications import recipients, wording, writing
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    factories.published_guidelines("Be kind")
    return factories.post()


@pytest.fixture
def moderator():
    return factories.person("Mod", "moderator")


@pytest.fixture
def comment(post):
    return factories.comment(post, "A held one.", status="pending", reasons=[{"code": "links", "detail": "3 links"}])


def link(comment, action, person):
    return private_links.link_to_decide(comment.pk, comment.revision, action, person.pk)


def test_a_mail_about_several_lets_each_of_them_be_decided(post, moderator):
    rows = []
    for number in range(2):
        held = factories.comment(post, f"Held {number}.", status="pending")
        rows.append(
            Notification(kind="alert", key=f"{number}", who=f"account:{moderator.pk}", user=moderator, comment=held)
        )
    letter = wording.digest(rows)
    assert not letter.choices
    for row, quote in zip(rows, letter.quotes, strict=True):
        assert [words for words, _address in quote.choices] == ["Approve it", "Decline it", "It is spam"]
        said = private_links.decision_of(quote.choices[0][1].rstrip("/").rsplit("/", 1)[1])
        assert said == (row.comment_id, 1, moderator.pk, "approve")


def state_of(comment):
    return Comment.objects.get(pk=comment.pk).status


@pytest.mark.parametrize(("action", "new"), [("approve", "approved"), ("reject", "rejected"), ("mark_spam", "spam")])
def test_the_link_shows_and_the_form_decides(client, comment, moderator, action, new):
    address = link(comment, action, moderator)
    for method in (client.get, client.head):
        assert method(address).status_code == 200
    page = client.get(address)
    assert "A held one." in page.text
    assert "3 links" in page.text
    assert page["Cache-Control"] == "private, no-store"
    assert state_of(comment) == "pending"
    done = client.post(address, {"clause_mail": "be-kind", "reason_mail": "Please write it otherwise."})
    assert done.status_code == 200
    assert state_of(comment) == new
    entry = ModerationLogEntry.objects.order_by("-pk").first()
    assert (entry.action, entry.actor_id, entry.clause) == (action, moderator.pk, "be-kind")


def test_what_is_in_care_is_opened_by_a_click(client, comment, moderator):
    folded = '<details class="heavy">'
    assert folded not in client.get(link(comment, "approve", moderator)).text
    care.open_by_hand(comment.pk, Viewer(moderator), words="Somebody should read this.")
    assert folded in client.get(link(comment, "approve", moderator)).text


def test_who_comes_second_learns_who_was_first(client, comment, moderator):
    address = link(comment, "approve", moderator)
    moderation.decide(comment.pk, "reject", Viewer(factories.person("Ada", "moderator")), clause="be-kind")
    for answer in (client.get(address), client.post(address)):
        assert "by Ada (clause be-kind)" in answer.text
    assert state_of(comment) == "rejected"


def test_a_text_that_was_edited_since_is_not_decided_on(client, comment, moderator):
    address = link(comment, "approve", moderator)
    Comment.objects.filter(pk=comment.pk).update(revision=2)
    assert "has edited it" in client.get(address).text
    assert client.post(address).status_code == 409
    assert state_of(comment) == "pending"


def test_a_link_is_of_no_use_to_others_later_or_changed(client, comment, moderator, monkeypatch):
    good = link(comment, "approve", moderator)
    token = good.rstrip("/").rpartition("/")[2]
    forged = private_links.link_to_decide(comment.pk, 1, "remove", moderator.pk)
    member = link(comment, "approve", factories.person())
    gone = link(comment, "approve", factories.person("Gone", "moderator", is_active=False))
    own = f"/moderation/by-mail/{private_links.token_of(comment.pk)}/"
    for address in (good.replace(token, token[:-1] + ("A" if token[-1] != "A" else "B")), forged, member, gone, own):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code == 404
    now = time.time
    monkeypatch.setattr("time.time", lambda: now() + 3 * 24 * 3600 + 60)
    assert client.post(good).status_code == 404
    assert state_of(comment) == "pending"


def test_the_mail_about_one_waiting_comment_has_the_links(post, moderator):
    submission.submit(factories.draft(post, "Please read me."))
    row = Notification.objects.filter(kind="alert", user=moderator).get()
    letter = wording.LETTERS["alert"](row)
    assert [words for words, _address in letter.choices] == ["Approve it", "Decline it", "It is spam"]
    written = writing.mail([row], recipients.preferences_of(recipients.of(row)), "mod@example.org")
    (html, _kind) = written.alternatives[0]
    for _words, address in letter.choices:
        assert re.match(r"https?://[^/]+/moderation/by-mail/", address)
        assert address in written.body
        assert address in html
    assert wording.digest([row, row]).choices == []
