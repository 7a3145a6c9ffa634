"""Taking a passage out of a comment: only ever removing, shown before it is done, put back while the copy lives.

Passages are chosen in the source text, by their exact words and by which occurrence of them is meant.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from comments import guidelines, log, permissions, rendering
from comments.events import CommentRedacted, publish
from comments.exceptions import CommentsError, Conflict
from comments.models import Comment, CommentRevision, HouseRules, Redaction
from comments.viewers import Viewer
from posts.rendering import plain_text
from storied import sealing
from storied.front import discussion_changes

ALL = 0  # every occurrence


class CannotRedact(CommentsError):
    code = "cannot_redact"
    http_status = 422


@dataclass(frozen=True)
class Proposal:
    """What a comment would be after a removal."""

    body: str
    body_html: str
    marker: str


def occurrences(body: str, passage: str) -> int:
    """How often a passage stands in a text."""
    return body.count(passage) if passage else 0


def propose(comment: Comment, passage: str, *, what: str, clause: str = "", occurrence: int = 1) -> Proposal:
    """The text without the passage, rendered; CannotRedact where that is not possible. Stores nothing."""
    if comment.status not in {Comment.Status.APPROVED, Comment.Status.PENDING}:
        raise CannotRedact("Passages are taken out of what is published or waits.")
    if what not in Redaction.What.values:
        raise CannotRedact("Please choose what it is that is taken out.", field="what")
    passage = _as_it_stands(comment.body, passage)
    found = occurrences(comment.body, passage)
    if not found:
        raise CannotRedact("These words do not stand in the comment, letter for letter.", field="passage")
    if not ALL <= occurrence <= found:
        raise CannotRedact(f"They stand there {found} times. Which of them is meant?", field="occurrence")
    if not _replaced(comment.body, passage, "", occurrence).strip():
        raise CannotRedact("That is the whole comment. You can remove it instead.", field="passage")
    return _rendered(comment, passage, _marker(what, clause), occurrence)


def redact(
    comment_id: int,
    viewer: Viewer,
    passage: str,
    *,
    what: str,
    clause: str = "",
    occurrence: int = 1,
    seen_revision: int | None = None,
) -> Redaction:
    """Takes the passage out of the text, and of its earlier wordings; a sealed copy is kept for the owner's days."""
    with transaction.atomic():
        comment = Comment.objects.locked(comment_id)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        if seen_revision is not None and seen_revision != comment.revision:
            raise Conflict("This comment has been changed since you opened it. Please read it again first.")
        proposal = propose(comment, passage, what=what, clause=clause, occurrence=occurrence)
        days = HouseRules.current().sealed_days
        sealed = _take_out_of_earlier_wordings(comment, _as_it_stands(comment.body, passage), proposal.marker)
        log.write(comment, "redact", actor=viewer.user, why=log.Why(clause=clause, note=proposal.marker))
        made = Redaction.objects.create(
            comment=comment, what=what, clause=clause, revision=comment.revision + 1,
            sealed=sealing.seal(json.dumps({"body": comment.body, "earlier": sealed})) if days else "",
            sealed_until=timezone.now() + timedelta(days=days), made_by=viewer.user,
            made_by_name=viewer.user.display_name,
        )  # fmt: skip
        _store(comment, proposal.body, proposal.body_html)
        publish(CommentRedacted(comment, redaction=made))
        return made


def put_back(redaction_id: int, viewer: Viewer) -> Redaction:
    """The text as it was before; while its sealed copy lives, and the author has not edited it since."""
    with transaction.atomic():
        number = Redaction.objects.filter(pk=redaction_id).values_list("comment_id", flat=True).first()
        comment = Comment.objects.locked(number)
        permissions.ensure(permissions.why_not_moderate(viewer, comment.post))
        made = Redaction.objects.get(pk=redaction_id)
        if not made.is_in_force:
            return made
        if made.revision != comment.revision:
            raise CannotRedact("The comment has been changed since this passage was taken out.")
        before = _opened(made)
        log.write(comment, "unredact", actor=viewer.user, why=log.Why(clause=made.clause))
        for number, body in before["earlier"].items():
            CommentRevision.objects.filter(comment=comment, number=int(number)).update(body=body)
        _store(comment, before["body"], rendering.body_html(before["body"], comment.body_format))
        made.undone_at, made.sealed = timezone.now(), ""
        made.save(update_fields=["undone_at", "sealed"])
        # What was taken out before that one is in the text still, under its new number.
        in_force = Redaction.objects.in_force().filter(comment=comment)
        in_force.filter(revision=made.revision - 1).update(revision=comment.revision)
        publish(CommentRedacted(comment, redaction=made, is_undone=True))
        return made


