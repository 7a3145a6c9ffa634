"""The moderation log: the one place where its entries are written, and the one way by which they are ever changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connections, transaction

from storied import rows, written_once

from .exceptions import CommentsError
from .models import Comment, DeskLogEntry, LogCorrection, ModerationLogEntry

TABLE = ModerationLogEntry._meta.db_table
# The desk's own log, of what moderators do to people, lists and roles, is kept in the same way.
WRITTEN_ONCE = (TABLE, DeskLogEntry._meta.db_table)
_CORRECTIONS = LogCorrection._meta.db_table
# What opens the database's triggers: for `storied.written_once`.
UNLESS = f"EXISTS (SELECT 1 FROM {_CORRECTIONS} WHERE is_open)"  # noqa: S608


@dataclass(frozen=True)
class Why:
    """The grounds of a change: for the log, and (`reason`, `clause`) for the author; `note` is for moderators alone."""

    reason: str = ""
    clause: str = ""
    rules: tuple[dict[str, str], ...] = ()
    batch: UUID | None = None
    note: str = ""
    template: str = ""
    bulk: int | None = None


UNSAID = Why()


def write(
    comment: Comment | None,
    action: str,
    *,
    actor: Any = None,
    why: Why = UNSAID,
    old: str = "",
    new: str = "",
    by_author: bool = False,
    count: int = 1,
) -> int:
    """Adds an entry, inside the transaction of what it tells; its number. `actor` None is Storied itself."""
    entry = ModerationLogEntry(
        comment_id=comment.pk if comment else None,
        actor_id=actor.pk if actor else None,
        actor_name=actor.display_name if actor and not by_author else "",
        by_author=by_author,
        action=action,
        old=old,
        new=new,
        clause=why.clause,
        reason=why.reason,
        note=why.note,
        template=why.template,
        rules=list(why.rules),
        revision=comment.revision if comment else 1,
        batch=why.batch,
        bulk_id=why.bulk,
        count=count,
    )
    return rows.insert(entry).pk


def place(parent_id: int | None) -> str:
    """Where a comment stands, as an entry about a move says it."""
    return f"under {parent_id}" if parent_id else "top level"


class NoReason(CommentsError):
    message = "The log is changed for a stated reason only."


@contextmanager
def corrected(why: str, *, by: Any = None) -> Iterator[None]:
    """Inside, entries may be changed or deleted: for retention and erasure. That it happened stays on record.

    The reason's row is what the database's triggers look for. It is closed again before the commit, so that no other
    transaction ever sees it open.
    """
    if not why.strip():
        raise NoReason()
    with transaction.atomic():
        leave = LogCorrection.objects.create(why=why[:300], by_name=by.display_name if by else "")
        yield
        LogCorrection.objects.filter(pk=leave.pk).update(is_open=False)


def keep_written_once(using: str, **_signal: Any) -> None:
    """After migrations: the database refuses to change or delete entries, but inside `corrected`."""
    there = connections[using].introspection.table_names()
    for table in WRITTEN_ONCE:
        if table in there and _CORRECTIONS in there:
            written_once.protect(connections[using], table, unless=UNLESS)


def is_written_once(using: str) -> bool:
    """Whether the triggers stand on both logs, or a table that they need is still to be made by a migration."""
    connection = connections[using]
    tables_to_come = {*WRITTEN_ONCE, _CORRECTIONS} - set(connection.introspection.table_names())
    return bool(tables_to_come) or all(written_once.is_protected(connection, table) for table in WRITTEN_ONCE)


def let_migrations_pass(using: str, plan: Any = (), **_signal: Any) -> None:
    """Before migrations, if there are any: they may have to change entries, and SQLite rebuilds altered tables."""
    there = connections[using].introspection.table_names()
    for table in WRITTEN_ONCE:
        if plan and table in there:
            written_once.release(connections[using], table)
