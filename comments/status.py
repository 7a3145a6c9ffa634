"""The one place where a comment's status changes, and where that leaves its log entry."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Q
from django.utils import timezone

from storied import rows
from storied.front import discussion_changes

from .events import CommentPublished, StatusChanged, publish
from .exceptions import CommentsError, Conflict
from .models import Comment, Discussion, ModerationLogEntry

PENDING, APPROVED, REJECTED, REMOVED, SPAM, WITHDRAWN = Comment.Status.values

# action → (from, to). Whatever does not stand here raises.
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "approve": (frozenset({PENDING, SPAM, REJECTED}), APPROVED),
    "reject": (frozenset({PENDING, SPAM}), REJECTED),
    "mark_spam": (frozenset({PENDING, APPROVED, REJECTED, REMOVED}), SPAM),
    "remove": (frozenset({APPROVED}), REMOVED),
    "restore": (frozenset({REMOVED}), APPROVED),
    "hold": (frozenset({APPROVED}), PENDING),
    "withdraw": (frozenset({PENDING, APPROVED}), WITHDRAWN),
}
# What a comment's author does; everything else is a moderator's, or Storied's own.
OF_THE_AUTHOR = frozenset({"withdraw"})


class NoSuchTransition(CommentsError):
    code = "no_such_transition"
    http_status = 409


@dataclass(frozen=True)
class Why:
    """The grounds of a change: for the log, and (`reason`, `clause`) for the author."""

    reason: str = ""
    clause: str = ""
    rules: tuple[dict[str, str], ...] = ()
    batch: UUID | None = None


def allowed(comment: Comment) -> list[str]:
    """The actions that this comment's status admits."""
    return [action for action, (old, _new) in TRANSITIONS.items() if comment.status in old]


def change_status(
    comment_id: int, action: str, *, actor: Any = None, why: Why = Why(), seen_revision: int | None = None
) -> Comment:
    """Moves a comment along the transition table and writes its log entry, in one transaction.

    Doing again what is done already is a quiet no-op. `actor` None is Storied itself. `seen_revision` is the revision
    that whoever decides has read: Conflict if the author has edited it since, or if somebody decided otherwise.
    """
    old_statuses, new = TRANSITIONS[action]
    with transaction.atomic():
        comment = Comment.objects.select_for_update(of=("self",)).select_related("post").get(pk=comment_id)
        old = comment.status
        if old == new:
            return comment
        if old not in old_statuses:
            raise NoSuchTransition(_cannot(comment))
        if seen_revision is not None and seen_revision != comment.revision:
            raise Conflict(
                f"{comment.author_name} has edited this comment since you opened it. Please read it again first."
            )
        first_time = _apply(comment, new)
        _log(comment, action, old, new, actor, why)
        publish(StatusChanged(comment, action=action, old=old, new=new, actor=actor))
        if first_time:
            publish(CommentPublished(comment))
        return comment


def undo(comment_id: int, *, actor: Any, batch: UUID | None = None) -> Comment:
    """Takes the last decision back: the comment gets the status that it had before.

    With `batch` only if that very decision was the last one.
    """
    with transaction.atomic():
        comment = Comment.objects.select_for_update(of=("self",)).select_related("post").get(pk=comment_id)
        last = ModerationLogEntry.objects.filter(comment=comment).exclude(action="move").order_by("-pk").first()
        if last is None or last.action in {"submit", "undo"} or last.by_author or last.new != comment.status:
            raise NoSuchTransition("There is no decision on this comment that could be taken back.")
        if batch is not None and last.batch != batch:
            raise NoSuchTransition(_cannot(comment))
        old = comment.status
        first_time = _apply(comment, last.old)
        _log(comment, "undo", old, last.old, actor, Why())
        publish(StatusChanged(comment, action="undo", old=old, new=last.old, actor=actor))
        if first_time:
            publish(CommentPublished(comment))
        return comment


