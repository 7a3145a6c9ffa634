"""What is stored."""

from .comment import Comment, CommentQuerySet
from .discussion import Discussion
from .flag import Flag
from .guideline import GuidelineAcceptance, GuidelineClause, GuidelineVersion
from .house_rules import HouseRules
from .moderation import ModerationLogEntry
from .revision import CommentRevision

__all__ = [
    "Comment",
    "CommentQuerySet",
    "CommentRevision",
    "Discussion",
    "Flag",
    "GuidelineAcceptance",
    "GuidelineClause",
    "GuidelineVersion",
    "HouseRules",
    "ModerationLogEntry",
]
