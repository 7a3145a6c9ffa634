"""What members have begun to write and not sent yet: kept for them alone, found again on each of their devices.

A save is one statement, since it comes each few seconds. It says which state of the text it knows: where another device
has saved meanwhile, nothing is written over, and whoever saves is handed what is there.
"""

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection
from django.db.models import QuerySet
from django.utils import timezone

from storied import rows
from storied.text import clean_text, is_blank

from .exceptions import CommentsError, Refused, TooMany
from .models import Comment, HouseRules, UnsentText

MOST = 50  # texts of one member; the oldest go
_AROUND = " \t\n"  # what may stand around the same words
PACE, AHEAD = 1_500, 45_000  # milliseconds that a save takes up, and how much may be taken up before its time


class SavedElsewhere(CommentsError):
    """Another device has saved another text, `there`; None where it has sent or discarded it."""

    code = "saved_elsewhere"
    http_status = 409
    message = "There is a newer draft from another device."

    def __init__(self, there: UnsentText | None) -> None:
        super().__init__()
        self.there = there


def asked_for(member: Any, post_id: int) -> tuple[type[UnsentText], str, Sequence[Any]]:
    """The question for a member's text below an article, as `storied.rows` takes it."""
    return UnsentText, "member_id = %s AND post_id = %s", [member.pk, post_id]


def of(member: Any) -> QuerySet[UnsentText]:
    """All that a member has not sent yet, the newest first."""
    return UnsentText.objects.filter(member=member).select_related("post").order_by("-saved_at", "-pk")


def save(
    member: Any,
    post: Any,
    body: str,
    *,
    parent_id: int | None = None,
    known: datetime | None = None,
    page: str = "",
) -> datetime:
    """Keeps a text, and tells since when; `known` is when what it is built on was saved, None where that is nothing.

    What the same opened `page` has saved may always be written over: it may not have heard of it on a bad line.
    Raises SavedElsewhere where something else is there by now, and then keeps nothing.
    """
    body = clean_text(body)
    _refuse_what_is_too_long(body)
    if is_blank(body):
        raise Refused("There is no text to keep.", field="body")
    write = _replace if known else _begin
    try:
        saved_at = write(member, post, body, parent_id, known, page)
    except IntegrityError:
        # What it answers has gone this very moment. Whoever has gone themselves has no text any more.
        try:
            saved_at = write(member, post, body, None, known, page)
        except IntegrityError:
            raise Refused("This article cannot be read at the moment.", code="article_gone") from None
    if saved_at is not None:
        return saved_at
    there = rows.first(*asked_for(member, post.pk))
    if there is not None and there.busy_until > _milliseconds() + AHEAD:
        raise TooMany("This was saved very often in a short time. It is kept in this tab meanwhile.", retry_after=15)
    raise SavedElsewhere(there)


def discard(member: Any, post_id: int, *, known: datetime | None = None) -> bool:
    """Forgets a text that is not wanted any more; with `known` only if it is still that one."""
    # Here and below the statements are made of this module's own words; every value is a parameter.
    where, parameters = "member_id = %s AND post_id = %s", [member.pk, post_id]
    if known is not None:
        where += " AND saved_at = %s"
        parameters.append(connection.ops.adapt_datetimefield_value(known))
    return bool(rows.execute(f"DELETE FROM comments_unsenttext WHERE {where}", parameters))  # noqa: S608


def forget_what_was_sent(member: Any, post_id: int, body: str, *, known: datetime | None, page: str) -> None:
    """Forgets the text that has become a comment: the state that its form was built on, what the same opened page has
    saved since, or the very same words. What another device has written meanwhile stays."""
    rows.execute(
        "DELETE FROM comments_unsenttext WHERE member_id = %s AND post_id = %s AND "
        "(saved_at = %s OR (page = %s AND page <> '') OR TRIM(body, %s) = %s)",
        [
            member.pk, post_id, connection.ops.adapt_datetimefield_value(known) if known else None, page, _AROUND,
            body.strip(_AROUND),
        ],
    )  # fmt: skip


