"""What stands in front of Django: pages that everybody gets alike, kept ready, and never out of date.

`board` says, to all processes of this machine, which pages have changed; `cache` answers a kept page before Django is
asked; `spool` hands it to the other processes, `store` to a web server in front (`nginx`); `frames` keeps what around a
discussion seldom changes. See ARCHITECTURE.md, "Kept pages".
"""

from . import frames
from .board import ALL_DISCUSSIONS, SITE, discussion_changes, discussion_slot, site_changes
from .keeping import has_no_session, is_for_everybody, keep, not_beyond
from .memo import Memo
from .watching import watch

__all__ = [
    "ALL_DISCUSSIONS",
    "SITE",
    "Memo",
    "discussion_changes",
    "discussion_slot",
    "frames",
    "has_no_session",
    "is_for_everybody",
    "keep",
    "not_beyond",
    "site_changes",
    "watch",
]
