"""What has happened: past-tense facts, told in the transaction in which they became true.

Subscribers write rows; whatever leaves the house leaves after the commit.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar


@dataclass(frozen=True)
class Event:
    comment: Any


@dataclass(frozen=True)
class CommentSubmitted(Event):
    """A comment was born, published or held; `draft` is what was sent."""

    draft: Any = None


@dataclass(frozen=True)
class CommentPublished(Event):
    """Everybody may read it, for the first time."""


@dataclass(frozen=True)
class CommentEdited(Event):
    pass


@dataclass(frozen=True)
class CommentFlagged(Event):
    flag: Any


@dataclass(frozen=True)
class CommentMoved(Event):
    """`old_parent_id` is None where it stood at the top level; `entry` is the log's."""

    old_parent_id: int | None
    actor: Any
    entry: int


@dataclass(frozen=True)
class StatusChanged(Event):
    action: str
    old: str
    new: str
    actor: Any
    # The grounds (`log.Why`): words and clause for the author, the template they began with.
    why: Any = None
    # The number of its entry in the log.
    entry: int | None = None


@dataclass(frozen=True)
class CommentRedacted(Event):
    """A passage was taken out, or, with `is_undone`, put back; what everybody may read is another text now."""

    redaction: Any
    is_undone: bool = False


@dataclass(frozen=True)
class CommentDetached(Event):
    """Nobody can tell any more who wrote it; what it says stands."""


@dataclass(frozen=True)
class GreetingOffered(Event):
    """`comment` greets somebody whose name was taken off: its writer may greet otherwise."""


@dataclass(frozen=True)
class CommentClaimed(Event):
    """What a guest wrote is an account's now: `comment.author`. `guest_key` is the browser that it came from."""

    guest_key: str = ""


@dataclass(frozen=True)
class WriterUnmasked(Event):
    """A moderator was told who stands behind an alias; `entry` is the log's, with who asked and why."""

    entry: int


@dataclass(frozen=True)
class AppealMade(Event):
    """A writer asks for a second look; `appeal` has the words, the decision and until when an answer is due."""

    appeal: Any


@dataclass(frozen=True)
class AppealDecided(Event):
    """`appeal` has the outcome ("kept" or "reversed"), the answer in words, and whether the same person looked."""

    appeal: Any


@dataclass(frozen=True)
class CareItemOpened(Event):
    """Somebody may be in danger; `item` (a CareItem) says what led there. For whoever is on call."""

    item: Any


E = TypeVar("E", bound=Event)
_subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)


def subscribe(*kinds: type[E]) -> Callable[[Callable[[E], None]], Callable[[E], None]]:
    """Marks a function that is called with each event of these kinds."""

    def remember(subscriber: Callable[[E], None]) -> Callable[[E], None]:
        for kind in kinds:
            if subscriber not in _subscribers[kind]:
                _subscribers[kind].append(subscriber)
        return subscriber

    return remember


def publish(event: Event) -> None:
    """Tells all who asked to know. An error of theirs undoes the transaction: no half of a change stands alone."""
    for subscriber in _subscribers[type(event)]:
        subscriber(event)