def answered(text: UnsentText) -> Comment | None:
    """The comment that a text answers, as long as it can be answered."""
    if text.parent_id is None:
        return None
    return Comment.objects.filter(pk=text.parent_id, post=text.post_id, is_locked=False).approved().comments().first()


def _refuse_what_is_too_long(body: str) -> None:
    most = HouseRules.current().longest
    if len(body) > most:
        raise Refused(
            f"A comment has {most:,} characters at the most, and this one has {len(body):,}. "
            "It is kept in this tab alone until it is shorter.",
            code="too_long", field="body",
        )  # fmt: skip


# What a text answers is a public comment below the same article, or nothing.
_PARENT = "(SELECT id FROM comments_comment WHERE id = %s AND post_id = %s AND status = 'approved')"
# Saves may hurry for a while, and not for ever. (The same text from two devices is no contradiction.)
_BUSY = f"CASE WHEN comments_unsenttext.busy_until > %s THEN comments_unsenttext.busy_until ELSE %s END + {PACE}"


def _begin(
    member: Any, post: Any, body: str, parent_id: int | None, _known: None, page: str
) -> datetime | None:  # fmt: skip
    """Stores a text where none is known; None where there is another."""
    now, at, ms = _now()
    stored = rows.fetch(
        "INSERT INTO comments_unsenttext (member_id, post_id, is_answer, parent_id, body, page, saved_at, busy_until) "  # noqa: S608
        f"VALUES (%s, %s, %s, {_PARENT}, %s, %s, %s, %s) ON CONFLICT (member_id, post_id) DO UPDATE SET "
        "is_answer = excluded.is_answer, parent_id = excluded.parent_id, body = excluded.body, page = excluded.page, "
        f"saved_at = excluded.saved_at, busy_until = {_BUSY} WHERE comments_unsenttext.busy_until <= %s AND "
        "(comments_unsenttext.body = excluded.body OR "
        "(comments_unsenttext.page = excluded.page AND excluded.page <> '')) RETURNING id",
        [
            member.pk, post.pk, parent_id is not None, parent_id, post.pk, body, page, at, ms + PACE, ms, ms,
            ms + AHEAD,
        ],
    )  # fmt: skip
    if not stored:
        return None
    rows.execute(
        "DELETE FROM comments_unsenttext WHERE member_id = %s AND id NOT IN (SELECT id FROM comments_unsenttext "
        "WHERE member_id = %s ORDER BY saved_at DESC, id DESC LIMIT %s)",
        [member.pk, member.pk, MOST],
    )
    return now


def _replace(
    member: Any, post: Any, body: str, parent_id: int | None, known: datetime, page: str
) -> datetime | None:  # fmt: skip
    """Writes over the text that is known; None where that is no longer the one that is there."""
    now, at, ms = _now()
    changed = rows.execute(
        f"UPDATE comments_unsenttext SET is_answer = %s, parent_id = {_PARENT}, body = %s, page = %s, saved_at = %s, "  # noqa: S608
        f"busy_until = {_BUSY} WHERE member_id = %s AND post_id = %s AND busy_until <= %s AND "
        "(saved_at = %s OR body = %s OR (page = %s AND page <> ''))",
        [
            parent_id is not None, parent_id, post.pk, body, page, at, ms, ms, member.pk, post.pk, ms + AHEAD,
            connection.ops.adapt_datetimefield_value(known), body, page,
        ],
    )  # fmt: skip
    return now if changed else None


def _now() -> tuple[datetime, Any, int]:
    """The moment, also as the database takes it, and in milliseconds."""
    now = timezone.now()
    return now, connection.ops.adapt_datetimefield_value(now), _milliseconds()


def _milliseconds() -> int:
    return int(time.time() * 1000)
