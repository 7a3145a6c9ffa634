"""What moderators do, and what waits for them."""

from .actions import (
    DECISIONS,
    Outcome,
    close_discussion,
    decide,
    decide_all,
    move,
    open_discussion,
    undo,
    undo_all,
)
from .appeals import appeal, decide_appeal, open_appeals
from .branches import lock, slow_down, split_off, unlock
from .card import Card, cards
from .claims import claim, release
from .filters import Wanted
from .flagging import WORRIED, flag
from .queues import (
    CARDS_A_PAGE,
    LINES_A_PAGE,
    QUEUES,
    comments_in,
    counts,
    decisions,
    moderated_by,
    page_of,
    waiting,
)

__all__ = [
    "CARDS_A_PAGE",
    "DECISIONS",
    "LINES_A_PAGE",
    "QUEUES",
    "WORRIED",
    "Card",
    "Outcome",
    "Wanted",
    "appeal",
    "cards",
    "claim",
    "close_discussion",
    "comments_in",
    "counts",
    "decide",
    "decide_all",
    "decide_appeal",
    "decisions",
    "flag",
    "lock",
    "moderated_by",
    "move",
    "open_appeals",
    "open_discussion",
    "page_of",
    "release",
    "slow_down",
    "split_off",
    "undo",
    "undo_all",
    "unlock",
    "waiting",
]
