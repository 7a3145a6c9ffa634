"""Sending what is owed: claimed first, judged once more, sent outside any transaction, and marked.

A mail is in one worker's hands at a time. A worker that dies leaves a claim that is believed for a few minutes; then
the next takes over. Only the mail that it was handing to the mail server at that moment may go out a second time, with
the same Message-ID.
"""

import logging
import re
import secrets
import smtplib
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from comments.models import MailPreferences, Notification
from storied.turns import once_more
from storied.work import stopping

from . import bounces, verdicts, writing

logger = logging.getLogger(__name__)
_chance = secrets.SystemRandom()  # so that what failed together is not tried again together

State = Notification.State
BATCH = 20  # mails claimed at once
# Longer than a mail server takes for one mail (EMAIL_TIMEOUT for each step); renewed before each.
CLAIMED_FOR = timedelta(minutes=5)
# Waits between attempts, in minutes; after the last one it has failed.
WAITS = (1, 3, 10, 30, 60, 180, 360, 720, 1440, 1440)
SERVER_AWAY = timedelta(minutes=2)
GIVEN_UP_AFTER = timedelta(days=5)
_ADDRESS = re.compile(r"[^\s<>@,;:]+@[^\s<>@,;:]+")


class ServerAway(Exception):
    """The mail server cannot be reached, or does not want to speak with this site at all."""


def is_anything_due() -> bool:
    return Notification.objects.due(timezone.now()).exists()


def deliver(*, seconds: float = 50) -> Counter[str]:
    """Sends what is due, until nothing is or the time is up; what became of it, in numbers."""
    run = _Run(time.monotonic() + seconds)
    try:
        run.deliver()
    except ServerAway as away:
        logger.warning("Mail waits: %s", _without_addresses(str(away)))
        run.put_off_what_is_left(str(away))
    finally:
        run.end()
    return run.became