def open_sealed(redaction_id: int, viewer: Viewer, reason: str) -> str:
    """The text as it was, for the owner, who says why; that it was opened stays in the log."""
    permissions.ensure(permissions.why_not_open_sealed(viewer))
    if not reason.strip():
        raise CommentsError("Please say why you open it.", field="reason")
    with transaction.atomic():
        made = Redaction.objects.select_related("comment").get(pk=redaction_id)
        before = _opened(made)
        log.write(made.comment, "open_sealed", actor=viewer.user, why=log.Why(note=reason))
        return before["body"]


def original_of(comment: Comment) -> str:
    """What its author wrote before anything was taken out, for the author alone; empty where nothing was, or no more.

    A passage may have been taken out after another: the way leads back as long as each made the next one's text.
    """
    body, expected = "", comment.revision
    for made in Redaction.objects.in_force().filter(comment=comment).order_by("-revision"):
        if made.revision != expected or not made.sealed or made.sealed_until < timezone.now():
            break
        try:
            body = json.loads(sealing.unseal(made.sealed))["body"]
        except sealing.CannotBeOpened:
            break
        expected -= 1
    return body


def has_expired() -> bool:
    """Whether there are sealed copies whose time is over."""
    return _expired().exists()


def forget_expired() -> int:
    """Empties the sealed copies whose time is over; their number."""
    return _expired().update(sealed="")


def _expired() -> Any:
    return Redaction.objects.exclude(sealed="").filter(sealed_until__lt=timezone.now())


def _opened(made: Redaction) -> dict[str, Any]:
    if not made.sealed or made.sealed_until < timezone.now():
        raise CannotRedact("The sealed copy has expired: what stood there is gone.")
    try:
        return json.loads(sealing.unseal(made.sealed))
    except sealing.CannotBeOpened:
        raise CannotRedact("The sealed copy cannot be opened: it was made with another secret key.") from None


def _marker(what: str, clause: str) -> str:
    """Made of fixed words alone, so that nobody can put anything into somebody else's mouth."""
    version = guidelines.current()
    numbers = {found.key: found.number for found in version.clauses.all()} if version else {}
    return f"[removed: {what}, clause {numbers[clause]}]" if clause in numbers else f"[removed: {what}]"


def _rendered(comment: Comment, passage: str, marker: str, occurrence: int) -> Proposal:
    # Escaped, since "[…](…)" would be a link; inside code backslashes would show.
    escaped = marker.replace("[", "\\[").replace("]", "\\]")
    for written in (escaped, marker) if comment.body_format == "markdown" else (marker,):
        body = _replaced(comment.body, passage, written, occurrence)
        html = rendering.body_html(body, comment.body_format)
        text = plain_text(html)
        if marker in text and escaped not in text:
            return Proposal(body, html, marker)
    raise CannotRedact(
        "These words belong to a link or to other marks around the text. Please choose a passage that is only text, "
        "or the whole of it with its marks.",
        field="passage",
    )


def _take_out_of_earlier_wordings(comment: Comment, passage: str, marker: str) -> dict[int, str]:
    """Moderators read earlier wordings, too. What they said before, by number."""
    before = {}
    for earlier in CommentRevision.objects.filter(comment=comment):
        if passage in earlier.body:
            before[earlier.number] = earlier.body
            CommentRevision.objects.filter(pk=earlier.pk).update(body=earlier.body.replace(passage, marker))
    return before


def _replaced(body: str, passage: str, by: str, occurrence: int) -> str:
    if occurrence == ALL:
        return body.replace(passage, by)
    parts = body.split(passage)
    return passage.join(parts[:occurrence]) + by + passage.join(parts[occurrence:])


def _as_it_stands(body: str, passage: str) -> str:
    """The passage as browsers send it, found in the text: without what a selection takes along at its ends."""
    passage = passage.replace("\r\n", "\n")
    return passage if passage in body else passage.strip()


def _store(comment: Comment, body: str, html: str) -> None:
    changes = {
        "body": body, "body_html": html, "renderer_version": rendering.RENDERER_VERSION,
        "revision": comment.revision + 1,
    }  # fmt: skip
    discussion_changes(comment.post_id)
    Comment.objects.filter(pk=comment.pk).update(**changes)
    for name, value in changes.items():
        setattr(comment, name, value)
