"""Mail about an erasure. It is no mail that one can have asked not to get, and carries no way out of anything."""

import logging
import smtplib
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import timezone

from comments.models import Erasure
from storied.letters import Letter, absolute, compose, host, titled
from storied.work import stopping

from . import erasure as erasures

logger = logging.getLogger(__name__)
AT_ONCE = 50
# Minutes between attempts; after the last one it is given up, so that no address is kept for its mail alone.
WAITS = (2, 5, 15, 60, 180, 360, 720, 1440)


def is_any_owed() -> bool:
    return Erasure.objects.with_mail_owed(timezone.now()).exists()


def send_owed() -> int:
    """Sends what is owed; the number of mails."""
    sent = 0
    for erasure in Erasure.objects.with_mail_owed(timezone.now()).order_by("letter_due_at", "pk")[:AT_ONCE]:
        if stopping.is_set():
            break
        if _take(erasure):
            sent += _send(erasure)
    return sent


def _take(erasure: Erasure) -> bool:
    """Counts the attempt and puts off the next one, before this one; one worker alone can."""
    wait = timedelta(minutes=WAITS[min(erasure.attempts, len(WAITS) - 1)])
    same = Erasure.objects.filter(pk=erasure.pk, letter=erasure.letter, letter_due_at=erasure.letter_due_at)
    return bool(same.update(attempts=erasure.attempts + 1, letter_due_at=timezone.now() + wait))


def _send(erasure: Erasure) -> bool:
    try:
        _mail(erasure).send()
    except (OSError, smtplib.SMTPException) as fault:
        logger.warning("Mail about erasure %s waits: %s", erasure.pk, type(fault).__name__)
        if erasure.attempts + 1 >= len(WAITS):
            _over(erasure)
        return False
    _over(erasure)
    return True


def _over(erasure: Erasure) -> None:
    """The mail is out; with the last one goes the address."""
    rows = Erasure.objects.filter(pk=erasure.pk, letter=erasure.letter)
    last = {"email": ""} if erasure.letter == Erasure.Owed.DONE else {}
    rows.update(letter="", letter_due_at=None, **last)


def _mail(erasure: Erasure) -> EmailMultiAlternatives:
    letter = _WORDS[Erasure.Owed(erasure.letter)](erasure)
    return compose(letter, erasure.email, headers={"Message-ID": f"<erasure.{erasure.pk}.{erasure.letter}@{host()}>"})


_HOWS = {
    Erasure.How.WITHDRAW: "Your comments are taken away, with a note in their place where others have replied.",
    Erasure.How.DETACH: "Your published comments stay, as by “a reader”; what nobody could read yet is taken away.",
}


def _proof(erasure: Erasure) -> Letter:
    return Letter(
        subject=titled("Do you want to be erased?"),
        plain_subject="A question for you",
        opening=f"Somebody who is logged in with your account on {settings.STORIED_SITE_NAME} wants to have it erased.",
        plain_opening="There is a question for you.",
        sentences=[
            _HOWS[Erasure.How(erasure.how)],
            "If it was you, follow the link; it asks once more. If it was not, do nothing, and set a new password.",
        ],
        button=("Go on", absolute(erasures.link_to(erasure))),
        why="Nothing happens unless you follow the link within three days.",
    )


def _grace(erasure: Erasure) -> Letter:
    day = timezone.localtime(erasure.due_at)
    return Letter(
        subject=titled(f"You will be erased on {day:%B %-d}"),
        plain_subject="Something you asked for",
        opening=f"What is kept about you on {settings.STORIED_SITE_NAME} will be erased on {day:%B %-d, %Y}.",
        plain_opening="Something that you asked for is under way.",
        sentences=[
            _HOWS[Erasure.How(erasure.how)],
            "Until then the link lets you call it off. Afterwards nobody can bring anything back.",
        ],
        button=("See it, or call it off", absolute(erasures.link_to(erasure))),
        why="You get this because you asked for it.",
    )


def _done(_erasure: Erasure) -> Letter:
    return Letter(
        subject=titled("You are erased"),
        plain_subject="Something you asked for is done",
        opening=f"What was kept about you on {settings.STORIED_SITE_NAME} is erased.",
        plain_opening="Something that you asked for is done.",
        sentences=["This is the last mail. Your address is forgotten with it. Thank you for having been here."],
        button=("What stays, and why", absolute(reverse("privacy:page"))),
        why="You get this because you asked for it.",
    )


_WORDS = {Erasure.Owed.PROOF: _proof, Erasure.Owed.GRACE: _grace, Erasure.Owed.DONE: _done}
