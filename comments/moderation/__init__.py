"""What moderators do, and what waits for them."""

from .actions import (
    DECISIONS,
    Outcome,
    close_discussion,
    decide,
    decide_all,
    keep,
    keep_all,
    move,
    open_discussion,
    undo,
    undo_all,
)
from .flagging import flag
from .queues import CARDS_A_PAGE, QUEUES, Card, cards, comments_in, counts, moderated_by

__all__ = [
    "CARDS_A_PAGE",
    "DECISIONS",
    "QUEUES",
    "Card",
    "Outcome",
    "cards",
    "close_discussion",
    "comments_in",
    "counts",
    "decide",
    "decide_all",
    "flag",
    "keep",
    "keep_all",
    "moderated_by",
    "move",
    "open_discussion",
    "undo",
    "undo_all",
]
