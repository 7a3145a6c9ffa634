"""Who is on call is told by mail that somebody may need them, and what the mail does not say."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
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
