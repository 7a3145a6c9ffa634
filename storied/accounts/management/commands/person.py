"""Creates or changes a person without a prompt."""

import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from storied.accounts import names
from storied.accounts.addresses import vouch_for
from storied.accounts.models import User


class Command(BaseCommand):
    help = (
        "Creates a person, or changes the one with this e-mail address: an owner, a moderator or a member. "
        "The password is read from STORIED_PASSWORD or --password; without one, log-in works by a mailed code only."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", choices=User.Role.values)
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="the name shown (default: what stands before the @)")
        parser.add_argument("--password", default=os.environ.get("STORIED_PASSWORD"))
        parser.add_argument("--url", default="", help="the person's site")

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"]
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"{email} is not an e-mail address.") from None
        with transaction.atomic():
            person = User.objects.filter(email__iexact=email).first() or User(email=email)
            created = person.pk is None
            name = options["name"] or person.display_name or email.partition("@")[0]
            User.objects.wait_for_name(name)
            if names.is_empty(name) or User.objects.name_is_taken(name, by_anyone_but=person.pk):
                raise CommandError(
                    f"The name {name!r} is empty or looks like somebody else's. Give another with --name."
                )
            person.display_name = name
            person.role = options["role"]
            person.url = options["url"] or person.url
            if options["password"]:
                person.set_password(options["password"])
            elif created:
                person.set_unusable_password()
            person.save()
            # Whoever can run this command vouches for the address.
            vouch_for(person)
        self.stdout.write(
            f"{'Created' if created else 'Changed'} {person.get_role_display().lower()} {name} <{email}>."
        )