def begin(comment: Comment, why: Why = Why()) -> None:
    """The first log entry of a comment that was just stored, and the counts if it is public at once."""
    _log(comment, "submit", "", comment.status, comment.author, why, by_author=True)
    if comment.status == APPROVED:
        discussion_changes(comment.post_id)
        _count(comment, +1, first_time=True)


_COUNTED = {
    "comment_count": Q(status=APPROVED, kind=Comment.Kind.COMMENT),
    "linkback_count": Q(status=APPROVED) & ~Q(kind=Comment.Kind.COMMENT),
    "public_count": Q(published_at__isnull=False, kind=Comment.Kind.COMMENT),
}


def wrong_counts() -> list[int]:
    """The posts whose stored counts are not those of their comments: two queries, whatever there is."""
    counted = (
        Comment.objects.order_by()
        .values("post")
        .annotate(**{f"n_{name}": Count("pk", filter=which) for name, which in _COUNTED.items()})
    )
    right = {row["post"]: tuple(row[f"n_{name}"] for name in _COUNTED) for row in counted}
    stored = {pk: tuple(counts) for pk, *counts in Discussion.objects.values_list("pk", *_COUNTED)}
    nothing = (0,) * len(_COUNTED)
    return [pk for pk in sorted({*right, *stored}) if right.get(pk, nothing) != stored.get(pk, nothing)]


def recount(post_id: int) -> None:
    """Counts a discussion anew."""
    with transaction.atomic():
        discussion_changes(post_id)
        counts = Comment.objects.filter(post=post_id).aggregate(
            **{name: Count("pk", filter=which) for name, which in _COUNTED.items()}
        )
        Discussion.objects.update_or_create(post_id=post_id, defaults=counts)


def _apply(comment: Comment, new: str) -> bool:
    """Whether this made the comment public for the first time."""
    first_time = new == APPROVED and comment.published_at is None
    was_public = comment.status == APPROVED
    changed = ["status"]
    comment.status = new
    if first_time:
        comment.published_at = timezone.now()
        changed.append("published_at")
    if new not in {PENDING, APPROVED} and comment.fingerprint:
        # It may be said again now.
        comment.fingerprint = None
        changed.append("fingerprint")
    Comment.objects.filter(pk=comment.pk).update(**{name: getattr(comment, name) for name in changed})
    if comment.published_at is not None:
        discussion_changes(comment.post_id)
    if was_public != (new == APPROVED):
        _count(comment, +1 if new == APPROVED else -1, first_time=first_time)
    return first_time


def _count(comment: Comment, step: int, *, first_time: bool) -> None:
    steps = (0, step, 0) if comment.is_linkback else (step, 0, int(first_time))
    with connection.cursor() as cursor:
        cursor.execute(_ADD, [*steps, comment.post_id])
        if not cursor.rowcount:
            Discussion.objects.get_or_create(post_id=comment.post_id)
            cursor.execute(_ADD, [*steps, comment.post_id])


# By hand: every writer below an article waits for the one before to be done with this row.
_ADD = (
    "UPDATE comments_discussion SET comment_count = comment_count + %s, linkback_count = linkback_count + %s, "
    "public_count = public_count + %s WHERE post_id = %s"
)


def _log(
    comment: Comment, action: str, old: str, new: str, actor: Any, why: Why, *, by_author: bool = False
) -> ModerationLogEntry:
    entry = ModerationLogEntry(
        comment=comment,
        comment_number=comment.pk,
        actor=actor,
        actor_name=actor.display_name if actor else "",
        by_author=by_author or action in OF_THE_AUTHOR,
        action=action,
        old=old,
        new=new,
        clause=why.clause,
        reason=why.reason,
        rules=list(why.rules),
        revision=comment.revision,
        batch=why.batch,
    )
    return rows.insert(entry)


def _cannot(comment: Comment) -> str:
    last = ModerationLogEntry.objects.filter(comment=comment).order_by("-pk").first()
    state = comment.get_status_display().lower()
    by = f", by {last.actor_name or 'the house rules'}" if last and not last.by_author else ""
    return f"This comment is no longer what you saw: it is “{state}” now{by}."
