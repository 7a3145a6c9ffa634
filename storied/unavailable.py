"""When the database cannot do what was asked: said in words, with what was typed in a form to send once more."""

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from comments.models import HouseRules

from .turns import was_broken_off
from .typed import what_was_typed

RETRY_AFTER = 30  # seconds


@dataclass(frozen=True)
class Trouble:
    """What is the matter: `title` for whoever reads, `why` for whoever writes too."""

    code: str
    title: str
    why: str


AWAY = Trouble(
    "database_away",
    "This site cannot reach its database just now",
    "This usually passes within a minute.",
)
FULL = Trouble(
    "nothing_can_be_stored",
    "Nothing can be stored here at the moment",
    "The place where this site keeps what people write is full or locked. Everything that is there can still be read; "
    "whoever runs the site has to make room.",
)
CROWDED = Trouble(
    "too_many_at_once",
    "Others changed the same at this very moment",
    "This passes within seconds.",
)
BEHIND = Trouble(
    "being_updated",
    "This site is being brought up to date",
    "It will be back in a few minutes.",
)

# What PostgreSQL (SQLSTATE) and SQLite (names and words of errors) say.
_FULL_STATES = {"53100", "25006"}
_FULL_NAMES = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR_WRITE")
_BEHIND_STATES = {"42P01", "42703"}
_BEHIND_WORDS = ("no such table", "no such column", "has no column named")


def trouble_behind(error: BaseException | None) -> Trouble | None:
    """The trouble that an error speaks of; None where it is a fault of Storied."""
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    if was_broken_off(error):
        return CROWDED
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    name = getattr(cause, "sqlite_errorname", "")
    if state in _BEHIND_STATES or any(words in str(error) for words in _BEHIND_WORDS):
        return BEHIND
    if state in _FULL_STATES or name.startswith(_FULL_NAMES):
        return FULL
    # SQLite calls bad grammar operational too.
    return AWAY if isinstance(error, OperationalError | InterfaceError) and name != "SQLITE_ERROR" else None


def unavailable(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """The answer, made without the database: a page, or JSON for whoever asked for that."""
    asks_for = request.headers.get("Accept", "")
    if asks_for.startswith("application/json") or request.content_type == "application/json":
        message = f"{trouble.title}. {trouble.why} Nothing was stored."
        response: HttpResponse = JsonResponse({"code": trouble.code, "message": message}, status=503)
    else:
        fields = what_was_typed(request) if request.method == "POST" else []
        context = {
            "site_name": settings.STORIED_SITE_NAME,
            "rules": HouseRules.last_known(),
            "trouble": trouble,
            "address": request.get_full_path(),
            "writes": request.method == "POST",
            "fields": fields,
            "is_comment": any(field["name"] == "stamp" for field in fields),
        }
        # Without context processors: they ask the database.
        response = render(None, "503.html", context, status=503)
    response.trouble = trouble
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response
