"""Erasing somebody: asked, proved by mail, called off within a time of grace, carried out by a task.

Every step can be done again, and finds less to do: a worker that is killed anywhere leaves the rest to the next one.
The account goes last, so that until then everything can still be found by it.
"""

from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from comments import emptying, permissions, status
from comments.exceptions import CommentsError
from comments.models import Appeal, Comment, Erasure, HouseRules
from posts.models import Post
from storied import search
from storied.accounts.models import User
from storied.turns import once_more
from storied.work import stopping

from . import traces
from .belongings import Belongings

How, Owed = Erasure.How, Erasure.Owed
BATCH = 50  # comments in one transaction
PROVED_WITHIN = timedelta(days=3)
_SALT = "privacy.erasure"
_LINK_GOOD_FOR = timedelta(days=90)  # longer than any grace
CLAIMED_FOR = timedelta(minutes=10)  # renewed with each batch
# Whoever submits at this very moment is done by then, so that nothing slips past.
SETTLED_AFTER = timedelta(minutes=1)
_LOOK_AGAIN = timedelta(days=1)
_WHY = "its writer asked to be erased"


class TooLate(CommentsError):
    code = "too_late"
    http_status = 409
    message = "It is being done already, and cannot be called off any more."


def why_not_erase(account: Any) -> str:
    """In words; empty where nothing stands in the way."""
    if account is None:
        return ""
    if account.is_owner and not User.objects.filter(role=User.Role.OWNER, is_active=True).exclude(pk=account.pk):
        return "You are the only owner of this site. Please make somebody else an owner first, or nobody could run it."
    if Post.objects.filter(author=account).exists():
        return "There are articles under your name. Please give them to somebody else, or delete them, first."
    return ""


# --- Asking -----------------------------------------------------------------------------------------------


def standing_of(*, account: Any = None, email: str = "") -> Erasure | None:
    """What this account, or this address, has asked for and not called off."""
    rows = Erasure.objects.standing()
    if account is not None:
        return rows.filter(account=account).first()
    return rows.filter(account=None, email=email.lower()).first() if email else None


def ask(account: Any, how: str) -> Erasure:
    """A member asks: a mail goes to their address, and nothing else happens until its link is answered."""
    permissions.ensure(why_not_erase(account))
    addresses = Belongings.of_account(account).addresses
    if not addresses:
        raise CommentsError("Your account has no confirmed e-mail address, so we cannot be sure. Please confirm one.")
    now = timezone.now()
    owed = {"how": how, "email": addresses[0], "asked_at": now, "letter": Owed.PROOF, "letter_due_at": now}
    with transaction.atomic():
        standing = standing_of(account=account)
        if standing is None:
            return _created(account=account, **owed) or standing_of(account=account)
        # One mail in a minute is enough for whoever presses twice.
        if standing.proved_at is None and standing.asked_at < now - timedelta(minutes=1):
            Erasure.objects.filter(pk=standing.pk, proved_at=None).update(**owed)
            standing.refresh_from_db()
        return standing


def ask_by_address(email: str, how: str) -> Erasure:
    """A guest who has just proved this address asks: the time of grace begins at once."""
    email = email.lower()
    with transaction.atomic():
        standing = standing_of(email=email)
        if standing is None:
            standing = _created(email=email, how=how) or standing_of(email=email)
        confirm(standing)
        return standing


def _created(**fields: Any) -> Erasure | None:
    """None for the second of two clicks."""
    try:
        with transaction.atomic():
            return Erasure.objects.create(**fields)
    except IntegrityError:
        return None


def confirm(erasure: Erasure) -> None:
    """It is certain that the person asks; from now on time runs. Confirming again changes nothing."""
    now = timezone.now()
    days = HouseRules.current().erase_after_days
    rows = Erasure.objects.standing().filter(pk=erasure.pk, proved_at=None)
    rows.update(
        proved_at=now, due_at=now + timedelta(days=days), letter=Owed.GRACE, letter_due_at=now, attempts=0
    )  # fmt: skip
    erasure.refresh_from_db()


def cancel(erasure: Erasure) -> None:
    """Calls it off; TooLate once it is under way. Doing it again changes nothing."""
    now = timezone.now()
    open_yet = Erasure.objects.standing().filter(pk=erasure.pk).exclude(due_at__lte=now)
    changed = open_yet.update(cancelled_at=now, letter="", letter_due_at=None)
    erasure.refresh_from_db()
    if not changed and erasure.cancelled_at is None:
        raise TooLate()


