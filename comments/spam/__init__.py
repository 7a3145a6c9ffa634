"""Is this text junk? Knows text, not comments."""

from .opinion import Opinion, check

__all__ = ["Opinion", "check"]
