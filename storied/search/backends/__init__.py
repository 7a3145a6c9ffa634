"""The full-text index of the database in use. Each backend offers the same functions:

`create`, `drop`, `stands` and `wipe` for the index itself, `lock` against other writers, and for a query `count`,
`ranked_ids` (best first) and `marked_bodies` (where the matches are).
"""

from types import ModuleType

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import NotSupportedError

from . import postgresql, sqlite

_BACKENDS = {"sqlite": sqlite, "postgresql": postgresql}


def backend_for(connection: BaseDatabaseWrapper) -> ModuleType:
    """The backend for the database behind `connection`."""
    try:
        return _BACKENDS[connection.vendor]
    except KeyError:
        raise NotSupportedError(
            f"Search works on SQLite and on PostgreSQL, not on {connection.display_name}."
        ) from None
