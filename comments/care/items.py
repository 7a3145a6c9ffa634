"""Opening, claiming and closing: what is done about somebody who may be in danger. Each act leaves its log row."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments import log, permissions
from comments.events import CareItemOpened, CommentEdited, CommentSubmitted, publish, subscribe
from comments.exceptions import CommentsError, Conflict
from comments.models import CareItem, CareSignal, Comment
from comments.models.care import found_as_stored
from comments.viewers import Viewer
from storied.front import discussion_changes

from . import arrangements
from .matching import Found


class NoSuchCode(CommentsError):
    message = "Please choose what was done."


# --- Opening ----------------------------------------------------------------------------------------------


@subscribe(CommentSubmitted, CommentEdited)
def follow_a_text(event: Any) -> None:
    """A new text whose words may mean danger opens an item, whatever became of the comment."""
    if has_help_for_writer_of(event.comment):
        _open_for_match(event.comment, arrangements.look(event.comment.body))


def has_help_for_writer_of(comment: Comment) -> bool:
    """Whether who wrote this is shown, on their own page and to them alone, where help is."""
    return bool(arrangements.look(comment.body)) and not _is_of_the_house(comment)


def _is_of_the_house(comment: Comment) -> bool:
    """Whether who wrote it moderates here: they answer others in just these words, and know whom to ask.

    Not under another name: what they write there they write as anybody.
    """
    writer = comment.shown_author
    return writer is not None and not permissions.why_not_moderate(Viewer(writer), comment.post)


def _open_for_match(comment: Comment, found: Sequence[Found]) -> CareItem | None:
    stored = found_as_stored(found)
    if comment.revision > 1 and _was_looked_at(comment, stored):
        return None
    item = _open(comment, CareItem.By.MATCH, is_noted=arrangements.current().notes)
    CareSignal.objects.create(item=item, by=CareItem.By.MATCH, found=stored, revision=comment.revision)
    return item


def _was_looked_at(comment: Comment, stored: list[dict[str, str]]) -> bool:
    """Whether somebody has read these very phrases in an earlier wording, or is about to: then an edit brings no new
    item.
    """
    known = CareSignal.objects.filter(item__comment=comment, by=CareItem.By.MATCH).values_list("found", flat=True)
    phrases = {one["phrase"] for found in known for one in found}
    return {one["phrase"] for one in stored} <= phrases


def worry(comment_id: int, viewer: Viewer, *, reporter_key: str, words: str = "") -> CareItem:
    """A reader is worried about who wrote this. It is no report: it counts against nobody.

    It is taken in while the rest of the lane is off, too: moderators see it in the queue.
    """
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_flag(viewer, comment))
        item = _open(comment, CareItem.By.READER)
        CareSignal.objects.update_or_create(
            item=item,
            key=reporter_key,
            defaults={
                "by": CareItem.By.READER, "person": viewer.user if viewer.is_member else None, "words": words,
                "revision": comment.revision, "at": timezone.now(),
            },
        )  # fmt: skip
        return item


def open_by_hand(comment_id: int, viewer: Viewer, *, words: str = "") -> CareItem:
    """A moderator wants somebody to look after the writer; an item that is open already gets their words."""
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        item = _open(comment, CareItem.By.MODERATOR, actor=viewer.user)
        CareSignal.objects.update_or_create(
            item=item,
            key=f"moderator:{viewer.user.pk}",
            defaults={
                "by": CareItem.By.MODERATOR, "person": viewer.user, "words": words, "revision": comment.revision,
                "at": timezone.now(),
            },
        )  # fmt: skip
        return item


def _open(comment: Comment, by: str, *, is_noted: bool = False, actor: Any = None) -> CareItem:
    item, is_new = CareItem.objects.get_or_create(
        comment=comment, closed_at=None, defaults={"opened_by": by, "is_noted": is_noted}
    )
    if is_new:
        log.write(comment, "care_opened", actor=actor, new=by)
        publish(CareItemOpened(comment, item=item))
    elif is_noted and not item.is_noted:
        CareItem.objects.filter(pk=item.pk).update(is_noted=True)
    if is_noted:
        discussion_changes(comment.post_id)
    return item


# --- Acting -----------------------------------------------------------------------------------------------


def claim(item_id: int, viewer: Viewer) -> CareItem:
    """Says that one is looking after it, for an hour at a time. Conflict while somebody else is."""
    with transaction.atomic():
        item = _locked_item(item_id, viewer)
        if item.closed_at is not None:
            raise Conflict(_closed_already(item))
        if item.is_claimed and item.claimed_by_id != viewer.user.pk:
            raise Conflict(f"{item.claimed_by} is looking after this already.")
        is_new = item.claimed_by_id != viewer.user.pk or not item.is_claimed
        _set(item, claimed_by=viewer.user, claimed_at=timezone.now())
        if is_new:
            log.write(item.comment, "care_claimed", actor=viewer.user)
        return item


def release(item_id: int, viewer: Viewer) -> CareItem:
    """Gives it back, for somebody else to take; nobody has to say why."""
    with transaction.atomic():
        item = _locked_item(item_id, viewer)
        if item.closed_at is None and item.claimed_by_id == viewer.user.pk:
            _set(item, claimed_by=None, claimed_at=None)
            log.write(item.comment, "care_released", actor=viewer.user)
        return item


def close(item_id: int, code: str, viewer: Viewer, note: str = "") -> CareItem:
    """Says what was done. Doing it again is a quiet no-op; Conflict if somebody said something else first."""
    if code not in CareItem.Code.values:
        raise NoSuchCode()
    with transaction.atomic():
        item = _locked_item(item_id, viewer)
        if item.closed_at is not None:
            if item.code == code:
                return item
            raise Conflict(_closed_already(item))
        changes: dict[str, Any] = {
            "closed_at": timezone.now(), "closed_by": viewer.user, "closed_by_name": viewer.user.display_name,
            "code": code, "note": note,
        }  # fmt: skip
        if code == CareItem.Code.NOT_A_CONCERN and item.is_noted:
            changes["is_noted"] = False
            discussion_changes(item.comment.post_id)
        _set(item, **changes)
        log.write(item.comment, "care_closed", actor=viewer.user, why=log.Why(note=note), new=code)
        return item


def _locked_item(item_id: int, viewer: Viewer) -> CareItem:
    """The item under its lock, for who may act on it; CareItem.DoesNotExist for everybody else."""
    items = CareItem.objects.select_for_update(of=("self",)).select_related("comment__post", "claimed_by")
    item = items.get(pk=item_id)
    permissions.ensure(permissions.why_not_moderate(viewer, item.comment.post))
    return item


def _set(item: CareItem, **changes: Any) -> None:
    CareItem.objects.filter(pk=item.pk).update(**changes)
    for name, value in changes.items():
        setattr(item, name, value)


def _closed_already(item: CareItem) -> str:
    return f"{item.closed_by_name} has closed this already: {item.get_code_display().lower()}."