class _Run:
    """One round of one worker."""

    def __init__(self, until: float) -> None:
        self.became: Counter[str] = Counter()
        self._until = until
        self._claim = secrets.token_hex(12)
        self._server = get_connection()
        self._is_open = False

    def deliver(self) -> None:
        while self._goes_on():
            letters = self._claim_letters() or self._claim_a_bundle()
            if not letters:
                return
            for rows in letters:
                if not self._goes_on():
                    return
                self._deliver(rows)

    def _goes_on(self) -> bool:
        return time.monotonic() < self._until and not stopping.is_set()

    def end(self) -> None:
        """Lets go of what was not reached, and of the mail server."""
        Notification.objects.owed().filter(claim=self._claim).update(claim="", claimed_until=None)
        self._close()

    def put_off_what_is_left(self, why: str) -> None:
        """The server's fault, not the mail's: no attempt is counted."""
        now = timezone.now()
        mine = Notification.objects.owed().filter(claim=self._claim)
        mine.filter(created_at__lt=now - GIVEN_UP_AFTER).update(
            state=State.FAILED, why=_without_addresses(why), ended_at=now, claim="", claimed_until=None
        )
        later = now + SERVER_AWAY * (1 + _chance.random())
        self.became["put off"] += mine.update(due_at=later, why=_without_addresses(why), claim="", claimed_until=None)

    # --- Claims ---

    def _claim_letters(self) -> list[list[Notification]]:
        now = timezone.now()
        with transaction.atomic():
            due = Notification.objects.due(now).filter(bundle="").order_by("due_at", "pk")
            numbers = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
            self._take(numbers, now)
        return [[row] for row in _whole(numbers)]

    def _claim_a_bundle(self) -> list[list[Notification]]:
        """Everything that is due for one person, in one hand: their preferences are the lock."""
        now = timezone.now()
        due = Notification.objects.due(now).exclude(bundle="")
        for who, bundle in due.order_by("due_at").values_list("who", "bundle")[:BATCH]:
            with transaction.atomic():
                if not MailPreferences.objects.filter(who=who).select_for_update(skip_locked=True).first():
                    continue
                theirs = due.filter(who=who, bundle=bundle).order_by("pk")
                numbers = list(theirs.select_for_update(skip_locked=True).values_list("pk", flat=True)[:200])
                self._take(numbers, now)
            if numbers:
                return [_whole(numbers)]
        return []

    def _take(self, numbers: list[int], now: datetime) -> None:
        Notification.objects.filter(pk__in=numbers).update(claim=self._claim, claimed_until=now + CLAIMED_FOR)

    def _take_in_hand(self, rows: Sequence[Notification]) -> bool:
        """Whether the claim still stands, right before sending; a slow worker may have lost it."""
        mine = Notification.objects.owed().filter(pk__in=[row.pk for row in rows], claim=self._claim)
        taken = mine.update(
            attempts=F("attempts") + 1,
            claimed_until=timezone.now() + CLAIMED_FOR,
            message_id=writing.message_id_of(rows),
        )
        return taken == len(rows)

    # --- One mail ---

    def _deliver(self, rows: list[Notification]) -> None:
        wanted = [row for row in rows if self._is_still_wanted(row)]
        if not wanted:
            return
        self._open()
        if not self._take_in_hand(wanted):
            return
        try:
            self._send(wanted)
        except ServerAway:
            raise
        except Exception as fault:
            logger.exception("Mail %s could not be written.", [row.pk for row in wanted])
            self._try_again_later(wanted, f"{type(fault).__name__}: {fault}")

    def _is_still_wanted(self, row: Notification) -> bool:
        """Whether it should leave now; if not, it is dropped, put off, or laid beside others."""
        try:
            verdict = verdicts.judge(row)
        except Exception as fault:
            logger.exception("Mail %s could not be judged.", row.pk)
            Notification.objects.filter(pk=row.pk).update(attempts=F("attempts") + 1)
            self._try_again_later([row], f"{type(fault).__name__}: {fault}")
            return False
        if verdict.drop:
            self._finish([row], State.DROPPED, verdict.drop)
        elif verdict.until is not None:
            Notification.objects.filter(pk=row.pk, claim=self._claim).update(
                due_at=verdict.until, bundle=verdict.bundle, claim="", claimed_until=None
            )
            self.became["put off"] += 1
        return verdict == verdicts.SEND

    def _send(self, rows: list[Notification]) -> None:
        preferences = verdicts.preferences(rows[0])
        made = writing.mail(rows, preferences, verdicts.address(rows[0]))
        try:
            self._server.send_messages([made])
        except smtplib.SMTPRecipientsRefused as refusal:
            code, words = next(iter(refusal.recipients.values()))
            self._refused(rows, code, _text(words))
        except smtplib.SMTPDataError as refusal:
            words = f"{refusal.smtp_code} {_text(refusal.smtp_error)}"
            if refusal.smtp_code >= 500:
                self._finish(rows, State.FAILED, words)
            else:
                self._try_again_later(rows, words)
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected, ConnectionError, TimeoutError) as fault:
            self._try_again_later(rows, f"{type(fault).__name__}: {fault}")
            raise ServerAway(f"{type(fault).__name__}: {fault}") from fault
        else:
            self._finish(rows, State.SENT)

    def _open(self) -> None:
        if self._is_open:
            return
        try:
            self._server.open()
        except (OSError, smtplib.SMTPException) as fault:
            raise ServerAway(f"{type(fault).__name__}: {fault}") from fault
        self._is_open = True

    def _close(self) -> None:
        try:
            self._server.close()
        except (OSError, smtplib.SMTPException):
            # It went first. Whatever it had taken is taken.
            logger.debug("The mail server was gone before the end.")
        self._is_open = False

    def _refused(self, rows: list[Notification], code: int, words: str) -> None:
        if code < 500:
            self._try_again_later(rows, f"{code} {words}")
            return
        self._finish(rows, State.FAILED, f"{code} {words}")
        said = re.match(r"5\.\d{1,3}\.\d{1,3}", words, re.A)
        for row in rows:
            bounces.came_back(row, said[0] if said else "5.0.0")

    def _try_again_later(self, rows: Sequence[Notification], why: str) -> None:
        # An attempt was counted when it was taken in hand; the rows of one mail may have different pasts.
        numbers = [row.pk for row in rows]
        for pk, attempts in Notification.objects.owed().filter(pk__in=numbers).values_list("pk", "attempts"):
            if attempts > len(WAITS):
                self._finish([row for row in rows if row.pk == pk], State.FAILED, why)
                continue
            wait = timedelta(minutes=WAITS[max(attempts, 1) - 1]) * (0.8 + 0.4 * _chance.random())
            Notification.objects.filter(pk=pk).update(
                due_at=timezone.now() + wait, why=_without_addresses(why), claim="", claimed_until=None
            )
            self.became["put off"] += 1

    @once_more
    def _finish(self, rows: Sequence[Notification], state: str, why: str = "") -> None:
        self.became[str(state)] += (
            Notification.objects.owed()
            .filter(pk__in=[row.pk for row in rows])
            .update(state=state, why=_without_addresses(why), ended_at=timezone.now(), claim="", claimed_until=None)
        )


def try_again(failed: Any) -> int:
    """Owes once more what had failed; the number of mails."""
    return failed.filter(state=State.FAILED).update(
        state=State.OWED, attempts=0, due_at=timezone.now(), why="", ended_at=None
    )


def _whole(numbers: list[int]) -> list[Notification]:
    rows = Notification.objects.select_related(
        "user",
        "comment__post",
        "comment__parent",
        "post__author",
        "subscription__post",
        "proof",
        "received__comment__post",
        "received__parent",
    )
    return list(rows.filter(pk__in=numbers).order_by("due_at", "pk"))


def _text(words: Any) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)


def _without_addresses(why: str) -> str:
    """Mail servers like to repeat whom they refused."""
    return _ADDRESS.sub("…@…", " ".join(why.split()))[:300]
