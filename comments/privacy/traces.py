"""What somebody leaves around their comments: reports, mail, notes about them, signatures, sessions, the account."""

import json
from collections.abc import Collection, Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import CharField, F, Q, Value
from django.db.models.functions import Cast, Concat, Lower

from comments import log
from comments.models import (
    Alias,
    Appeal,
    Block,
    CareItem,
    CareSignal,
    DeskLogEntry,
    Flag,
    LogCorrection,
    ModerationLogEntry,
    Mute,
    PersonNote,
    Redaction,
    Restriction,
)
from comments.notifications import forgetting
from storied.accounts.models import Invitation
from storied.turns import once_more

from .belongings import Belongings

# Acts of moderators stay, with a number that tells who did which together; whose name it was does not matter for that.
FORMER_MODERATOR = "a former moderator"
_WHY = "somebody asked to be erased"
# Where those who moderate sign: (model, the field with the name, that with the account).
_SIGNED: list[tuple[type[models.Model], str, str]] = [
    (Appeal, "decided_by_name", "decided_by"),
    (Block, "by_name", "by"),
    (CareItem, "closed_by_name", "closed_by"),
    (PersonNote, "by_name", "by"),
    (Redaction, "made_by_name", "made_by"),
    (Restriction, "by_name", "by"),
    (Restriction, "lifted_by_name", "lifted_by"),
]
_SESSIONS_AT_ONCE = 500


@once_more
def erase_around(theirs: Belongings) -> None:
    """Reports and worries lose their words and who said them; notes, restrictions, who muted them, and their log go."""
    with transaction.atomic():
        if theirs.account is not None:
            # They still count as one reader's, in this comment.
            _nobodys(Flag.objects.filter(reporter=theirs.account), "reporter_key", reporter=None, words="")
            mine = Q(person=theirs.account) | Q(key=f"account:{theirs.account.pk}")
            _nobodys(CareSignal.objects.filter(mine), "key", person=None, words="")
            for alias in Alias.objects.filter(user=theirs.account):
                Mute.objects.filter(post=alias.post_id, name=alias.name).delete()
        keys = [person.guest_key for person in theirs.people if person.guest_key]
        Mute.objects.filter(Q(guest_key__in=keys) | Q(comment__in=theirs.comments.values("pk"))).delete()
        invited = Invitation.objects.alias(address=Lower("email")).filter(address__in=theirs.addresses)
        invited.filter(used_at=None).delete()
        invited.update(email="")
        PersonNote.objects.filter(theirs.about).delete()
        Restriction.objects.filter(theirs.about).delete()
        with log.corrected(_WHY):
            about = DeskLogEntry.objects.filter(subject__in=[person.key for person in theirs.people])
            about.update(subject_name="", words="", details={})
            about.filter(subject__startswith="guest ").update(subject="guest")
            for address in theirs.addresses:
                DeskLogEntry.objects.filter(subject_name__iexact=address).update(subject_name="", words="", details={})


def _nobodys(rows: models.QuerySet[Any], key: str, **gone: Any) -> None:
    rows.update(**{key: Concat(Value("gone:"), Cast(F("pk"), CharField()))}, **gone)


@once_more
def erase_mail(theirs: Belongings) -> None:
    forgetting.forget(theirs.who, theirs.addresses)
    end_sessions(theirs.account, theirs.addresses)


def erase_account(account: Any) -> None:
    """The account row and all that goes with it, inside a transaction."""
    with log.corrected(_WHY):
        decided = ModerationLogEntry.objects.filter(actor=account.pk)
        decided.exclude(actor_name="").update(actor_name=FORMER_MODERATOR)
        decided.filter(by_author=True).update(actor=None)
        DeskLogEntry.objects.filter(actor_number=account.pk).update(actor_name=FORMER_MODERATOR)
    LogCorrection.objects.filter(by_name=account.display_name).update(by_name=FORMER_MODERATOR)
    for model, name, who in _SIGNED:
        model._base_manager.filter(**{who: account.pk}).exclude(**{name: ""}).update(**{name: FORMER_MODERATOR})
    here = ContentType.objects.get_for_model(type(account))
    LogEntry.objects.filter(content_type=here, object_id=str(account.pk)).update(object_repr="", change_message="")
    account.delete()


def sessions_of(account: Any) -> Iterator[dict[str, Any]]:
    """Each log-in of an account that holds, as its own list of them shows it."""
    if account is not None:
        for session in UserSession.objects.filter(user=account).order_by("pk"):
            yield {
                "began_at": session.created_at.isoformat(timespec="seconds"),
                "last_seen_at": session.last_seen_at.isoformat(timespec="seconds"),
                "browser": session.user_agent, "network_mark": session.ip,
            }  # fmt: skip


def keys_of(account: Any) -> list[dict[str, Any]]:
    """With what an account logs in besides a password: kinds and times, never a secret."""
    found = Authenticator.objects.filter(user=account).order_by("pk")
    keys = [{"kind": key.get_type_display(), "added_at": key.created_at.isoformat(timespec="seconds")} for key in found]
    if apps.is_installed("allauth.socialaccount"):
        elsewhere = apps.get_model("socialaccount", "SocialAccount").objects.filter(user=account).order_by("pk")
        keys += [
            {"kind": one.provider, "added_at": one.date_joined.isoformat(timespec="seconds"), "told": one.extra_data}
            for one in elsewhere
        ]
    return keys


def _sessions() -> Iterator[tuple[Session, dict[str, Any]]]:
    """All sessions with what they hold; none where they are not kept in the database."""
    if settings.SESSION_ENGINE == "django.contrib.sessions.backends.db":
        for session in Session.objects.all().iterator(chunk_size=_SESSIONS_AT_ONCE):
            yield session, session.get_decoded()


def end_sessions(account: Any, addresses: Collection[str]) -> None:
    """Logs the account out everywhere; sessions of nobody that hold one of the addresses (half a log-in) go, too."""
    over = []
    for session, held in _sessions():
        is_theirs = account is not None and held.get(SESSION_KEY) == str(account.pk)
        said = json.dumps(held, default=str).casefold() if addresses else ""
        if is_theirs or any(address in said for address in addresses):
            over.append(session.pk)
    Session.objects.filter(pk__in=over).delete()
