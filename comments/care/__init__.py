"""For people in danger: finds words that may mean it, shows the writer where help is, and brings a person to read.

It never refuses a text, judges nobody, and does not claim that somebody is watching. README.md beside this file says
how it looks at texts, and how often it is wrong.
"""

from .arrangements import Arrangements, current, help_is_there, help_lines, look, regions, why_off
from .items import claim, close, has_help_for_writer_of, open_by_hand, release, worry
from .queue import closed, count, heavy_among, items_of, noted_below, queue

__all__ = [
    "Arrangements",
    "claim",
    "close",
    "closed",
    "count",
    "current",
    "has_help_for_writer_of",
    "heavy_among",
    "help_is_there",
    "help_lines",
    "items_of",
    "look",
    "noted_below",
    "open_by_hand",
    "queue",
    "regions",
    "release",
    "why_off",
    "worry",
]
