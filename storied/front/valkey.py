"""The board in Valkey (or Redis): for the processes of many machines that serve one database.

It lies in a hash: a number of its own for each slot, taken from one clock that counts all changes, and beside it the
writers whose changes are under way, each with the time until which it may be silent (`LEASE`): who dies stops saying
that it lives, and whoever looks next closes its change.

Nothing is right only while Valkey is there. Every number begins at a random `start`, drawn anew when the board is found
empty, when the server is not the one that it was (its run id, asked for on each new connection, since a copy on disk
may have missed changes) and when a writer could not tell its change. Where the board does not answer, nothing holds.
Such a writer leaves a row in the database, in its own transaction where it can, and is not answered before everybody
who serves kept pages must have looked there again (`LATEST`). So a machine that is cut off from Valkey alone keeps the
others from serving what it has changed.
"""

import logging
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django.apps import apps
from django.db import Error as DatabaseFault
from django.db import connection

from .notices import MadeOf, Notices, Slots
from .valkey_line import BEGIN, END, LOOK, START_ANEW, Unreachable, ValkeyLine, new_start

LEASE = 3.0  # seconds that a writer may be silent before it is taken for dead
LATEST = 1.0  # seconds for which it is believed that no change was missed
_MARGIN = 0.1  # seconds that two machines may measure differently

_log = logging.getLogger(__name__)


class _Seen(NamedTuple):
    """What a look has shown. Numbers of different starts never meet, so one number says it all."""

    start: int
    clock: int
    numbers: dict[int, int]
    changing: frozenset[int]


_NOTHING_YET = _Seen(0, 0, {}, frozenset())


class _Change:
    """A change under way."""

    def __init__(self, slot: int) -> None:
        self.writer = f"{slot}:{secrets.token_hex(8)}"
        self.untold: int | None = None  # the row in the database, where the board could not be told


