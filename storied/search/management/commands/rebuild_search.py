"""Indexes everything public anew: after a restored backup, or when STORIED_SEARCH_LANGUAGE was changed."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from storied import search
from storied.search.documents import all_documents


class Command(BaseCommand):
    help = "Indexes everything public anew, so that search finds it. Readers can go on searching meanwhile."

    def handle(self, **options: Any) -> None:
        kinds: Counter[str] = Counter()

        def counted() -> Iterator[search.Document]:
            for document in all_documents():
                kinds[document.kind] += 1
                yield document

        total = search.rebuild(counted())
        parts = ", ".join(f"{kind}: {count:,}" for kind, count in sorted(kinds.items()))
        self.stdout.write(f"Search knows {total:,} texts now" + (f" ({parts})." if parts else "."))
