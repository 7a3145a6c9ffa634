"""The table, on the screen and in REPORT.md, and the pictures beside it."""

import os
import platform
import re
from datetime import date
from importlib.metadata import version
from pathlib import Path

from . import plots
from .run import Options
from .table import Bar, Row

_COLUMNS = "{:10} {:56} {:>8} {:>7} {:>7} {:>7} {:>8} {:>8} {:>8} {:>8} {:>9} {:>9} {:>3}  {}"
HEAD = _COLUMNS.format(
    "database", "what", "cpu ms", "of db", "x view", "x wsgi", "a second", "p50 ms", "p95 ms", "p99 ms", "sent B",
    "plain B", "sql", "bars",
)  # fmt: skip
_beside: dict[str, float] = {}


def line(row: Row) -> str:
    """One row for the screen."""
    bars = "; ".join(f"{outcome(bar)}: {bar.words}" for bar in row.bars)
    return _COLUMNS.format(
        row.database or "-", row.name, *cells(row), " ".join(filter(None, [row.says, bars]))
    ).rstrip()


def outcome(bar: Bar) -> str:
    """In words; a bar that rests on a noisy figure says so, whichever way it fell."""
    said = {True: "reached", False: "NOT REACHED", None: "no bar"}[bar.reached]
    return f"~{said}" if bar.noisy else said


def cells(row: Row) -> list[str]:
    figures = row.figures
    if figures is None:
        return [""] * 11
    if row.name in ("empty Django view", "empty WSGI application"):
        _beside[row.name] = figures.together
    ratios = [
        f"{figures.together / _beside[name]:.2f}" if _beside.get(name) else ""
        for name in ("empty Django view", "empty WSGI application")
    ]
    noisy = "~" if figures.is_noisy else ""
    return [
        f"{noisy}{figures.together:.3f}", f"{figures.database:.3f}" if figures.database else "", *ratios,
        f"{figures.rate:,.0f}", f"{figures.p50:.2f}", f"{figures.p95:.2f}", f"{figures.p99:.2f}",
        f"{figures.sent:,}" if figures.sent else "", f"{figures.plain:,}" if figures.plain else "",
        "" if figures.queries is None else str(figures.queries),
    ]  # fmt: skip


def write(folder: Path, rows: list[Row], options: Options) -> None:
    """REPORT.md and plots/*.svg; what was found by hand stands in findings.md and is taken over."""
    findings = folder / "findings.md"
    pictures = plots.write(folder / "plots", rows)
    (folder / "REPORT.md").write_text(
        "\n".join([
            _INTRODUCTION.format(machine=machine(), day=date.today(), articles=options.articles,
                                 comments=options.articles * options.comments_each, seconds=options.seconds,
                                 times=options.times),
            findings.read_text() if findings.is_file() else "",
            "## Bars\n", bars_table(rows), "",
            "## Figures\n", figures_table(rows), "",
            *(f"![{title}](plots/{name})\n" for name, title in pictures),
        ])
    )  # fmt: skip


_INTRODUCTION = """# What Storied costs

Written by `make bench` on {day}: {machine}.

CPU is processor time a request, in milliseconds, of all processes of the server, and of the database's where it is
one of its own (“of db” is that part): it depends on noise least, and 2,000 divided by it is the rate that two cores
can reach. Beside it stand the same figures of an empty Django view and of an empty WSGI application under the same
server in the same run. What is said to be so many times something else was measured in turn with it, and the median
of the turns is given. Load comes over loopback from wrk (16 connections for kept pages, 4 for others) and, for
replies and decisions, from a small client with open lines, on the same cores; {seconds} seconds each, the best of
{times}. Two workers with four threads each, production settings, throttles off. At the desk a moderator is logged in,
who decides with the fields of twenty cards in the form, as a browser sends them. Discussions are made from a fixed
seed: 35 % top-level comments (half of 26), the rest answering random earlier ones to depth 8; the big site has
{comments:,} comments over {articles:,} articles. “Uncached” pages are asked for with a query that the kept pages do
not know, and sent without compression. A figure with “~” was measured while something else kept more than a quarter
of a core busy: it is too high, and a bar that rests on it, marked too, says little either way. What the few requests
cost that are under way when the time is up is counted, they are not.
"""


def machine() -> str:
    known = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    model = known[1] if known else platform.machine()
    programs = ", ".join(f"{name} {version(name)}" for name in ("Django", "granian"))
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, {programs}"


def bars_table(rows: list[Row]) -> str:
    lines = ["| what | database | figure and bar | |", "|---|---|---|---|"]
    for row in rows:
        lines += [f"| {row.name} | {row.database} | {bar.words} | {outcome(bar)} |" for bar in row.bars]
    return "\n".join(lines)


def figures_table(rows: list[Row]) -> str:
    names = "what|database|cpu ms|of db|× view|× WSGI|a second|p50 ms|p95 ms|p99 ms|sent B|plain B|queries".split("|")
    lines = [f"| {' | '.join(names)} |", "|---|---|" + "--:|" * (len(names) - 2)]
    for row in rows:
        if row.figures is not None:
            lines.append(f"| {row.name} | {row.database} | {' | '.join(cells(row))} |")
        elif row.says:
            lines.append(f"| {row.name} | {row.database} | {row.says} |" + " |" * (len(names) - 3))
    return "\n".join(lines)
