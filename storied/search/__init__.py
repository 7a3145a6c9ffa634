"""Full-text search over whatever the apps push in, on SQLite and on PostgreSQL.

This app knows nothing of posts or comments. They call `index` and `remove` in the transaction in which
something becomes public or stops being so, and register a source from which everything can be indexed anew.
"""

from .catalogue import Hit, Results, index, query, rebuild, remove, remove_post, wipe
from .documents import Document, register_source

__all__ = [
    "Document",
    "Hit",
    "Results",
    "index",
    "query",
    "rebuild",
    "register_source",
    "remove",
    "remove_post",
    "wipe",
]
