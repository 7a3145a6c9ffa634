"""Django's PostgreSQL backend, with statements that the server keeps prepared.

Of what the database spends on a reply, nearly half went into reading and planning the same few statements again. Those
that are put together once (`storied.rows`) have their values sent apart from their text, and psycopg prepares them when
they are used often. The ORM's are sent as ever: its values may be what a partial index is chosen by.

Before a request uses a connection that was kept, Django asks the server whether it is still there. One on which there
was talk a moment ago, and on which the server has not said good-bye, is: the kernel knows that without a question.
"""

import select
import time
from typing import Any

from django.db.backends.postgresql import base

_A_MOMENT = 60  # seconds; less than the time after which something on the way forgets a silent connection


class DatabaseWrapper(base.DatabaseWrapper):
    _prepared: Any = None
    _spoke_at = float("-inf")

    def prepared(self) -> Any:
        """A cursor for statements whose text stays the same; always the same one, so fetch all before the next."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        if self._prepared is None or self._prepared.connection is not self.connection:
            self._prepared = base.ServerBindingCursor(self.connection)
        return self._prepare_cursor(self._prepared)

    def is_usable(self) -> bool:
        spoke_at, self._spoke_at = self._spoke_at, time.monotonic()
        is_in_use = self._spoke_at < spoke_at + _A_MOMENT and not self.errors_occurred
        return (is_in_use and self._is_silent()) or super().is_usable()

    def _is_silent(self) -> bool:
        """Whether the server has said nothing unasked: no good-bye, nor anything else."""
        if self.connection is None:
            return False
        look = select.poll()
        look.register(self.connection.fileno(), select.POLLIN)
        return not look.poll(0)
