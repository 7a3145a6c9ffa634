"""The account of an import: what became of every row, and whether the sum is right."""

from collections import Counter
from dataclasses import dataclass, field

AUTHORS, CATEGORIES, TERMS = "authors", "categories", "tags and other terms"
ARTICLES, PAGES, OTHER_ITEMS = "articles", "pages", "files, menus and other items"
COMMENTS, LINKBACKS = "comments", "linkbacks"
KINDS = (AUTHORS, CATEGORIES, TERMS, ARTICLES, PAGES, OTHER_ITEMS, COMMENTS, LINKBACKS)


@dataclass
class Ledger:
    """Every row is found once and ends once: imported, merged (it was there) or skipped with a reason."""

    found: Counter[str] = field(default_factory=Counter)
    imported: Counter[str] = field(default_factory=Counter)
    merged: Counter[str] = field(default_factory=Counter)
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    # What was changed on the way in: sentence → how often.
    notes: Counter[str] = field(default_factory=Counter)
    depths: Counter[int] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)

    def skip(self, kind: str, reason: str) -> None:
        self.skipped[kind, reason] += 1

    def skipped_of(self, kind: str) -> int:
        return sum(count for (of, _reason), count in self.skipped.items() if of == kind)

    def ended(self, kind: str) -> int:
        return self.imported[kind] + self.merged[kind] + self.skipped_of(kind)

    def discrepancies(self) -> list[str]:
        """Where found and ended differ, in words; empty when every row is accounted for."""
        return [
            f"{kind}: {self.found[kind]} in the file, {self.ended(kind)} accounted for"
            for kind in KINDS
            if self.found[kind] != self.ended(kind)
        ]

    def total(self, count: Counter[str]) -> int:
        return sum(count[kind] for kind in KINDS)
