"""Who looks at a comment at the moment. A claim is a word to the others: it keeps nobody from deciding."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from comments import permissions
from comments.exceptions import Conflict
from comments.models import Comment, DeskClaim
from comments.viewers import Viewer

# Claims are looked at for minutes; their rows are swept up when somebody claims something the next day.
_KEPT = timedelta(days=1)


def claim(comment_id: int, viewer: Viewer) -> DeskClaim:
    """Says that one is looking at it, for five minutes from now; Conflict while somebody else is."""
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        there = DeskClaim.objects.select_related("by").filter(comment=comment).first()
        if there is not None and there.is_in_force and there.by_id != viewer.user.pk:
            raise Conflict(f"{there.by} is looking at this already.")
        DeskClaim.objects.filter(at__lt=timezone.now() - _KEPT).delete()
        made, _ = DeskClaim.objects.update_or_create(
            comment=comment, defaults={"by": viewer.user, "at": timezone.now()}
        )
        return made


def release(comment_id: int, viewer: Viewer) -> None:
    """Gives one's own claim back; nobody else's."""
    DeskClaim.objects.filter(comment=comment_id, by=viewer.user).delete()


def claims_on(comment_ids: Iterable[int]) -> dict[int, DeskClaim]:
    """Who looks at which of these comments: one query."""
    there = DeskClaim.objects.in_force().filter(comment__in=list(comment_ids)).select_related("by")
    return {one.comment_id: one for one in there}
