"""Second looks: who may ask, who may answer, and what everybody is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import events, moderation, status, submission
from comments.exceptions import Conflict, NotAllowed, Refused
from comments.models import Appeal, Comment, HouseRules, ModerationLogEntry
from comments.moderation.appeals import WordsAreMissing
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post()


@pytest.fixture
def writer():
    return factories.guest()


@pytest.fixture
def refused(post, moderator, writer):
    comment = factories.comment(post, status="pending", guest_key=writer.guest_key)
    return moderation.decide(comment.pk, "reject", moderator, clause="kind", reason="It is unkind.")


@pytest.fixture
def told(monkeypatch):
    heard = []
    for kind in (events.AppealMade, events.AppealDecided):
        monkeypatch.setitem(events._subscribers, kind, [*events._subscribers[kind], heard.append])
    return heard


def state_of(comment):
    return Comment.objects.get(pk=comment.pk).status


def test_who_wrote_asks_once_and_is_told_until_when(refused, writer, told):
    asked = moderation.appeal(refused, writer, "I meant it as a joke.")
    assert (asked.words, asked.is_open, asked.is_overdue) == ("I meant it as a joke.", True, False)
    assert timedelta(days=6) < asked.due_at - timezone.now() < timedelta(days=8)
    assert asked.decision.action == "reject"
    assert [type(event) for event in told] == [events.AppealMade]
    assert ModerationLogEntry.objects.get(action="appeal").by_author
    with pytest.raises(NotAllowed, match="already"):
        moderation.appeal(refused, writer, "Once more.")


def test_the_owner_sets_the_days_and_can_offer_none(refused, writer):
    HouseRules.change({"appeal_days": 0}, by=None)
    with pytest.raises(NotAllowed, match="does not offer"):
        moderation.appeal(refused, writer, "Please.")
    HouseRules.change({"appeal_days": 2}, by=None)
    asked = moderation.appeal(refused, writer, "Please.")
    assert asked.due_at - timezone.now() < timedelta(days=2)


def test_nobody_else_asks_and_nothing_is_asked_without_words(refused, writer):
    for stranger in (factories.guest(), Viewer(factories.person())):
        with pytest.raises(NotAllowed):
            moderation.appeal(refused, stranger, "Please.")
    with pytest.raises(WordsAreMissing):
        moderation.appeal(refused, writer, "  ")
    assert moderation.appeal(refused, factories.guest(), "By the private link.", by_link=True)


@pytest.mark.parametrize("state", ["pending", "approved", "spam", "withdrawn"])
def test_there_has_to_be_a_decision_to_look_at(post, writer, state):
    comment = factories.comment(post, status=state, guest_key=writer.guest_key)
    with pytest.raises(NotAllowed, match="no decision"):
        moderation.appeal(comment, writer, "Please.")


def test_somebody_else_answers_where_there_is_somebody(refused, writer, moderator, other):
    asked = moderation.appeal(refused, writer, "Please.")
    with pytest.raises(NotAllowed, match="made this decision yourself"):
        moderation.decide_appeal(asked.pk, "reversed", moderator, answer="I was wrong.")
    for nobody in (writer, Viewer(factories.person())):
        with pytest.raises(NotAllowed):
            moderation.decide_appeal(asked.pk, "reversed", nobody, answer="x")
    answered = moderation.decide_appeal(asked.pk, "kept", other, answer="I read it the same way.")
    assert (answered.by_same_person, answered.decided_by_name, state_of(refused)) == (False, "Other", "rejected")


def test_where_there_is_nobody_else_the_same_person_looks_again_and_says_so(refused, writer, moderator, post):
    type(post).objects.filter(pk=post.pk).update(author=moderator.user)
    asked = moderation.appeal(refused, writer, "Please.")
    answered = moderation.decide_appeal(asked.pk, "reversed", moderator, answer="You are right.")
    assert answered.by_same_person
    assert state_of(refused) == "approved"


def test_after_the_deadline_anybody_may_answer(refused, writer, moderator, other):
    asked = moderation.appeal(refused, writer, "Please.")
    Appeal.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert Appeal.objects.get().is_overdue
    answered = moderation.decide_appeal(asked.pk, "kept", moderator, answer="Nobody else came.")
    assert answered.by_same_person
    assert not answered.is_overdue


def test_nobody_answers_on_a_comment_of_their_own(post, moderator):
    author = Viewer(factories.person("Author", "moderator"))
    comment = factories.comment(post, author=author.user)
    removed = moderation.decide(comment.pk, "remove", moderator)
    asked = moderation.appeal(removed, author, "Please.")
    with pytest.raises(NotAllowed, match="your own"):
        moderation.decide_appeal(asked.pk, "reversed", author, answer="I think I am right.")


@pytest.mark.parametrize(
    ("state", "refuse", "back"), [("pending", "reject", "approve"), ("approved", "remove", "restore")]
)
def test_a_reversal_publishes_it_and_the_log_says_both(post, writer, moderator, other, told, state, refuse, back):
    comment = factories.comment(post, status=state, guest_key=writer.guest_key)
    asked = moderation.appeal(moderation.decide(comment.pk, refuse, moderator), writer, "Please.")
    moderation.decide_appeal(asked.pk, "reversed", other, answer="You are right.")
    assert state_of(comment) == "approved"
    actions = list(ModerationLogEntry.objects.filter(comment=comment).order_by("pk").values_list("action", flat=True))
    assert actions == ["submit", refuse, "appeal", "appeal_reversed", back]
    assert [type(event) for event in told] == [events.AppealMade, events.AppealDecided]
    assert (told[1].appeal.outcome, told[1].appeal.answer) == ("reversed", "You are right.")


def test_an_answer_has_words_and_is_given_once(refused, writer, other):
    asked = moderation.appeal(refused, writer, "Please.")
    with pytest.raises(WordsAreMissing):
        moderation.decide_appeal(asked.pk, "kept", other, answer=" ")
    moderation.decide_appeal(asked.pk, "kept", other, answer="No.")
    assert moderation.decide_appeal(asked.pk, "kept", other, answer="No.").answer == "No."
    owner = Viewer(factories.person("Owner", "owner"))
    with pytest.raises(Conflict, match="already by Other: the decision stays"):
        moderation.decide_appeal(asked.pk, "reversed", owner, answer="Yes.")


def test_a_new_decision_may_be_asked_about_anew(refused, writer, moderator, other):
    asked = moderation.appeal(refused, writer, "Please.")
    moderation.decide_appeal(asked.pk, "reversed", other, answer="Yes.")
    again = moderation.decide(refused.pk, "remove", moderator)
    assert moderation.appeal(again, writer, "And now?").is_open


@pytest.mark.parametrize("way", ["withdraw", "resubmit"])
def test_what_its_author_takes_up_again_needs_no_answer(refused, writer, post, way):
    moderation.appeal(refused, writer, "Please.")
    if way == "withdraw":
        submission.withdraw(refused, writer)
    else:
        draft = factories.draft(post, "Kinder words.", viewer=writer, name=refused.author_name)
        submission.edit(refused, draft, seen_revision=refused.revision)
    assert Appeal.objects.get().outcome == "closed"
    assert not moderation.open_appeals(Viewer(factories.person("M", "moderator"))).exists()


def test_a_moderator_who_publishes_it_from_the_queue_has_answered(refused, writer, other, told):
    moderation.appeal(refused, writer, "Please.")
    moderation.decide(refused.pk, "approve", other, reason="We looked again.")
    asked = Appeal.objects.get()
    assert (asked.outcome, asked.answer, asked.decided_by) == ("reversed", "We looked again.", other.user)
    assert type(told[-1]) is events.AppealDecided


def test_the_queue_has_the_oldest_first_and_only_ones_own_articles(post, writer, moderator):
    asked = []
    for where in (post, factories.post(), post):
        comment = factories.comment(where, status="pending", guest_key=writer.guest_key)
        declined = moderation.decide(comment.pk, "reject", moderator)
        asked.append(moderation.appeal(declined, writer, "Please."))
    assert list(moderation.open_appeals(moderator)) == asked
    assert list(moderation.open_appeals(Viewer(post.author))) == [asked[0], asked[2]]
    assert list(moderation.open_appeals(Viewer(factories.person()))) == []


def test_a_new_text_goes_to_a_moderator_whatever_the_rules_say(refused, writer, post):
    factories.comment(post, guest_key=writer.guest_key)  # no newcomer any more
    draft = factories.draft(post, "Kinder words.", viewer=writer, name=refused.author_name)
    again = submission.edit(refused, draft, seen_revision=refused.revision)
    assert (again.status, again.revision, again.body) == ("pending", 2, "Kinder words.")
    entry = ModerationLogEntry.objects.get(action="resubmit")
    assert (entry.by_author, entry.old, entry.new, entry.revision) == (True, "rejected", "pending", 2)
    assert entry.rules[0]["code"] == "resubmitted"
    assert again.reasons[0]["code"] == "resubmitted"


def test_the_same_text_is_not_submitted_again(refused, writer, post):
    draft = factories.draft(post, refused.body, viewer=writer, name=refused.author_name)
    with pytest.raises(Refused, match="not changed"):
        submission.edit(refused, draft, seen_revision=1)
    assert state_of(refused) == "rejected"


def test_it_is_submitted_again_as_often_as_the_owner_says(refused, writer, post, moderator):
    HouseRules.change({"resubmissions": 1}, by=None)
    draft = factories.draft(post, "Kinder words.", viewer=writer, name=refused.author_name)
    submission.edit(refused, draft, seen_revision=1)
    moderation.decide(refused.pk, "reject", moderator)
    draft = factories.draft(post, "Other words.", viewer=writer, name=refused.author_name)
    with pytest.raises(NotAllowed, match="second look"):
        submission.edit(refused, draft, seen_revision=2)


def test_a_decision_binds_to_the_text_that_was_read(refused, writer, post, moderator):
    draft = factories.draft(post, "Kinder words.", viewer=writer, name=refused.author_name)
    submission.edit(refused, draft, seen_revision=1)
    with pytest.raises(Conflict, match="has edited"):
        moderation.decide(refused.pk, "approve", moderator, seen_revision=1)
    assert status.last_change(Comment.objects.get(pk=refused.pk)).action == "resubmit"
