"""Does the work that nobody waits for."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from storied.work.worker import work


class Command(BaseCommand):
    help = (
        "Does the work that nobody waits for, such as mail, until it is told to stop (SIGTERM, Ctrl-C). "
        "Any number may run beside each other; with SQLite one is enough."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and end: for cron")
        parser.add_argument(
            "--with-parent", type=int, metavar="PID", help="end when that process, which started this one, is gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        work(once=options["once"], parent=options["with_parent"])
