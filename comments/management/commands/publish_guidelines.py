"""Publishes the next version of the Commenting Guidelines from a text file."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments import guidelines
from comments.exceptions import CommentsError
from comments.guidelines import drafts, source


class Command(BaseCommand):
    help = (
        "Publishes the next version of the Commenting Guidelines. FILE is Markdown: an introduction, then for each "
        "clause a heading '## Title {#key}', its short point, a blank line and more words. A clause keeps its key from "
        "version to version. Without FILE, the guidelines that come with Storied are published. A draft that is being "
        "written in the site stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, default=drafts.STARTER)
        parser.add_argument("--summary", default="", help="what has changed, in a sentence")
        parser.add_argument(
            "--wording-only", action="store_true", help="it says the same in other words: no writer is interrupted"
        )
        parser.add_argument("--if-none", action="store_true", help="does nothing where guidelines are in force already")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_none"] and guidelines.current() is not None:
            return
        try:
            introduction, clauses = source.read(options["file"].read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem}.") from None
        words = drafts.Words(introduction, tuple(clauses), options["summary"])
        keys = [clause.key for clause in clauses]
        if not clauses or not all(keys) or len(set(keys)) < len(keys):
            raise CommandError("The file needs at least one clause ('## Title {#key}'), and each key only once.")
        if any(not clause.short_point for clause in clauses):
            raise CommandError("Each clause needs its short point below the heading.")
        for problem in drafts.what_is_wrong(words):
            raise CommandError(problem)
        try:
            version = guidelines.publish(
                clauses,
                introduction=introduction,
                summary_of_change=options["summary"],
                is_material=not options["wording_only"],
            )
        except CommentsError as problem:
            raise CommandError(problem.message) from None
        self.stdout.write(f"Published {version} with {len(clauses)} clauses.")
