"""Mail that respects: who wants to hear of what, what is owed, and how it leaves the house.

`subscribers` writes rows in the transaction of an event; `delivery` sends them afterwards, by a task.
"""

from . import proving, subscribers, subscriptions, tasks
from .delivery import try_again
from .recipients import (
    Recipient,
    address_of,
    change_preferences,
    is_on_call,
    preferences_as_read,
    preferences_of,
    why_no_mail,
)
from .wording import gentle_words_are_known_by

__all__ = [
    "Recipient",
    "address_of",
    "change_preferences",
    "gentle_words_are_known_by",
    "is_on_call",
    "preferences_as_read",
    "preferences_of",
    "proving",
    "subscribers",
    "subscriptions",
    "tasks",
    "try_again",
    "why_no_mail",
]
