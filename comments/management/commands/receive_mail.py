"""Takes a mail in from standard input, as mail servers hand it to a program."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from comments import incoming

# Of sysexits.h, which mail servers know: the sender is told, or the same mail comes again later.
TOO_LARGE, LATER = 65, 75


class Command(BaseCommand):
    help = (
        "Reads one mail from standard input: an answer becomes a comment, a bounce ends mail. In Postfix's master.cf: "
        "storied unix - n n - 4 pipe user=storied argv=…/manage.py receive_mail --from=${sender} --to=${recipient}"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="sender", help="the envelope's sender; empty for a bounce")
        parser.add_argument("--to", dest="recipient", default="", help="the envelope's recipient")

    def handle(self, *args: Any, sender: str | None, recipient: str, **options: Any) -> None:
        raw = sys.stdin.buffer.read(incoming.MOST_BYTES + 1)
        if len(raw) > incoming.MOST_BYTES:
            self.stderr.write("This mail is too large: answers have words alone, up to 1 MB.")
            sys.exit(TOO_LARGE)
        try:
            outcome = incoming.receive(raw, sender=sender, recipient=recipient)
        except DatabaseError as fault:
            self.stderr.write(f"The mail cannot be taken at the moment: {type(fault).__name__}")
            sys.exit(LATER)
        self.stdout.write(outcome)
