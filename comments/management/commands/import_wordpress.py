"""Brings a WordPress blog's articles, pages and discussions here."""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from comments.importers import load
from comments.importers.ledger import Ledger
from comments.importers.records import UnreadableFile
from comments.importers.summary import summary
from comments.importers.wordpress import Export

_STOPPED = "What came before is stored, each discussion whole; start the import again and it goes on from there."


class Command(BaseCommand):
    help = (
        "Imports a WordPress export (Tools, Export, All content). The file is read whole before anything is written, "
        "so a damaged one changes nothing; the same file again adds nothing, a later one only what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the XML file that WordPress made")
        parser.add_argument("--dry-run", action="store_true", help="do everything, report, and take it back")
        parser.add_argument("--no-progress", action="store_true", help="show no progress bar")

    def handle(self, *args: Any, **options: Any) -> None:
        export = Export(options["file"])
        console = Console(file=self.stdout, force_terminal=options["force_color"] or None, no_color=options["no_color"])
        try:
            with _progress_bar(export, hidden=options["no_progress"] or not options["verbosity"]) as tell:
                ledger = load.load(export, format_name="wordpress", dry_run=options["dry_run"], progress=tell)
        except UnreadableFile as problem:
            raise CommandError(str(problem)) from problem
        except DatabaseError as problem:
            raise CommandError(f"The database refused a row: {problem}. {_STOPPED}") from problem
        except KeyboardInterrupt:
            raise CommandError(f"Stopped. {_STOPPED}") from None
        if options["verbosity"]:
            console.print(summary(ledger))
            console.print(_last_words(ledger, export, dry_run=options["dry_run"]))
        if wrong := ledger.discrepancies():
            raise CommandError(f"The sum is wrong, please report this as a mistake of Storied: {'; '.join(wrong)}.")


def _last_words(ledger: Ledger, export: Export, *, dry_run: bool) -> str:
    rows = f"{ledger.total(ledger.found):,} rows of {export.site}, all accounted for"
    return f"Dry run, nothing was changed: {rows}." if dry_run else f"Done: {rows}."


@contextmanager
def _progress_bar(export: Export, *, hidden: bool) -> Iterator[load.Progress]:
    """A bar on the error stream, so that the summary can be sent elsewhere."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=hidden or not console.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def tell(doing: str, read_bytes: int) -> None:
            if doing not in tasks:
                tasks[doing] = bar.add_task(doing, total=export.size)
            bar.update(tasks[doing], completed=read_bytes)

        yield tell
