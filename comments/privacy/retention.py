"""What is kept only for a time, and goes when that is over: everything in batches, and begun again where it was left.

The days are house rules (`conf`); the privacy page tells them. 0 keeps a thing.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import caches
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from comments import emptying, visits
from comments.models import (
    AddressProof,
    Appeal,
    CareSignal,
    Comment,
    CommentRevision,
    Erasure,
    Flag,
    HouseRules,
    ModerationLogEntry,
    Subscription,
    UnsentText,
    Visit,
)
from comments.notifications import proving, subscriptions
from storied import search
from storied.accounts.models import User
from storied.turns import once_more
from storied.work import stopping

Status = Comment.Status
BATCH = 100  # comments in one transaction: writers of the same thread wait for it
ROWS = 500  # of what is small
ASKED_FOR = timedelta(days=3)  # erasures that nobody confirmed, or that were called off


@dataclass(frozen=True)
class Span:
    """One kind of thing: the house rule that says for how many days, what is due, and what becomes of it."""

    name: str
    rule: str
    due: Callable[[datetime], QuerySet[Any]]
    forget: Callable[[list[int]], int]
    batch: int = ROWS


def _comments(*statuses: str) -> Callable[[datetime], QuerySet[Comment]]:
    """Comments that have been in such a status, and about which nothing has been said or done, since then."""

    def due(before: datetime) -> QuerySet[Comment]:
        since = ModerationLogEntry.objects.filter(comment=OuterRef("pk"), at__gte=before)
        asked = Appeal.objects.open().filter(comment=OuterRef("pk"))
        rows = Comment.objects.filter(status__in=statuses, emptied_at=None, created_at__lt=before)
        return rows.filter(~Exists(since), ~Exists(asked))

    return due


def _empty(why: str) -> Callable[[list[int]], int]:
    return lambda numbers: emptying.empty(numbers, why)


def _unproved(before: datetime) -> QuerySet[User]:
    """Accounts that were opened and never confirmed: nobody ever came in by them."""
    proved = EmailAddress.objects.filter(user=OuterRef("pk"), verified=True)
    asked = EmailAddress.objects.filter(user=OuterRef("pk"))
    rows = User.objects.filter(role=User.Role.MEMBER, last_login=None, date_joined__lt=before)
    return rows.filter(~Exists(proved), Exists(asked), posts=None, comments=None)


SPANS = (
    Span(
        "declined", "keep_refused_days", _comments(Status.REJECTED, Status.REMOVED),
        _empty("kept for as long as the house rules say"), BATCH,
    ),
    Span("spam", "keep_spam_days", _comments(Status.SPAM), _empty("kept for as long as the house rules say"), BATCH),
    Span(
        "withdrawn", "keep_withdrawn_days", _comments(Status.WITHDRAWN), _empty("withdrawn by its author"), BATCH
    ),
    Span(
        "wordings", "keep_wordings_days", lambda before: CommentRevision.objects.filter(replaced_at__lt=before),
        lambda numbers: CommentRevision.objects.filter(pk__in=numbers).delete()[0],
    ),
    Span(
        "networks", "keep_networks_days",
        lambda before: Comment.objects.filter(created_at__lt=before).exclude(network=""), emptying.forget_networks,
    ),
    Span(
        "networks of reports", "keep_networks_days",
        lambda before: Flag.objects.filter(created_at__lt=before, reporter_key__startswith="network:"),
        lambda numbers: emptying.forget_networks_of_readers(numbers, Flag),
    ),
    Span(
        "networks of worries", "keep_networks_days",
        lambda before: CareSignal.objects.filter(at__lt=before, key__startswith="network:"),
        lambda numbers: emptying.forget_networks_of_readers(numbers, CareSignal),
    ),
    Span(
        "networks of wishes", "keep_networks_days",
        lambda before: Subscription.objects.filter(asked_at__lt=before).exclude(network=""),
        subscriptions.forget_networks,
    ),
    Span(
        "networks of proofs", "keep_networks_days",
        lambda before: AddressProof.objects.filter(asked_at__lt=before).exclude(network=""), proving.forget_networks,
    ),
    Span(
        "what members have read", "keep_read_days", visits.not_come_back_since,
        lambda numbers: Visit.objects.filter(pk__in=numbers).delete()[0],
    ),
    Span(
        "what was not sent", "keep_drafts_days", lambda before: UnsentText.objects.filter(saved_at__lt=before),
        lambda numbers: UnsentText.objects.filter(pk__in=numbers).delete()[0],
    ),
    Span(
        "unproved accounts", "keep_unproved_days", _unproved,
        lambda numbers: User.objects.filter(pk__in=numbers).delete()[1].get("accounts.User", 0),
    ),
)  # fmt: skip


def run(*, seconds: float = 300) -> Counter[str]:
    """Forgets what is due, until nothing is, the time is up, or the worker is to end; how much of each."""
    until = time.monotonic() + seconds
    gone: Counter[str] = Counter()
    rules = HouseRules.current()
    for span in SPANS:
        days = getattr(rules, span.rule)
        if days:
            gone[span.name] += _forget(span, timezone.now() - timedelta(days=days), until)
    gone["passing"] = forget_what_is_over()
    if gone["declined"] or gone["spam"] or gone["withdrawn"]:
        search.wipe()
    return +gone


def _forget(span: Span, before: datetime, until: float) -> int:
    """Batch by batch, each whole or not at all: whoever is killed leaves no half of one."""
    gone = 0
    while time.monotonic() < until and not stopping.is_set():
        forgotten = _forget_some(span, before)
        if not forgotten:
            break
        gone += forgotten
    return gone


@once_more
def _forget_some(span: Span, before: datetime) -> int:
    with transaction.atomic():
        # Of two workers each takes its own.
        mine = span.due(before).order_by("pk").select_for_update(of=("self",), skip_locked=True)
        numbers = list(mine.values_list("pk", flat=True)[: span.batch])
        return span.forget(numbers) if numbers else 0


def forget_what_is_over() -> int:
    """What says by itself until when it is good: sessions, questions to confirm, asking that nobody went on with."""
    now = timezone.now()
    sessions: type[SessionBase] = import_string(f"{settings.SESSION_ENGINE}.SessionStore")
    sessions.clear_expired()
    EmailConfirmation.objects.all_expired().delete()
    asked = Erasure.objects.filter(asked_at__lt=now - ASKED_FOR)
    given_up = asked.filter(Q(proved_at=None) | Q(cancelled_at__lt=now - ASKED_FOR))
    return given_up.delete()[0] + _empty_the_cache()


def _empty_the_cache() -> int:
    """Counts of log-ins that are over: a cache in the database keeps them until it is full."""
    cache = caches["default"]
    if not isinstance(cache, BaseDatabaseCache):
        return 0
    with connection.cursor() as cursor:
        table = connection.ops.quote_name(cache._table)
        over = connection.ops.adapt_datetimefield_value(timezone.now().replace(microsecond=0))
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [over])  # noqa: S608
        return cursor.rowcount
