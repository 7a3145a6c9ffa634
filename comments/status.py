"""The one place where a comment's status changes, and where that leaves its log entry."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from storied import rows
from storied.front import discussion_changes
from storied.turns import once_more

from . import log
from .events import CommentPublished, StatusChanged, publish
from .exceptions import CommentsError, Conflict
from .log import UNSAID, Why
from .models import Comment, Discussion, GuidelineClause, ModerationLogEntry

__all__ = [
    "OF_THE_AUTHOR",
    "REFUSED",
    "TRANSITIONS",
    "UNDO_TIME",
    "NoSuchTransition",
    "Why",
    "allowed",
    "begin",
    "change_locked",
    "change_status",
    "clause_named",
    "clauses_named",
    "last_change",
    "recount",
    "refusal_of",
    "to_be_undone",
    "undo",
    "who_decided",
    "wrong_counts",
]

PENDING, APPROVED, REJECTED, REMOVED, SPAM, WITHDRAWN = Comment.Status.values

# action → (from, to). Whatever does not stand here raises.
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "approve": (frozenset({PENDING, SPAM, REJECTED}), APPROVED),
    "reject": (frozenset({PENDING, SPAM}), REJECTED),
    "mark_spam": (frozenset({PENDING, APPROVED, REJECTED, REMOVED}), SPAM),
    "remove": (frozenset({APPROVED}), REMOVED),
    "restore": (frozenset({REMOVED}), APPROVED),
    # A reply that goes, and comes back, with the branch that it stands in.
    "remove_below": (frozenset({APPROVED}), REMOVED),
    "restore_below": (frozenset({REMOVED}), APPROVED),
    "hold": (frozenset({APPROVED}), PENDING),
    "resubmit": (frozenset({REJECTED, REMOVED}), PENDING),
    # Of spam too: whoever wrote it is told no more than that it waits.
    "withdraw": (frozenset({PENDING, APPROVED, REJECTED, REMOVED, SPAM}), WITHDRAWN),
}
# What a comment's author does; everything else is a moderator's, or Storied's own.
OF_THE_AUTHOR = frozenset({"withdraw", "resubmit"})
# What an author can do something about: write it anew, ask for a second look, or let it be.
REFUSED = frozenset({REJECTED, REMOVED})
# What an entry of the log may have brought about that can be undone, or stands in the way of undoing the one before.
_DECIDED = (*Comment.Status.values, ModerationLogEntry.KEPT, ModerationLogEntry.REPORTED)
# Long enough to see that one has pressed the wrong key, too short for anybody to have had mail about it.
UNDO_TIME = timedelta(seconds=30)


class NoSuchTransition(CommentsError):
    code = "no_such_transition"
    http_status = 409


def allowed(comment: Comment) -> list[str]:
    """The actions that this comment's status admits."""
    if comment.emptied_at is not None:
        return []
    return [action for action, (old, _new) in TRANSITIONS.items() if comment.status in old]


def change_status(
    comment_id: int, action: str, *, actor: Any = None, why: Why = UNSAID, seen_revision: int | None = None
) -> Comment:
    """Moves a comment along the transition table and writes its log entry, in one transaction.

    Doing again what is done already is a quiet no-op. `actor` None is Storied itself. `seen_revision` is the revision
    that whoever decides has read: Conflict if the author has edited it since, or if somebody decided otherwise.
    """
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        change_locked(comment, action, actor=actor, why=why, seen_revision=seen_revision)
        return comment


def change_locked(
    comment: Comment, action: str, *, actor: Any = None, why: Why = UNSAID, seen_revision: int | None = None
) -> None:
    """The same for who holds the comment's lock already (`Comment.objects.locked`)."""
    old_statuses, new = TRANSITIONS[action]
    if comment.status == new:
        return
    if comment.status not in old_statuses:
        raise NoSuchTransition(_cannot(comment))
    _ensure_there_is_a_text(comment)
    if seen_revision is not None and seen_revision != comment.revision:
        raise Conflict(
            f"{comment.author_name} has edited this comment since you opened it. Please read it again first."
        )
    _change(comment, action, new, actor, why)


