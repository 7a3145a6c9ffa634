"""The plots of the owner's figures: numbers turned into places here, drawn as SVG by a template."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from .figures import Day, Figures

WIDTH, HEIGHT = 640, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 20, 10, 24
_LABELS = 6


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    said: str


@dataclass(frozen=True)
class Tick:
    """A line across, or a label below, with its place."""

    at: float
    said: str


@dataclass(frozen=True)
class Series:
    """One colour of a plot: bars, or the points of lines; a line ends where nothing was measured."""

    name: str
    css: str
    bars: Sequence[Bar] = ()
    lines: Sequence[str] = ()
    dots: Sequence[Bar] = ()


@dataclass(frozen=True)
class Plot:
    """Everything that the template draws, in units of its view box, and the same numbers as a table."""

    name: str
    title: str
    described: str
    across: Sequence[Tick]
    below: Sequence[Tick]
    series: Sequence[Series]
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM

    @property
    def is_empty(self) -> bool:
        return not any(one.bars or one.lines or one.dots for one in self.series)


def queue_plot(figures: Figures) -> Plot:
    values = [day.waiting for day in figures.days]
    scale = _Scale(max(values, default=0))
    line = _lines(values, scale)
    return Plot(
        "queue", "How many waited at the end of each " + _unit(figures),
        f"At most {max(values, default=0)}, now {figures.waiting}.",
        scale.ticks(), _below(figures),
        [Series("Waiting", "one", lines=line, dots=_dots(values, scale, figures, _plain))],
        [_unit(figures).title(), "Waiting"], _table(figures, lambda day: [f"{day.waiting:,}"]),
    )  # fmt: skip


def comments_plot(figures: Figures) -> Plot:
    scale = _Scale(max((day.comments for day in figures.days), default=0))
    total, new = sum(day.comments for day in figures.days), sum(day.newcomers for day in figures.days)
    return Plot(
        "comments", "Comments and newcomers by " + _unit(figures), f"{total:,} comments; {new:,} people were new.",
        scale.ticks(), _below(figures),
        [
            Series("Comments", "one", bars=_bars([day.comments for day in figures.days], scale, figures, 0.8)),
            Series("People who wrote for the first time", "two",
                   bars=_bars([day.newcomers for day in figures.days], scale, figures, 0.4)),
        ],
        [_unit(figures).title(), "Comments", "Newcomers"],
        _table(figures, lambda day: [f"{day.comments:,}", f"{day.newcomers:,}"]),
    )  # fmt: skip


def waits_plot(figures: Figures) -> Plot:
    """In hours, on a scale that shows minutes and days alike."""
    medians, p90s = [day.median for day in figures.days], [day.p90 for day in figures.days]
    known = [value for value in [*medians, *p90s] if value is not None]
    scale = _TimeScale(max(known, default=0))
    said = _span_in_words
    all_waits = figures.waits
    described = (
        f"Half of all were decided within {said(median(all_waits))}."
        if all_waits
        else "Nothing was decided in this time."
    )
    return Plot(
        "waits", "Time until a moderator decided, by " + _unit(figures), described, scale.ticks(), _below(figures),
        [
            Series("Nine of ten within", "two", lines=_lines(p90s, scale), dots=_dots(p90s, scale, figures, said)),
            Series("Half within", "one", lines=_lines(medians, scale), dots=_dots(medians, scale, figures, said)),
        ],
        [_unit(figures).title(), "Decisions", "Half within", "Nine of ten within"],
        _table(figures, lambda day: [f"{len(day.waits):,}", said(day.median), said(day.p90)]),
    )  # fmt: skip


def _unit(figures: Figures) -> str:
    return "week" if figures.by_week else "day"


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _span_in_words(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {name}".replace(".0 ", " ")
    return f"{seconds:.0f} s"


class _Scale:
    """From numbers to heights: round numbers on the lines across."""

    def __init__(self, most: float) -> None:
        step = 10 ** math.floor(math.log10(max(most, 1) / 2)) if most > 2 else 1
        self._step = max(1, next(step * n for n in (1, 2, 5, 10) if step * n * 4 >= most))
        self._top = self._step * max(1, math.ceil(most / self._step))

    def y(self, value: float) -> float:
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - value / self._top), 1)

    def ticks(self) -> list[Tick]:
        return [Tick(self.y(n), f"{n:,.0f}") for n in _steps(0, self._top, self._step)]


def _steps(start: float, end: float, step: float) -> Iterable[float]:
    while start <= end:
        yield start
        start += step


class _TimeScale:
    """From seconds to heights, by powers: a minute, an hour, a day and a week are about as far apart."""

    _MARKS = ((60, "1 min"), (600, "10 min"), (3_600, "1 h"), (21_600, "6 h"), (86_400, "1 d"), (604_800, "7 d"),
              (2_592_000, "30 d"))  # fmt: skip

    def __init__(self, most: float) -> None:
        self._marks = [mark for mark in self._MARKS if mark[0] <= max(most, 3_600)]
        above = [mark for mark in self._MARKS if mark[0] > max(most, 3_600)]
        self._marks += above[:1]
        self._top = math.log10(max(self._marks[-1][0], most))
        self._bottom = math.log10(60)

    def y(self, value: float) -> float:
        share = (math.log10(max(value, 60)) - self._bottom) / (self._top - self._bottom)
        return round(_TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - share), 1)

    def ticks(self) -> list[Tick]:
        return [Tick(self.y(seconds), said) for seconds, said in self._marks]


def _x(number: int, of: int) -> float:
    """The middle of a day's place."""
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (number + 0.5) / of, 1)


