"""Second looks: asked for by who wrote, decided by somebody else than before where there is somebody else."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments import log, permissions, status
from comments.events import AppealDecided, AppealMade, StatusChanged, publish, subscribe
from comments.exceptions import CommentsError, Conflict
from comments.models import Appeal, Comment, HouseRules
from comments.viewers import Viewer

from .queues import moderated_by

_REVERSED_BY = {Comment.Status.REJECTED: "approve", Comment.Status.REMOVED: "restore"}


class WordsAreMissing(CommentsError):
    code = "words_needed"
    http_status = 422


def appeal(comment: Comment, viewer: Viewer, words: str, *, by_link: bool = False) -> Appeal:
    """Asks for a second look at the decision by which a comment was declined or removed."""
    if not words.strip():
        raise WordsAreMissing("Please say in a few words what should be looked at again.", field="words")
    rules = HouseRules.current()
    with transaction.atomic():
        comment = Comment.objects.locked(comment.pk)
        decision = status.refusal_of(comment)
        permissions.ensure(permissions.why_not_appeal(viewer, comment, rules, decision, by_link=by_link))
        made = Appeal.objects.create(
            comment=comment, decision=decision, words=words, due_at=timezone.now() + timedelta(days=rules.appeal_days)
        )
        log.write(comment, "appeal", actor=comment.author, by_author=True)
        publish(AppealMade(comment, appeal=made))
        return made


def open_appeals(viewer: Viewer) -> Any:
    """What this viewer's second looks are asked for at, the oldest first."""
    mine = Appeal.objects.open().filter(comment__in=moderated_by(viewer).values("pk"))
    return mine.select_related("comment__post", "comment__author", "decision").order_by("made_at", "pk")


def decide_appeal(appeal_id: int, outcome: str, viewer: Viewer, *, answer: str) -> Appeal:
    """Answers an appeal, in words: the decision stays ("kept"), or is taken back ("reversed")."""
    if outcome not in {Appeal.Outcome.KEPT, Appeal.Outcome.REVERSED}:
        raise CommentsError("There is no such answer.")
    with transaction.atomic():
        number = Appeal.objects.filter(pk=appeal_id).values_list("comment_id", flat=True).first()
        comment = Comment.objects.locked(number)
        asked = Appeal.objects.select_related("decision").get(pk=appeal_id)
        asked.comment = comment
        permissions.ensure(permissions.why_not_decide_appeal(viewer, asked))
        if asked.outcome == outcome:
            return asked
        if not asked.is_open:
            by = f" by {asked.decided_by_name}" if asked.decided_by_name else ""
            raise Conflict(f"This was answered already{by}: {asked.get_outcome_display().lower()}.")
        if not answer.strip():
            raise WordsAreMissing("Please tell the author why, in a few words.", field="answer")
        _close(asked, outcome, viewer.user, answer)
        log.write(comment, f"appeal_{outcome}", actor=viewer.user, why=log.Why(reason=answer))
        if outcome == Appeal.Outcome.REVERSED:
            back = _REVERSED_BY[comment.status]
            asked.comment = status.change_status(comment.pk, back, actor=viewer.user, why=log.Why(reason=answer))
        publish(AppealDecided(asked.comment, appeal=asked))
        return asked


@subscribe(StatusChanged)
def close_what_is_settled(event: StatusChanged) -> None:
    """What was declined or removed and is so no longer needs no second look."""
    if event.old not in status.REFUSED:
        return
    for asked in Appeal.objects.open().filter(comment=event.comment):
        if event.action not in status.OF_THE_AUTHOR and event.new == Comment.Status.APPROVED:
            _close(asked, Appeal.Outcome.REVERSED, event.actor, event.why.reason if event.why else "")
            log.write(event.comment, "appeal_reversed", actor=event.actor)
            publish(AppealDecided(event.comment, appeal=asked))
        else:
            _close(asked, Appeal.Outcome.CLOSED, None, "")
            log.write(event.comment, "appeal_closed")


def _close(asked: Appeal, outcome: str, by: Any, answer: str) -> None:
    asked.outcome, asked.answer, asked.decided_at = outcome, answer, timezone.now()
    asked.decided_by, asked.decided_by_name = by, by.display_name if by else ""
    asked.by_same_person = by is not None and asked.decision.actor_id == by.pk
    asked.save()