def to_be_undone(
    comment: Comment, *, actor: Any, batch: UUID | None = None, decided_at: datetime | None = None
) -> ModerationLogEntry:
    """One's own last decision on a comment, which can be taken back at once and without words; the comment is locked.

    With `batch` only if that very decision was the last one. `decided_at` is when a decision on many was through.
    """
    _ensure_there_is_a_text(comment)
    last = comment.log.filter(new__in=_DECIDED).order_by("-pk").first()
    is_its_state = last is not None and (last.new == comment.status or last.action == "keep")
    if not is_its_state or last.by_author or last.action in {"submit", "undo"}:
        raise NoSuchTransition("There is no decision on this comment that could be taken back.")
    if (batch is not None and last.batch != batch) or last.actor_id != actor.pk:
        raise NoSuchTransition(_cannot(comment))
    if timezone.now() - (decided_at or last.at) > UNDO_TIME:
        raise NoSuchTransition(
            f"This was decided more than {UNDO_TIME.seconds} seconds ago. Please decide anew, with a few words on why."
        )
    return last


def undo(comment: Comment, last: ModerationLogEntry, *, actor: Any) -> Comment:
    """The comment, which is locked, gets the status that it had before that decision."""
    before = comment.log.of_status().filter(pk__lt=last.pk, new=last.old).order_by("-pk").first()
    # So that a placeholder says again for which clause.
    _change(comment, "undo", last.old, actor, Why(clause=before.clause if before else ""))
    return comment


def last_change(comment: Comment) -> ModerationLogEntry | None:
    """The entry that brought the comment to its status; None for one that was imported with it."""
    return comment.log.of_status().order_by("-pk").first()


def refusal_of(comment: Comment) -> ModerationLogEntry | None:
    """The decision by which a comment was declined or removed, with its clause and words; None while it is not."""
    if comment.status not in REFUSED:
        return None
    return comment.log.decisions().filter(new=comment.status).exclude(action="undo").order_by("-pk").first()


def who_decided(comment: Comment) -> str:
    """What the comment is now and by whom, in words: “declined” now, by Ann (clause be-kind)."""
    last = last_change(comment)
    by = ""
    if last is not None and not last.by_author:
        by = f", by {last.actor_name or 'the house rules'}"
        by += f" (clause {last.clause})" if last.clause else ""
    return f"“{comment.get_status_display().lower()}” now{by}"


def begin(comment: Comment, why: Why = UNSAID) -> None:
    """The first log entry of a comment that was just stored, and the counts if it is public at once."""
    log.write(comment, "submit", actor=comment.author, why=why, new=comment.status, by_author=True)
    if comment.status == APPROVED:
        discussion_changes(comment.post_id)
        _count(comment, +1, first_time=True)


_COUNTED = {
    "comment_count": Q(status=APPROVED, kind=Comment.Kind.COMMENT),
    "linkback_count": Q(status=APPROVED) & ~Q(kind=Comment.Kind.COMMENT),
    "public_count": Q(published_at__isnull=False, kind=Comment.Kind.COMMENT),
}


def wrong_counts() -> list[int]:
    """The posts whose stored counts are not those of their comments: two queries, and two more for each of these."""
    counted = (
        Comment.objects.order_by()
        .values("post")
        .annotate(**{f"n_{name}": Count("pk", filter=which) for name, which in _COUNTED.items()})
    )
    right = {row["post"]: tuple(row[f"n_{name}"] for name in _COUNTED) for row in counted}
    stored = {pk: tuple(counts) for pk, *counts in Discussion.objects.values_list("pk", *_COUNTED)}
    nothing = (0,) * len(_COUNTED)
    seems_wrong = [pk for pk in sorted({*right, *stored}) if right.get(pk, nothing) != stored.get(pk, nothing)]
    # Somebody may have written between the two queries.
    return [pk for pk in seems_wrong if _is_wrong(pk)]


def _is_wrong(post_id: int) -> bool:
    with transaction.atomic():
        found = Discussion.objects.select_for_update(of=("self",)).filter(post=post_id).values(*_COUNTED).first()
        return (found or dict.fromkeys(_COUNTED, 0)) != _counts_of(post_id)


