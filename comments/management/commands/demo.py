"""Fills an empty site with a small blog to try Storied out with."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments.management.demo import content
from comments.management.demo.load import PASSWORD, load
from posts.models import Post
from storied.accounts.models import User


class Command(BaseCommand):
    help = (
        "Loads a blog with articles, pictures, discussions, guidelines and three accounts, if there is no article yet, "
        "and prints the demo's log-ins. Their password is public, so a site in production is refused without --yes."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="load the demo although debug mode is off")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG and not options["yes"]:
            raise CommandError(
                "This looks like a real site, since debug mode is off. The demo makes an owner whose password "
                "everybody can read in the source. If that is what you want here, say so with --yes."
            )
        blog = content.read()
        if Post.objects.exists():
            self.stdout.write("There are articles already, so the demo was not loaded again.")
        else:
            _ensure_accounts_are_free(blog)
            load(blog)
            comments = sum(len(post.comments) for post in blog.posts)
            self.stdout.write(
                f"Loaded the demo blog “{blog.name}”: {len(blog.posts)} articles with {comments} comments."
            )
        self._print_log_ins(blog)

    def _print_log_ins(self, blog: content.DemoBlog) -> None:
        """Only those that work: an account may have been changed since, or never have been the demo's."""
        accounts = {user.email: user for user in User.objects.filter(email__in=[p.email for p in blog.people])}
        working = [p for p in blog.people if p.email in accounts and accounts[p.email].check_password(PASSWORD)]
        if not working:
            self.stdout.write("No account here has the demo's password.")
            return
        self.stdout.write(f"Log in with the password {PASSWORD} as")
        for person in working:
            self.stdout.write(f"  {person.role:<10} {person.email:<22} {person.name}")


def _ensure_accounts_are_free(blog: content.DemoBlog) -> None:
    for person in blog.people:
        account = User.objects.filter(email__iexact=person.email).exclude(role=person.role).first()
        if account is not None:
            raise CommandError(
                f"{person.email} has an account here already, as {account.role}; the demo needs it as {person.role}. "
                "Nothing was loaded."
            )
