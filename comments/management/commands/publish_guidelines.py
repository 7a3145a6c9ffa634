"""Publishes the next version of the Commenting Guidelines from a text file."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments import guidelines

STARTER = Path(__file__).resolve().parent.parent / "guidelines.md"
_HEADING = re.compile(r"^## (?P<title>.+?)\s*\{#(?P<key>[a-z0-9-]{1,50})\}\s*$", re.MULTILINE)


def read(text: str) -> tuple[str, list[guidelines.Clause]]:
    """The introduction and the clauses: "## Title {#key}", a line with the short point, a blank line, more words."""
    headings = list(_HEADING.finditer(text))
    introduction = text[: headings[0].start()] if headings else text
    clauses = []
    for heading, following in pairwise([*headings, None]):
        words = text[heading.end() : following.start() if following else None].strip()
        short_point, _, body = words.partition("\n\n")
        clauses.append(guidelines.Clause(heading["key"], heading["title"], " ".join(short_point.split()), body.strip()))
    return introduction.strip(), clauses


class Command(BaseCommand):
    help = (
        "Publishes the next version of the Commenting Guidelines. FILE is Markdown: an introduction, then for each "
        "clause a heading '## Title {#key}', its short point, a blank line and more words. A clause keeps its key from "
        "version to version. Without FILE, the guidelines that come with Storied are published."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=STARTER)
        parser.add_argument("--summary", default="", help="what has changed, in a sentence")
        parser.add_argument("--if-none", action="store_true", help="does nothing where guidelines are in force already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_none"] and guidelines.current() is not None:
            return
        try:
            introduction, clauses = read(options["file"].read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem}.") from None
        keys = [clause.key for clause in clauses]
        if not clauses or len(set(keys)) < len(keys):
            raise CommandError("The file needs at least one clause ('## Title {#key}'), and each key only once.")
        if any(not clause.short_point for clause in clauses):
            raise CommandError("Each clause needs its short point below the heading.")
        version = guidelines.publish(clauses, introduction=introduction, summary_of_change=options["summary"])
        self.stdout.write(f"Published {version} with {len(clauses)} clauses.")
