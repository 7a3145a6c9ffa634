"""Prints the configuration of nginx for this installation."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError, CommandParser

from storied.front import nginx


class Command(BaseCommand):
    help = "Prints the part of nginx's configuration that serves this site, with its stored pages; see the README."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--upstream", default="127.0.0.1:8000", help="where Storied listens (127.0.0.1:8000)")
        parser.add_argument("--listen", default="", help="where nginx listens, in place of 80 and 443, without TLS")
        parser.add_argument("--brotli", action="store_true", help="for an nginx that has the module brotli_static")

    def handle(self, *, upstream: str, listen: str, brotli: bool, **_options: Any) -> None:
        if not settings.PAGE_STORE:
            raise CommandError("STORIED_PAGE_STORE is empty: name the folder in which nginx finds the pages.")
        try:
            text = nginx.configuration(upstream=upstream, listen=listen, brotli=brotli)
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        self.stdout.write(text, ending="")
