"""A line of the table, and the bars that stand beside it."""

from dataclasses import dataclass, field

from .pressure import Figures


@dataclass
class Bar:
    """What has to be reached, in words, and whether it was."""

    words: str
    reached: bool | None  # None where there is none, only something to know
    noisy: bool = False


@dataclass
class Row:
    """One line of the table."""

    group: str
    name: str
    database: str  # "" where none is asked
    figures: Figures | None = None
    bars: list[Bar] = field(default_factory=list)
    says: str = ""  # in place of figures

    def at_most(self, value: float, most: float, unit: str, *beside: Figures) -> None:
        self.bars.append(Bar(f"{value:.3g} of at most {most:g} {unit}", value <= most, self._is_noisy(beside)))

    def at_least(self, value: float, least: float, unit: str) -> None:
        self.bars.append(Bar(f"{value:,.0f} of at least {least:,.0f} {unit}", value >= least, self._is_noisy()))

    def _is_noisy(self, beside: tuple[Figures, ...] = ()) -> bool:
        return any(figures.is_noisy for figures in (self.figures, *beside) if figures is not None)