def _below(figures: Figures) -> list[Tick]:
    days = figures.days
    every = max(1, math.ceil(len(days) / _LABELS))
    shown = [number for number in range(len(days)) if (len(days) - 1 - number) % every == 0]
    return [Tick(_x(number, len(days)), f"{days[number].date:%b} {days[number].date.day}") for number in shown]


def _bars(values: Sequence[int], scale: _Scale, figures: Figures, share: float) -> list[Bar]:
    room = (WIDTH - _LEFT - _RIGHT) / len(values)
    bottom = scale.y(0)
    return [
        Bar(
            round(_x(number, len(values)) - room * share / 2, 1), scale.y(value), round(room * share, 1),
            round(bottom - scale.y(value), 1), f"{_named(figures.days[number])}: {value:,}",
        )
        for number, value in enumerate(values)
        if value
    ]  # fmt: skip


def _lines(values: Sequence[float | None], scale: Any) -> list[str]:
    lines: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            lines.append([])
        else:
            lines[-1].append(f"{_x(number, len(values))},{scale.y(value)}")
    return [" ".join(points) for points in lines if len(points) > 1]


def _dots(values: Sequence[float | None], scale: Any, figures: Figures, said: Any) -> list[Bar]:
    return [
        Bar(_x(number, len(values)), scale.y(value), 0, 0, f"{_named(figures.days[number])}: {said(value)}")
        for number, value in enumerate(values)
        if value is not None
    ]


def _named(day: Day) -> str:
    return f"{day.date:%B} {day.date.day}"


def _table(figures: Figures, cells: Any) -> list[list[str]]:
    return [[f"{day.date:%Y-%m-%d}", *cells(day)] for day in reversed(figures.days)]


@dataclass(frozen=True)
class RuleBar:
    """One rule's line: how wide its parts are, of 100."""

    code: str
    held: int
    published: int
    refused: int
    open: int
    disagreed: int | None
    published_width: float
    refused_width: float
    open_width: float

    @property
    def refused_at(self) -> float:
        return self.published_width

    @property
    def open_at(self) -> float:
        return round(self.published_width + self.refused_width, 1)


def rule_bars(figures: Figures) -> list[RuleBar]:
    """What each rule held: published nevertheless, refused, and not decided yet."""
    most = max((rule.held for rule in figures.rules), default=1)
    bars = []
    for rule in figures.rules:
        still = max(0, rule.held - rule.decided)
        widths = [round(100 * number / most, 1) for number in (rule.published, rule.refused, still)]
        bars.append(RuleBar(rule.code, rule.held, rule.published, rule.refused, still, rule.disagreed, *widths))
    return bars