class ValkeyBoard(Notices):
    def __init__(self, url: str, *, patience: float, name: str = "storied") -> None:
        self.line = ValkeyLine(url, patience=patience, name=name)
        self._own = threading.local()
        # Changes of this process that are told and not ended, whose leases somebody has to renew.
        self._changes: set[_Change] = set()
        self._changes_lock = threading.Lock()
        self._has_changes = threading.Event()
        self._renewer: threading.Thread | None = None
        # When it was last asked whether a change was missed, and the last row that all must have seen.
        self.asked_at = float("-inf")
        self._asking = threading.Lock()
        self._seen_by_all: int | None = None

    # --- What is kept ---

    def all_hold(self, made_of: MadeOf, *, of_request: bool = False) -> bool:
        try:
            seen = self._seen(tuple(slot for slot, _done in made_of), of_request=of_request)
        except Unreachable:
            return False
        return all(seen.numbers[slot] == done for slot, done in made_of)

    def all_settled(self, slots: Slots, *, of_request: bool = False) -> MadeOf | None:
        try:
            seen = self._seen(slots, of_request=of_request)
        except Unreachable:
            return None
        return None if seen.changing.intersection(slots) else tuple((slot, seen.numbers[slot]) for slot in slots)

    def snapshot(self) -> tuple[int, int] | None:
        try:
            seen = self._look(())
        except Unreachable:
            return None
        return seen.start, seen.clock

    def settled_since(self, snapshot: tuple[int, int] | None, slots: Slots) -> MadeOf | None:
        try:
            seen = self._look(slots)
        except Unreachable:
            return None
        if snapshot is None or seen.start != snapshot[0] or seen.changing.intersection(slots):
            return None
        # What was changing when the snapshot was taken has ended since, and its number is beyond the clock of then.
        if any(seen.numbers[slot] > sum(snapshot) for slot in slots):
            return None
        return tuple((slot, seen.numbers[slot]) for slot in slots)

    def request_begins(self) -> None:
        self._own.seen = _NOTHING_YET

    def request_ends(self) -> None:
        self._own.seen = None

    def _seen(self, slots: Slots, *, of_request: bool) -> _Seen:
        """The numbers of these slots, of which it is certain that nobody has changed them untold.

        A request may go on with what it saw first of each slot: what it makes is then never newer than the numbers
        that it is kept under, which are compared with the board once more.
        """
        first = getattr(self._own, "seen", None) if of_request else None
        if first and all(slot in first.numbers for slot in slots):
            return first
        if self.line.rests or not self._nothing_was_missed():
            raise Unreachable
        seen = self._look(slots)
        if first is None:
            return seen
        self._own.seen = first = _Seen(
            seen.start, seen.clock, {**seen.numbers, **first.numbers}, seen.changing | first.changing
        )
        return first

    def _look(self, slots: Slots) -> _Seen:
        (start, clock, *numbers), writers = self.line.ask(LOOK, slots)
        if start is None:  # emptied by somebody; a new connection starts it anew
            self.line.hang_up()
            (start, clock, *numbers), writers = self.line.ask(LOOK, slots)
        if start is None:
            raise Unreachable
        first = int(start)
        return _Seen(
            first,
            int(clock or 0),
            {slot: first + int(number or 0) for slot, number in zip(slots, numbers, strict=True)},
            frozenset(int(writer.partition(b":")[0]) for writer in writers),
        )

    # --- What changes ---

    def begin_all(self, slots: Iterable[int]) -> dict[int, _Change]:
        changes = {slot: _Change(slot) for slot in slots}
        self._forget_what_this_request_saw()
        with self._changes_lock:
            self._changes.update(changes.values())
            self._has_changes.set()
        try:
            self._renew(changes.values())
        except Unreachable:
            self._let_go(changes.values())
            self._note(changes.values())
        else:
            self._ensure_renewer()
        return changes

    def begin_again(self, handles: Mapping[int, _Change]) -> None:
        untold = [change for change in handles.values() if change.untold is not None]
        if untold and not _untold_changes().filter(pk=untold[-1].untold).exists():
            self._note(untold)

    def _note(self, changes: Iterable[_Change]) -> None:
        """Leaves a row in the writer's own transaction: it is there as soon as the change is."""
        row = _untold_changes().create()
        for change in changes:
            change.untold = row.pk

    def end_all(self, handles: Mapping[int, _Change], *, committed: bool = True) -> None:
        changes = list(handles.values())
        self._forget_what_this_request_saw()
        self._let_go(changes)
        untold = [change.untold for change in changes if change.untold is not None]
        try:
            self.line.ask(END, [change.writer for change in changes])
        except Unreachable:
            if committed:
                self._hold_back(changes, untold)
        else:
            # Of a change that was rolled back nothing is left, its row included.
            if untold and committed:
                self._strike(untold)

    def _hold_back(self, changes: list[_Change], untold: list[int]) -> None:
        """Keeps the writer waiting until nobody can serve what was before; the write itself is done."""
        _log.warning("A change could not be told to the board in Valkey; its writer waits.")
        try:
            rows = untold or [_untold_changes().create().pk]
            if self._is_mistrusted_by_all():
                return
        except DatabaseFault:
            rows = []
        until = time.monotonic() + LATEST + _MARGIN
        while time.monotonic() < until:
            time.sleep(_MARGIN)
            try:
                self.line.ask(END, [change.writer for change in changes])
            except Unreachable:
                continue
            self._strike(rows)
            return
        self._seen_by_all = max(rows, default=None)

    def _renew(self, changes: Iterable[_Change]) -> None:
        self.line.ask(BEGIN, [int(LEASE * 1000), *(change.writer for change in changes)])

    def _let_go(self, changes: Iterable[_Change]) -> None:
        with self._changes_lock:
            self._changes.difference_update(changes)

    def _ensure_renewer(self) -> None:
        # A child of a fork has the object without the thread.
        if self._renewer is None or not self._renewer.is_alive():
            self._renewer = threading.Thread(target=self._keep_renewing, name="storied-board", daemon=True)
            self._renewer.start()

    def _keep_renewing(self) -> None:
        """Most changes are done before the first round: this is for imports and slow disks."""
        while self._has_changes.wait():
            time.sleep(LEASE / 3)
            with self._changes_lock:
                if not self._changes:
                    self._has_changes.clear()
                    continue
                with suppress(Unreachable):
                    self._renew(self._changes)

    def _forget_what_this_request_saw(self) -> None:
        if getattr(self._own, "seen", None) is not None:
            self._own.seen = _NOTHING_YET

    # --- What was missed ---

    def _nothing_was_missed(self) -> bool:
        """Whether, a moment ago at most, the database knew of no change that the board was not told of."""
        if time.monotonic() < self.asked_at + LATEST:
            return True
        if connection.in_atomic_block:
            return False
        with self._asking:
            return time.monotonic() < self.asked_at + LATEST or self._ask_the_database()

    def _ask_the_database(self) -> bool:
        now = time.monotonic()
        try:
            if getattr(self._own, "seen", None) is None:  # between requests nobody else looks after the connection
                connection.close_if_unusable_or_obsolete()
            rows = list(_untold_changes().values_list("pk", flat=True)[:1_000])
            if rows:
                self.line.ask(START_ANEW, [new_start()])
                self._strike(rows)
        except Unreachable:
            return False
        except DatabaseFault:
            # Nobody here can write either, and what is kept is all that there is to show.
            _log.warning("The database cannot be asked for changes that were missed.")
        self.asked_at = now
        return True

    def _is_mistrusted_by_all(self) -> bool:
        """Whether a row that everybody has had the time to see still stands."""
        return self._seen_by_all is not None and _untold_changes().filter(pk=self._seen_by_all).exists()

    def _strike(self, rows: list[int]) -> None:
        try:
            _untold_changes().filter(pk__in=rows).delete()
        except DatabaseFault:
            _log.warning("Changes that the board knows of by now are still noted as missed.")


def _untold_changes() -> Any:
    return apps.get_model("front", "UntoldChange").objects