@once_more
def recount(post_id: int) -> None:
    """Counts a discussion anew."""
    with transaction.atomic():
        discussion_changes(post_id)
        # Locked before it is counted: who adds one meanwhile waits, and adds it to these.
        Discussion.objects.select_for_update(of=("self",)).get_or_create(post_id=post_id)
        Discussion.objects.filter(post=post_id).update(**_counts_of(post_id))


def _counts_of(post_id: int) -> dict[str, int]:
    counts = {name: Count("pk", filter=which) for name, which in _COUNTED.items()}
    return Comment.objects.filter(post=post_id).aggregate(**counts)


def _change(comment: Comment, action: str, new: str, actor: Any, why: Why) -> None:
    """The change, its log entry and its announcement; the comment is locked."""
    old = comment.status
    first_time = _apply(comment, new, _gone_note(comment, new, actor, why))
    by_author = action in OF_THE_AUTHOR
    entry = log.write(comment, action, actor=actor, why=why, old=old, new=new, by_author=by_author)
    publish(StatusChanged(comment, action=action, old=old, new=new, actor=actor, why=why, entry=entry))
    if first_time:
        publish(CommentPublished(comment))


def _apply(comment: Comment, new: str, gone_note: str) -> bool:
    """Whether this made the comment public for the first time."""
    first_time = new == APPROVED and comment.published_at is None
    was_public = comment.status == APPROVED
    changed = ["status"]
    comment.status = new
    if first_time:
        comment.published_at = timezone.now()
        changed.append("published_at")
    if gone_note != comment.gone_note:
        comment.gone_note = gone_note
        changed.append("gone_note")
    if new not in {PENDING, APPROVED} and comment.fingerprint:
        # It may be said again now.
        comment.fingerprint = None
        changed.append("fingerprint")
    rows.update(comment, *changed)
    if comment.published_at is not None:
        discussion_changes(comment.post_id)
    if was_public != (new == APPROVED):
        _count(comment, +1 if new == APPROVED else -1, first_time=first_time)
    return first_time


def _gone_note(comment: Comment, new: str, actor: Any, why: Why) -> str:
    """By whom and for which clause it was taken away, as its placeholder says it after "This comment was removed"."""
    if new not in REFUSED or comment.published_at is None:
        return ""
    is_host = actor is not None and actor.pk == comment.post.author_id and not actor.is_moderator
    by = "by the author of the article" if is_host else "by a moderator"
    number, title = clause_named(why.clause)
    return f"{by}: clause {number}, {title}" if title else by


def clause_named(key: str) -> tuple[int, str]:
    """Number and title of a clause in the last version that has it; (0, "") for none."""
    return clauses_named([key])[key] if key else (0, "")


def clauses_named(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """The same for many, in one query."""
    wanted = set(keys)
    found = dict.fromkeys(wanted, (0, ""))
    rows = GuidelineClause.objects.filter(key__in=wanted).order_by("version__number")
    for key, number, title in rows.values_list("key", "number", "title"):
        found[key] = (number, title)
    return found


def _count(comment: Comment, step: int, *, first_time: bool) -> None:
    steps = (0, step, 0) if comment.is_linkback else (step, 0, int(first_time))
    if not rows.execute(_ADD, [*steps, comment.post_id]):
        Discussion.objects.get_or_create(post_id=comment.post_id)
        rows.execute(_ADD, [*steps, comment.post_id])


# By hand: every writer below an article waits for the one before to be done with this row.
_ADD = (
    "UPDATE comments_discussion SET comment_count = comment_count + %s, linkback_count = linkback_count + %s, "
    "public_count = public_count + %s WHERE post_id = %s"
)


def _ensure_there_is_a_text(comment: Comment) -> None:
    if comment.emptied_at is not None:
        raise NoSuchTransition("The text of this comment is gone for good; only its place is kept.")


def _cannot(comment: Comment) -> str:
    return f"This comment is no longer what you saw: it is {who_decided(comment)}."
