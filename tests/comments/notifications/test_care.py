"""Who is on call is told by mail that somebody may need them, and what the mail does not say."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from comments import care, moderation, status
from comments.models import CareItem, CareResponder, HelpLine, Kind, Notification
from comments.notifications import Recipient, change_preferences, delivery, preferences_of
from comments.submission import submit
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
HEAVY = "I want to die, and nobody would notice."


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def post():
    return factories.post(factories.person("Host"), title="A bench")


@pytest.fixture
def on_call():
    HelpLine.objects.create(name="The Night Line", phone="116 123")
    people = [factories.person("Nora", "moderator"), factories.person("Otto", "owner")]
    for person in people:
        CareResponder.objects.create(person=person)
    factories.person("Not on call", "moderator")
    return people


def told():
    before = len(mail.outbox)
    delivery.deliver()
    return mail.outbox[before:]


def worry(comment, number=1):
    moderation.flag(comment.pk, factories.guest(), reporter_key=f"network:{number}", reason=moderation.WORRIED)


def test_those_on_call_are_told_at_once_though_the_comment_is_published(post, on_call):
    change_preferences(preferences_of(Recipient(on_call[0].pk)), alerts="never")
    writer = factories.person("Judith", standing="trusted")
    comment = submit(factories.draft(post, HEAVY, viewer=Viewer(writer), name="", email=""))
    assert comment.status == "approved"
    letters = [letter for letter in told() if "need you" in letter.subject]
    assert sorted(letter.to[0] for letter in letters) == sorted(person.email for person in on_call)
    for letter in letters:
        whole = letter.body + letter.alternatives[0][0]
        assert "http://testserver/moderation/care/" in whole
        for words in ("want to die", "Judith", "A bench"):
            assert words not in letter.subject + whole
    assert told() == []


def test_the_second_who_worries_sends_no_second_mail(post, on_call):
    comment = factories.comment(post)
    worry(comment, 1)
    worry(comment, 2)
    assert len(told()) == len(on_call)


def test_nobody_is_told_of_what_somebody_looks_after_or_may_no_longer_look_at(post, on_call):
    nora, otto = on_call
    worry(factories.comment(post))
    care.claim(CareItem.objects.get().pk, Viewer(otto))
    assert told() == []
    worry(factories.comment(post))
    type(nora).objects.filter(pk=nora.pk).update(role="member")
    assert [letter.to[0] for letter in told()] == [otto.email]


def test_where_nobody_is_on_call_moderators_hear_of_a_worry(post):
    moderator = factories.person("Mod", "moderator")
    comment = factories.comment(post)
    worry(comment)
    assert [letter.to[0] for letter in told()] == [moderator.email]
    # What is withdrawn meanwhile may still have been meant.
    worry(other := factories.comment(post))
    status.change_status(other.pk, "withdraw")
    assert len(told()) == 1


def test_whoever_worries_about_everything_floods_nobody(post, on_call):
    for _ in range(20):
        worry(factories.comment(post))
    assert len(told()) == 5 * len(on_call)
    waiting = Notification.objects.owed().filter(kind=Kind.CARE)
    assert set(waiting.values_list("bundle", flat=True)) == {"care"}
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        letters = told()
    assert len(letters) == len(on_call)
    assert "What 15 people have written here may mean" in letters[0].body
    assert not waiting.exists()


def test_one_click_in_such_a_mail_ends_this_kind_alone(post, on_call, client):
    nora, otto = on_call
    worry(factories.comment(post))
    letter = next(letter for letter in told() if letter.to == [nora.email])
    address = letter.extra_headers["List-Unsubscribe"].split(">")[0].strip("<")
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert "on call here" in client.get(address).text
    wishes = preferences_of(Recipient(nora.pk))
    assert (wishes.care, wishes.stopped_at) == ("never", None)
    worry(factories.comment(post))
    assert [letter.to[0] for letter in told()] == [otto.email]


@pytest.mark.parametrize("kind", ["care", "all"])
def test_that_somebody_on_call_gets_no_mail_is_said_to_them_and_to_the_owner(post, on_call, client, kind):
    nora, otto = on_call
    arranged, theirs = reverse("moderation:arrange_care"), reverse("notifications:preferences")
    ends = reverse("notifications:end_kind", args=[preferences_of(Recipient(nora.pk)).token, kind])
    assert "no mail would tell you any more of somebody" in client.get(ends).text
    client.force_login(otto, backend="django.contrib.auth.backends.ModelBackend")
    assert "gets no mail" not in client.get(arranged).text
    assert "no mail will tell you of somebody" in client.post(ends, {"List-Unsubscribe": "One-Click"}).text
    assert client.get(arranged).text.count("gets no mail: they ended it") == 1
    client.force_login(nora, backend="django.contrib.auth.backends.ModelBackend")
    assert "You are on call, and no mail tells you" in client.get(theirs).text


def test_who_is_not_on_call_is_told_nothing_of_it(client):
    member = factories.person("Member")
    ends = reverse("notifications:end_kind", args=[preferences_of(Recipient(member.pk)).token, "all"])
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    for page in (client.get(ends), client.post(ends), client.get(reverse("notifications:preferences"))):
        assert "on call" not in page.text
        assert "danger" not in page.text


@pytest.mark.parametrize("many", [1, 2])
def test_what_waits_is_not_quoted_where_it_may_be_heavy(post, on_call, many):
    moderator = on_call[0]
    change_preferences(preferences_of(Recipient(moderator.pk)), alerts="hourly")
    comments = [submit(factories.draft(post, HEAVY))]
    comments += [submit(factories.draft(post, "The kettle and the chair.")) for _ in range(many - 1)]
    assert all(comment.status == "pending" for comment in comments)
    begun = timezone.now()
    with time_machine.travel(begun + timedelta(minutes=5)):
        told()
    with time_machine.travel(begun + timedelta(hours=3)):
        [alert] = [letter for letter in told() if letter.to == [moderator.email] and "wait" in letter.subject]
    for text in (alert.body, alert.alternatives[0][0]):
        assert "want to die" not in text
        assert f"http://testserver/moderation/comment/{comments[0].pk}/" in text
        assert text.count("The kettle and the chair.") == many - 1
        assert text.count("Decline it") == many - 1
