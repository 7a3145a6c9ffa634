"""What `manage.py check` says about an installation."""

import re
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from . import log
from .care import arrangements
from .conf import installed_rules
from .guidelines import guards, published
from .models import CareResponder, HelpLine


@register()
def house_rules_are_readable(**_kwargs: Any) -> list[Error]:
    try:
        installed_rules()
    except ImproperlyConfigured as problem:
        return [Error(str(problem), id="comments.E001")]
    return []


@register()
def answers_can_come_back(**_kwargs: Any) -> list[Error]:
    """The address for answers has to leave room for what is put into it (64 letters before the @, by RFC 5321)."""
    address, secret = settings.STORIED_REPLY_ADDRESS, settings.STORIED_MAIL_HOOK_SECRET
    if address and not re.fullmatch(r"[a-z0-9._-]{1,24}@[a-z0-9-]+(\.[a-z0-9-]+)*", address, re.A):
        words = "STORIED_REPLY_ADDRESS must be like reply@example.org, with at most 24 letters before the @ and no +."
        return [Error(words, id="comments.E002")]
    if secret and not re.fullmatch(r"[\w-]{16,200}", secret, re.A):
        words = "STORIED_MAIL_HOOK_SECRET must be 16 letters or more, of those that an address can have."
        return [Error(words, id="comments.E003")]
    return []


@register(deploy=True)
def cache_is_shared(**_kwargs: Any) -> list[Warning]:
    """Log-in throttles count in the cache: one a process would multiply them."""
    if settings.CACHES["default"]["BACKEND"].endswith(("LocMemCache", "DummyCache")):
        return [
            Warning(
                "The cache is not shared between worker processes, so log-in limits are multiplied by their number.",
                hint="Leave CACHE_URL empty (a table in the database) or name a Valkey or Redis server.",
                id="comments.W001",
            )
        ]
    return []


@register(Tags.database)
def help_can_be_found(databases: Any = None, **_kwargs: Any) -> list[Warning]:
    """Whoever needs help finds it on each page, once the owner has said where it is; numbers go out of date."""
    needed = {HelpLine._meta.db_table, CareResponder._meta.db_table}
    # Before the first migration there is nothing to ask.
    if not databases or any(needed - set(connections[alias].introspection.table_names()) for alias in databases):
        return []
    lines = list(HelpLine.objects.all())
    if not lines:
        return [
            Warning(
                "No help line is named, so no page says “Get help now”, and the care lane is off.",
                hint="Name some in the site: Moderation, Care, How care is arranged.",
                id="comments.W002",
            )
        ]
    warnings = []
    stale = [line.name for line in lines if line.is_stale]
    if stale:
        warnings.append(
            Warning(
                f"Nobody has checked for more than a year whether these are still reached: {', '.join(stale)}.",
                hint="Try them, and note the day: Moderation, Care, How care is arranged.",
                id="comments.W003",
            )
        )
    if not arrangements.responders().exists():
        warnings.append(
            Warning(
                "Help lines are named, but nobody is on call: the care lane is off.",
                hint="Name somebody: Moderation, Care, How care is arranged.",
                id="comments.W004",
            )
        )
    return warnings


@register(Tags.database)
def guidelines_are_as_they_were_published(databases: Any = None, **_kwargs: Any) -> list[Warning]:
    """Run by `check --database default` and before each migration: nobody has got past the database's guards."""
    found = []
    for using in databases or ():
        for number in published.tampered(using) if guards.have_tables(using) else ():
            found.append(
                Warning(
                    f"Version {number} of the Commenting Guidelines is not what was published: its digest differs.",
                    hint="Compare it with a backup. People have agreed to the words of then.",
                    id="comments.W010",
                )
            )
        if not guards.are_set_up(using):
            found.append(
                Warning(
                    "The database does not guard the guidelines and the agreements to them: triggers are missing.",
                    hint="Run `manage.py migrate`, which makes them anew.",
                    id="comments.W011",
                )
            )
    return found


@register(Tags.database)
def log_is_written_once(databases: Any = None, **_kwargs: Any) -> list[Warning]:
    """The database itself refuses to change or delete what was decided."""
    return [
        Warning(
            "The database does not guard the moderation log: triggers are missing.",
            hint="Run `manage.py migrate`, which makes them anew.",
            id="comments.W012",
        )
        for using in databases or ()
        if not log.is_written_once(using)
    ]
