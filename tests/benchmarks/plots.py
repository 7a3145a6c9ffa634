"""Small pictures of the figures: horizontal bars in plain SVG, readable on light and dark."""

from html import escape
from pathlib import Path

from .table import Row

_COLOURS = {"": "#8a8f98", "sqlite": "#2f7d6b", "postgresql": "#3b6ea8"}
_WIDTH, _LABEL, _LINE = 860, 380, 22  # pixels


def write(folder: Path, rows: list[Row]) -> list[tuple[str, str]]:
    """(file, title) of each picture that there are figures for."""
    folder.mkdir(exist_ok=True)
    pictures = (
        ("kept.svg", "Kept pages and limits: CPU milliseconds a request", {"limits", "cached", "nginx"}, _cpu, ""),
        ("pages.svg", "Pages made for the request: CPU milliseconds", {"pages"}, _cpu, ""),
        ("replies.svg", "A reply: CPU milliseconds", {"replies"}, _cpu, "alone"),
        ("rates.svg", "Replies by 8 clients: a second", {"replies"}, _rate, "8 clients"),
    )
    written = []
    for name, title, groups, value, which in pictures:
        chosen = [row for row in rows if row.group in groups and row.figures is not None and _is(row, which)]
        if chosen:
            (folder / name).write_text(bars(title, [(row.name, row.database, value(row)) for row in chosen]))
            written.append((name, title))
    return written


def _is(row: Row, which: str) -> bool:
    return not which or row.name.endswith("8 clients") == (which == "8 clients")


def _cpu(row: Row) -> float:
    return row.figures.together


def _rate(row: Row) -> float:
    return row.figures.rate


def bars(title: str, values: list[tuple[str, str, float]]) -> str:
    """An SVG of (label, database, value)."""
    longest = max(value for _label, _database, value in values) or 1
    height = _LINE * (len(values) + 2) + 10
    room = _WIDTH - _LABEL - 90
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}" '
        f'role="img" font-family="sans-serif" font-size="13"><title>{escape(title)}</title>',
        f'<rect width="{_WIDTH}" height="{height}" fill="#fdfdfb"/>',
        f'<text x="10" y="20" font-weight="bold" fill="#222">{escape(title)}</text>',
    ]
    for number, (label, database, value) in enumerate(values, start=1):
        top = _LINE * number + 10
        wide = max(1.0, room * value / longest)
        said = f"{label}, {database}" if database else label
        parts += [
            f'<text x="{_LABEL - 8}" y="{top + 15}" text-anchor="end" fill="#222">{escape(said)}</text>',
            f'<rect x="{_LABEL}" y="{top + 3}" width="{wide:.1f}" height="{_LINE - 6}" fill="{_COLOURS[database]}"/>',
            f'<text x="{_LABEL + wide + 6:.1f}" y="{top + 15}" fill="#222">{_short(value)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"
