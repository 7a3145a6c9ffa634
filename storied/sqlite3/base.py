"""Django's SQLite backend, with a queue for writers.

SQLite lets a writer that finds the database busy sleep and try again, for longer and longer: with eight at once the
unlucky wait seconds while others pass. Here a writer waits for a lock of the file system before it begins, and the
kernel wakes the next the moment the last is done. The lock goes with the process that dies. Writers that know nothing
of it (another program) are still kept apart by SQLite itself.
"""

import fcntl
import os
from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    def sql_flush(self, style: Any, tables: Any, **options: Any) -> list[str]:
        """Empties these tables, those too that refuse to have a row deleted: as TRUNCATE does on PostgreSQL."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(ABORT%'")
            refusing = cursor.fetchall()
        drops = [f"DROP TRIGGER {self.quote_name(name)}" for name, _sql in refusing]
        return [*drops, *super().sql_flush(style, tables, **options), *(sql for _name, sql in refusing)]


class StatementCursor(base.SQLiteCursorWrapper):
    """For statements whose text stays the same: how SQLite writes each is found once."""

    def execute(self, query: str, params: Any = None) -> Any:
        return base.Database.Cursor.execute(self, _in_sqlite(query), params or ())


@lru_cache(maxsize=500)
def _in_sqlite(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    _queue: int | None = None
    _is_first = False
    _prepared: Any = None

    def prepared(self) -> Any:
        """A cursor for statements whose text stays the same; always the same one, so fetch all before the next."""
        self.ensure_connection()
        if self._prepared is None or self._prepared.connection is not self.connection:
            self._prepared = self.connection.cursor(StatementCursor)
        return self._prepare_cursor(self._prepared)

    def _start_transaction_under_autocommit(self) -> None:
        self._wait_for_one_s_turn()
        try:
            super()._start_transaction_under_autocommit()
        except BaseException:
            self._let_the_next()
            raise

    def _commit(self) -> Any:
        try:
            return super()._commit()
        finally:
            # A commit that failed leaves the transaction open for the rollback that follows.
            if self.connection is None or not self.connection.in_transaction:
                self._let_the_next()

    def _rollback(self) -> Any:
        try:
            return super()._rollback()
        finally:
            self._let_the_next()

    def _close(self) -> None:
        try:
            super()._close()
        finally:
            if self._queue is not None:
                os.close(self._queue)
                self._queue, self._is_first = None, False

    def _wait_for_one_s_turn(self) -> None:
        name = str(self.settings_dict["NAME"])
        if self.is_in_memory_db() or name.startswith("file:"):
            return
        if self._queue is None:
            self._queue = os.open(f"{name}-queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._queue, fcntl.LOCK_EX)
        self._is_first = True

    def _let_the_next(self) -> None:
        if self._is_first and self._queue is not None:
            fcntl.flock(self._queue, fcntl.LOCK_UN)
            self._is_first = False
