"""The ledger of an import as a person reads it in a terminal."""

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from storied.text import clean_line

from .ledger import KINDS, Ledger

_BAR = 30  # characters


def summary(ledger: Ledger) -> RenderableType:
    """What became of every row, why some were skipped, what was changed, and the shape of the talk."""
    return Group(*_parts(ledger))


def _parts(ledger: Ledger) -> Iterator[RenderableType]:
    table = Table(title="What became of every row", title_justify="left")
    table.add_column("Rows")
    for heading in ("In the file", "Imported", "Already there", "Skipped"):
        table.add_column(heading, justify="right")
    for kind in KINDS:
        counts = (ledger.found[kind], ledger.imported[kind], ledger.merged[kind], ledger.skipped_of(kind))
        if any(counts):
            table.add_row(kind, *(f"{count:,}" if count else "–" for count in counts))
    table.add_section()
    skipped = sum(ledger.skipped.values())
    totals = (ledger.total(ledger.found), ledger.total(ledger.imported), ledger.total(ledger.merged), skipped)
    table.add_row("all", *(f"{count:,}" for count in totals), style="bold")
    yield table
    if ledger.skipped:
        reasons = Counter({f"{kind}: {reason}": count for (kind, reason), count in ledger.skipped.items()})
        yield _counted("Skipped, and why", reasons)
    if ledger.notes:
        yield _counted("Changed on the way in", ledger.notes)
    if ledger.depths:
        yield _bars("Imported comments by depth (0 is the top level)", ledger.depths)
    if ledger.years:
        yield _bars("Imported comments and linkbacks by year", ledger.years)


def _counted(title: str, counts: Counter[str]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column(justify="right")
    table.add_column()
    for sentence, count in counts.most_common():
        # Text, not str: what comes from the file is no markup for the terminal.
        table.add_row(f"{count:,}", Text(clean_line(sentence)))
    return table


def _bars(title: str, counts: Counter[int]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None)
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    most = max(counts.values())
    for value in sorted(counts):
        table.add_row(str(value), f"{counts[value]:,}", "█" * max(1, round(counts[value] * _BAR / most)))
    return table
