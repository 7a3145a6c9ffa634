"""Answers by mail: whose they are, what the rules make of them, and what is said to what is not taken."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import moderation
from comments.models import Alias, Comment, Notification, ReceivedMail, Subscription
from comments.notifications import Recipient, addresses, subscriptions
from comments.submission import withdraw
from comments.viewers import Viewer
from tests import factories

from .conftest import answer, as_read, come_in, newest, refusal

pytestmark = pytest.mark.django_db


def test_an_answer_to_a_mail_from_before_the_guidelines_agrees_to_nothing_and_is_not_taken(told):
    factories.published_guidelines()
    assert come_in(answer(told)) == "refused"
    assert Comment.objects.count() == 2


def test_it_goes_through_the_ordinary_submission(post, michelle, published, deliver):
    version = factories.published_guidelines()
    jim = published(post, "You are not alone.", parent=factories.comment(post, author=michelle), author_name="Jim")
    [told] = deliver()
    assert come_in(answer(told, "Thank you, *Jim*.")) == "taken"
    mine = newest()
    assert (mine.parent_id, mine.author, mine.body) == (jim.pk, michelle, "Thank you, *Jim*.")
    assert "<em>Jim</em>" in mine.body_html
    assert mine.is_approved
    assert (mine.acceptance.version, mine.acceptance.channel) == (version, "mail")
    assert mine.acceptance.sentence == "By answering this mail you agree to follow the Commenting Guidelines"
    assert "Passport" not in str(Comment.objects.values())


def test_the_mail_says_how_it_is_answered_as_whom_and_what_that_agrees_to(told, michelle):
    message = as_read(told)
    local, _, host = message["Reply-To"].partition("@")
    assert host == "mail.example.org"
    assert len(local) <= 64
    text, html = (part.get_content() for part in message.iter_parts())
    for part in (text, html):
        assert "under the name Michelle" in " ".join(part.split())
        assert "By answering this mail you agree to follow the Commenting Guidelines" in part
        assert "http://testserver/guidelines/" in part
    assert "Michelle" not in text[:300]


def test_a_guest_answers_under_the_name_that_stands_here(guest_told):
    assert come_in(answer(guest_told)) == "taken"
    mine = newest()
    judith = Comment.objects.get(author_name="Judith", parent=None)
    assert (mine.author, mine.author_name, mine.author_email) == (None, "Judith", "Judith@example.org")
    assert mine.guest_key == judith.guest_key
    assert mine.is_approved  # somebody with one approved comment, as from the form


def test_a_guest_who_never_wrote_has_no_name_and_is_offered_no_answer(post, published, deliver):
    wish = subscriptions.follow_article(post, Recipient(email="silent@example.org"))
    subscriptions.confirm(wish)
    published(post)
    [told] = [m for m in deliver() if "Re:" in m.subject]
    assert as_read(told)["Reply-To"] is None
    row = Notification.objects.get(kind="article")
    assert come_in(answer(told, To=addresses.for_answers(row, 0))) == "dropped"


def test_an_address_that_was_never_confirmed_answers_nothing(guest_told):
    Subscription.objects.update(confirmed_at=None)
    assert come_in(answer(guest_told)) == "dropped"


def test_who_opened_an_account_since_answers_as_that_account(guest_told):
    person = factories.person("Judith B")
    person.emailaddress_set.update(email="judith@example.org")
    assert come_in(answer(guest_told)) == "taken"
    assert newest().author == person


def test_who_was_answered_under_another_name_answers_under_that(post, michelle, published, deliver):
    Alias.objects.create(post=post, user=michelle, name="Heron", name_key="heron")
    hidden = factories.comment(post, author=michelle, author_name="Heron", signed="alias")
    published(post, parent=hidden)
    [told] = deliver()
    assert "under the name Heron" in " ".join(told.body.split())
    assert "Michelle" not in told.body
    assert come_in(answer(told)) == "taken"
    assert (newest().signed, newest().author_name, newest().author) == ("alias", "Heron", michelle)


def test_who_was_answered_under_their_own_name_answers_under_that(post, told, michelle):
    Alias.objects.create(post=post, user=michelle, name="Heron", name_key="heron")
    assert come_in(answer(told)) == "taken"
    assert (newest().signed, newest().author_name) == ("name", "Michelle")


def test_what_is_only_followed_is_answered_under_the_name_that_is_used_only_there(post, michelle, published, deliver):
    subscriptions.follow_article(post, Recipient(michelle.pk))
    published(post)
    [told] = [m for m in deliver() if m.to == [michelle.email]]
    Alias.objects.create(post=post, user=michelle, name="Heron", name_key="heron")
    assert come_in(answer(told)) == "taken"
    assert newest().author_name == "Heron"


def test_whose_name_was_taken_off_is_not_named_by_a_mail(post, told, michelle, deliver):
    Comment.objects.filter(author=michelle).update(signed="nobody", author_name="A reader")
    said = refusal(told, deliver)
    assert "taken your name off" in said.body


def test_a_guest_whose_name_was_taken_off_is_not_named_by_a_mail(guest_told):
    Comment.objects.filter(author_name="Judith").update(signed="nobody")
    assert come_in(answer(guest_told)) == "dropped"


def test_a_closed_account_answers_nothing(told, michelle):
    michelle.is_active = False
    michelle.save()
    assert come_in(answer(told)) == "dropped"


@pytest.mark.parametrize("times", [2])
def test_the_same_mail_twice_is_one_comment(told, deliver, times):
    message = answer(told)
    assert [come_in(message) for _ in range(times)] == ["taken", "twice"]
    again = answer(told, Message_ID="<answer.2@home.example>")
    assert come_in(again) == "taken"  # sent again by hand, the same words: the first comment stands
    assert Comment.objects.filter(author__isnull=False).exclude(parent=None).count() == 1


def test_a_mail_whose_comment_was_stored_just_before_the_end_is_taken_once_more_as_one(told, monkeypatch):
    from comments.incoming import answers

    def killed(*_rest, **_more):
        raise KeyboardInterrupt

    monkeypatch.setattr(answers, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        come_in(answer(told))
    monkeypatch.undo()
    come_in(answer(told))
    assert Comment.objects.filter(body="Thank you, Jim.").count() == 1
    assert ReceivedMail.objects.get().comment == newest()


# --- What the rules say ---


def test_a_removed_comment_cannot_be_answered_and_the_text_comes_back(client, post, told, michelle, deliver):
    jim = Comment.objects.get(author_name="Jim")
    moderation.decide(jim.pk, "remove", Viewer(factories.person("Mod", role="moderator")))
    said = refusal(told, deliver)
    assert "no longer public" in said.body
    client.force_login(michelle)
    page = client.get(re.search(r"http://testserver(/mail/returned/\S+)", said.body)[1]).content.decode()
    assert "My long thoughts." in page


def test_a_closed_discussion_a_locked_branch_a_ban_a_pause_are_said(post, told, deliver, michelle):
    jim = Comment.objects.get(author_name="Jim")
    post.discussion.is_open = False
    post.discussion.save()
    assert "closed" in refusal(told, deliver).body
    post.discussion.is_open = True
    post.discussion.save()
    Comment.objects.filter(pk=jim.pk).update(is_locked=True)
    assert "closed this branch" in refusal(told, deliver, Message_ID="<2@x.example>").body
    Comment.objects.filter(pk=jim.pk).update(is_locked=False)
    ban = factories.restriction(michelle, "ban")
    assert "no longer write here" in refusal(told, deliver, Message_ID="<3@x.example>").body
    ban.delete()
    factories.restriction(michelle, "mute", until=timezone.now() + timedelta(days=1))
    assert "asked for a pause" in refusal(told, deliver, Message_ID="<4@x.example>").body


def test_a_ban_on_a_guest_s_browser_holds_by_mail_too(client, guest_told, deliver):
    from comments.models import Restriction

    key = Comment.objects.get(author_name="Judith").guest_key
    Restriction.objects.create(guest_key=key, kind="ban", reason="A test.")
    said = refusal(guest_told, deliver)
    assert "no longer write here" in said.body
    page = client.get(re.search(r"http://testserver(/mail/returned/\S+)", said.body)[1]).content.decode()
    assert "My long thoughts." in page
    assert "Judith" in page
    assert "@example.org" not in page.replace("name@example.org", "")


def test_guidelines_that_changed_since_are_shown_first_with_the_text_kept(client, post, michelle, published, deliver):
    factories.published_guidelines()
    published(post, parent=factories.comment(post, author=michelle))
    [told] = deliver()
    factories.published_guidelines("Be kind", "Speak for yourself", "No advice")
    said = refusal(told, deliver)
    assert "Guidelines have changed" in said.body
    client.force_login(michelle)
    page = client.get(re.search(r"http://testserver(/mail/returned/\S+)", said.body)[1]).content.decode()
    assert "My long thoughts." in page
    assert "No advice" in page  # what has changed stands beside it
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?', page))
    fields |= {"body": "My long thoughts.", "homepage": ""}
    client.post(reverse("comments:submit", args=[post.pk]), fields)
    assert newest().body == "My long thoughts."
    assert newest().parent == Comment.objects.get(post=post, author=None)


def test_too_long_empty_and_late_are_said(told, deliver):
    come_in(answer(told, "word " * 4_000))
    [said] = deliver()
    assert "characters longer" in said.body
    assert come_in(answer(told, "", Message_ID="<2@x.example>")) == "refused"
    [said] = deliver()
    assert "no words of yours" in said.body
    Notification.objects.filter(kind="reply").update(ended_at=timezone.now() - timedelta(days=61))
    assert "sent long ago" in refusal(told, deliver, Message_ID="<3@x.example>").body


def test_who_sends_a_lot_that_is_not_taken_hears_of_it_five_times_a_day(told, deliver):
    for number in range(8):
        come_in(answer(told, "", Message_ID=f"<{number}@x.example>"))
    assert len(deliver()) == 5


def test_what_waits_is_told_of_and_what_is_published_is_not(told, guest_told, deliver):
    come_in(answer(told))
    assert [m for m in deliver() if "Your answer" in m.subject] == []
    come_in(answer(guest_told, From="judith@work.example"))
    [said] = [m for m in deliver() if "Your answer" in m.subject]
    assert said.to == ["Judith@example.org"]
    assert "waits for a moderator" in said.body
    assert "/comment/own/" in said.body
    # What nobody subscribed to ends nothing by a mail program's button.
    assert "List-Unsubscribe" not in as_read(said)
    assert "All your mail settings: http" in said.body


def test_attachments_are_left_out_and_that_is_said(told, deliver):
    message = answer(told)
    message.add_attachment(b"\x89PNG" * 100, maintype="image", subtype="png", filename="me.png")
    assert come_in(message) == "taken"
    [said] = [m for m in deliver() if "Your answer" in m.subject]
    assert "attached to your mail was left out" in said.body


def test_a_thread_of_mails_goes_on_below_one_s_own_answer(post, told, michelle, published, deliver):
    come_in(answer(told))
    published(post, parent=newest(), author_name="Jim")
    [next_one] = [m for m in deliver() if m.to == [michelle.email]]
    message = as_read(next_one)
    assert message["In-Reply-To"] == "<answer.1@home.example>"
    assert as_read(told)["Message-ID"] in message["References"].split()


def test_a_withdrawn_comment_s_writer_may_still_answer(guest_told):
    """That they took their words back does not make them strangers."""
    judith = Comment.objects.get(author_name="Judith")
    withdraw(judith, Viewer(guest_key=judith.guest_key))
    assert come_in(answer(guest_told)) == "taken"


def test_a_text_is_given_back_to_its_writer_and_forgotten_after_two_weeks(client, told, michelle, deliver):
    from comments.notifications import tasks

    Notification.objects.filter(kind="reply").update(ended_at=timezone.now() - timedelta(days=61))
    link = re.search(r"http://testserver(/mail/returned/\S+)", refusal(told, deliver).body)[1]
    assert client.get(link)["Location"].startswith("/accounts/login/")
    client.force_login(factories.person())
    assert client.get(link).status_code == 404
    client.force_login(michelle)
    assert client.get(link).status_code == 200
    ReceivedMail.objects.update(received_at=timezone.now() - timedelta(days=15))
    tasks.forget_old_mail.call()
    assert set(ReceivedMail.objects.values_list("body", flat=True)) == {""}
    assert client.get(link).status_code == 404