def link_to(erasure: Erasure) -> str:
    """The address of the page that confirms it, and that calls it off."""
    return reverse("privacy:erasure", args=[signing.TimestampSigner(salt=_SALT).sign(str(erasure.pk))])


def of_link(token: str) -> Erasure | None:
    """What a link is about; None for one that is not ours, too old, or of an asking that nobody confirmed in time."""
    try:
        number = int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=_LINK_GOOD_FOR))
    except (signing.BadSignature, ValueError):
        return None
    erasure = Erasure.objects.filter(pk=number).select_related("account").first()
    if erasure is None or (erasure.proved_at is None and erasure.asked_at < timezone.now() - PROVED_WITHIN):
        return None
    return erasure


# --- Doing it -----------------------------------------------------------------------------------------------


def is_anything_due() -> bool:
    return Erasure.objects.due(timezone.now() - SETTLED_AFTER).exists()


def carry_out_all() -> int:
    """Carries out what is due; the number of people who are erased now."""
    done = 0
    for erasure in Erasure.objects.due(timezone.now() - SETTLED_AFTER).order_by("due_at", "pk"):
        if stopping.is_set():
            break
        if _claim(erasure, from_nobody=True):
            done += carry_out(erasure)
    return done


def _claim(erasure: Erasure, *, from_nobody: bool = False) -> bool:
    """Takes it into one's hands, or keeps it there; False where somebody else has it."""
    now = timezone.now()
    rows = Erasure.objects.standing().filter(pk=erasure.pk)
    rows = Erasure.objects.due(now).filter(pk=erasure.pk) if from_nobody else rows
    return bool(rows.update(claimed_until=now + CLAIMED_FOR))


def carry_out(erasure: Erasure) -> bool:
    """Erases; False where it was put off, or where the worker is to end: the next round goes on."""
    account = erasure.account
    if why_not_erase(account):
        later = timezone.now() + _LOOK_AGAIN
        Erasure.objects.filter(pk=erasure.pk).update(due_at=later, claimed_until=None)
        return False
    if account is not None:
        # Nobody writes with it any more from here on.
        User.objects.filter(pk=account.pk).update(is_active=False)
        traces.end_sessions(account, ())
        theirs = Belongings.of_account(account)
    else:
        theirs = Belongings.of_address(erasure.email)
    traces.erase_around(theirs)
    while True:
        if not _erase_comments(erasure, theirs):
            Erasure.objects.filter(pk=erasure.pk).update(claimed_until=None)
            return False
        traces.erase_mail(theirs)
        search.wipe()
        if _finish(erasure, theirs):
            return True


def _erase_comments(erasure: Erasure, theirs: Belongings) -> bool:
    """All of them, batch by batch: what is erased is no longer found. False where there is no time for the rest."""
    while numbers := list(theirs.comments.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        if stopping.is_set() or not _claim(erasure):
            return False
        _erase_some(numbers, erasure.how)
    return True


@once_more
def _erase_some(numbers: list[int], how: str) -> None:
    with transaction.atomic():
        rows = Comment.objects.select_for_update(of=("self",)).filter(pk__in=numbers).order_by("pk")
        stays = {row.pk for row in rows if how == How.DETACH and row.is_approved}
        goes = [row for row in rows if row.pk not in stays]
        _withdraw(goes)
        emptying.empty([row.pk for row in goes], _WHY)
        emptying.detach(stays, _WHY)


def _withdraw(comments: list[Comment]) -> None:
    """What is public or waits is taken back first, as its writer would; also what a second look was asked for at."""
    asked = set(Appeal.objects.open().filter(comment__in=comments).values_list("comment_id", flat=True))
    for comment in comments:
        if comment.status in {Comment.Status.APPROVED, Comment.Status.PENDING} or comment.pk in asked:
            status.change_status(comment.pk, "withdraw")


@once_more
def _finish(erasure: Erasure, theirs: Belongings) -> bool:
    """The account itself, if nothing of its own was written meanwhile."""
    now = timezone.now()
    with transaction.atomic():
        if theirs.account is not None:
            account = User.objects.select_for_update().filter(pk=theirs.account.pk).first()
            if theirs.comments.exists():
                return False
            if account is not None:
                traces.erase_account(account)
        Erasure.objects.standing().filter(pk=erasure.pk).update(
            done_at=now, claimed_until=None, account=None, letter=Owed.DONE, letter_due_at=now, attempts=0
        )  # fmt: skip
    return True
