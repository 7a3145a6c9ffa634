"""What waits for an answer of the owner's: somebody's first comment, or a long one, that nobody has replied to."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from comments import log, permissions
from comments.exceptions import CommentsError
from comments.models import Comment, ReplyMark
from comments.viewers import Viewer
from storied.accounts.models import User

# Who has waited for longer does not wait for an answer any more; and the desk reads no further back than this.
LOOKED_BACK = timedelta(days=30)
# Characters: whoever writes as much has told something of themselves.
LONG = 600
WANTED = "reply_wanted"
MARKS = (*ReplyMark.What.values, WANTED)


def looked_back_to() -> datetime:
    """The beginning of an hour, so that for an hour the same is asked."""
    return timezone.now().replace(minute=0, second=0, microsecond=0) - LOOKED_BACK


def awaiting(mine: Any, since: datetime | None = None) -> Any:
    """Which of these comments wait for a reply, the oldest first."""
    since = since or looked_back_to()
    public = mine.filter(status=Comment.Status.APPROVED, kind=Comment.Kind.COMMENT, created_at__gt=since)
    by_another_name = ~Q(signed=Comment.Signature.NAME)
    a_member = Q(author__role=User.Role.MEMBER) & ~Q(author=F("post__author"))
    of_readers = public.filter(Q(author=None) | a_member | by_another_name)
    unmarked = of_readers.filter(~Exists(ReplyMark.objects.filter(comment=OuterRef("pk"))))
    asks = Q(length__gte=LONG) | _is_first()
    # As a condition of its own the question for replies becomes a join that reads all comments of the site: in here it
    # is asked for each that is left.
    open_ = Case(When(asks, then=~Exists(_replies())), default=False, output_field=BooleanField())
    return unmarked.alias(length=Length("body")).filter(open_).order_by("created_at", "pk")


def _replies() -> Any:
    """Public replies of anybody but who wrote it."""
    # No account is account 0 here: nothing equals NULL, and nothing differs from it.
    replies = Comment.objects.alias(who=Coalesce("author_id", Value(0)))
    # Under another name they are somebody else.
    own = Q(who__gt=0, who=Coalesce(OuterRef("author_id"), Value(0)), signed=OuterRef("signed")) | (
        Q(who=0, guest_key=OuterRef("guest_key")) & ~Q(guest_key="")
    )
    return replies.filter(parent=OuterRef("pk"), status=Comment.Status.APPROVED).exclude(own)


def _is_first() -> Q:
    """Whether its writer, as far as we know who that is, had written nothing before."""
    before = Comment.objects.filter(created_at__lt=OuterRef("created_at"))
    of_member = before.filter(author=OuterRef("author"))
    of_guest = before.filter(~Q(guest_key=""), author__isnull=True, guest_key=OuterRef("guest_key"))
    return (Q(author__isnull=False) & ~Exists(of_member)) | (
        Q(author__isnull=True) & ~Q(guest_key="") & ~Exists(of_guest)
    )


def mark(comment_id: int, what: str, viewer: Viewer) -> None:
    """Says that it needs no reply here, and why; `WANTED` says that it does after all."""
    if what not in MARKS:
        raise CommentsError("There is no such decision.")
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        there = ReplyMark.objects.filter(comment=comment).first()
        if (there.what if there else WANTED) == what:
            return
        if what == WANTED:
            ReplyMark.objects.filter(comment=comment).delete()
        else:
            ReplyMark.objects.update_or_create(
                comment=comment, defaults={"what": what, "by": viewer.user, "at": timezone.now()}
            )
        log.write(comment, what, actor=viewer.user)
