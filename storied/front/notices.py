"""What a board says and is told, wherever it is kept: see `board` (one machine) and `valkey` (many)."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

Slots = tuple[int, ...]
# Slots, each with the number that its last finished change left there.
MadeOf = tuple[tuple[int, int], ...]


class Notices(ABC):
    """A board. What was made while no change was under way holds for as long as its slots keep their numbers.

    Where a board cannot be asked, nothing holds and nothing is settled: pages are made anew, and are right.
    """

    @abstractmethod
    def all_hold(self, made_of: MadeOf, *, of_request: bool = False) -> bool:
        """Whether what was made of these still holds; `of_request`: as this request saw it first, if that is cheaper.

        A change that is under way leaves it standing: nobody has been told of that change yet.
        """

    @abstractmethod
    def all_settled(self, slots: Slots, *, of_request: bool = False) -> MadeOf | None:
        """The slots with their numbers; None while one of them is changing."""

    @abstractmethod
    def snapshot(self) -> Any:
        """The state of the whole board, for `settled_since`."""

    @abstractmethod
    def settled_since(self, snapshot: Any, slots: Slots) -> MadeOf | None:
        """The slots with their numbers; None if one is changing, was when the snapshot was taken, or has since."""

    @abstractmethod
    def begin_all(self, slots: Iterable[int]) -> dict[int, Any]:
        """Says, before a commit, that these are changing; gives for each what ends it (`end_all`)."""

    @abstractmethod
    def end_all(self, handles: Mapping[int, Any], *, committed: bool = True) -> None:
        """Says that the changes are done, or were undone. When this returns, nobody is given what was before."""

    def begin_again(self, handles: Mapping[int, Any]) -> None:  # noqa: B027  (a file needs no second word)
        """Says once more, in the same transaction, that these are changing: a savepoint may have undone the first."""

    def request_begins(self) -> None:  # noqa: B027  (a board in this machine's memory has nothing to remember)
        """A new request on this thread: what the last one saw is forgotten."""

    def request_ends(self) -> None:  # noqa: B027
        """From now on this thread sees each thing anew."""

    def holds(self, slot: int, done: int) -> bool:
        """Whether what was kept at `done` still holds."""
        return self.all_hold(((slot, done),))

    def settled(self, slot: int) -> int | None:
        """The slot's number; None while a change is under way."""
        settled = self.all_settled((slot,))
        return settled[0][1] if settled else None

    def begin(self, slot: int) -> Any:
        """Says that a change is under way; the handle ends it."""
        return self.begin_all((slot,))[slot]

    def end(self, slot: int, handle: Any) -> None:
        """Says that the change is done, or was undone."""
        self.end_all({slot: handle})
