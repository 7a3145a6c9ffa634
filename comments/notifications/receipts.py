"""What became of a mail that came in as an answer: told where it was not simply published, with the text given back."""

from datetime import timedelta

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from comments import private_links
from comments.models import Comment, Kind, Notification, ReceivedMail
from storied.letters import Letter, absolute, titled

from . import outbox
from .quotes import Quote, lines_of, title_of
from .recipients import of

_SALT = "comments.mail.returned"
TEXT_KEPT_FOR = timedelta(days=14)
# Whoever sends a lot that is not taken hears of it so often, and then no more.
TOLD_A_DAY = 5


def tell(received: ReceivedMail, answered: Notification) -> None:
    """Owes one mail about a mail that came in, to the proved address of whom the answered one went to."""
    to, since = of(answered), timezone.now() - timedelta(days=1)
    told = Notification.objects.filter(who=to.who, kind=Kind.RECEIVED, created_at__gt=since).count()
    if told < TOLD_A_DAY:
        row = outbox.owed(
            Kind.RECEIVED, f"received:{received.pk}", to, held_for=timedelta(), received=received, post=received.post
        )
        outbox.store([row])


def letter(row: Notification) -> Letter:
    return _taken(row) if row.received.comment is not None else _returned(row)


def returned_by(token: str) -> ReceivedMail | None:
    """The mail whose text a link from a receipt gives back; None for one that is not ours or too old."""
    try:
        number = int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=TEXT_KEPT_FOR))
    except (signing.BadSignature, ValueError):
        return None
    return ReceivedMail.objects.select_related("post").filter(pk=number).exclude(body="").first()


def forget_old() -> int:
    """Takes away the texts that were kept to be given back; the number of them."""
    return ReceivedMail.objects.exclude(body="").filter(received_at__lt=timezone.now() - TEXT_KEPT_FOR).update(body="")


def _taken(row: Notification) -> Letter:
    comment = row.received.comment
    waits = comment.status == Comment.Status.PENDING
    made = Letter(
        subject=titled("Your answer has arrived"),
        plain_subject="Your answer has arrived",
        opening=f"Your answer below “{title_of(comment.post)}” has arrived"
        + (", and waits for a moderator." if waits else "."),
        plain_opening="Your answer has arrived" + (", and is going to be read soon." if waits else "."),
        sentences=["The link leads to it, and lets you edit or withdraw it."],
        button=("See your comment", absolute(private_links.own_page_of(comment))),
        why="You get this because you answered a mail of ours.",
    )
    if row.received.left_out:
        made.sentences.insert(0, "What was attached to your mail was left out: only words can stand here.")
    return made


def _returned(row: Notification) -> Letter:
    received = row.received
    return Letter(
        subject=titled("Your answer was not taken in"),
        plain_subject="About your answer",
        opening="We have your answer, but it does not stand on the site yet.",
        plain_opening="We have your answer, but it is not published.",
        sentences=[
            received.refusal,
            f"The link leads to a form with your text in it, and is good for {TEXT_KEPT_FOR.days} days.",
        ]
        if received.body
        else [received.refusal],
        button=("To your text", absolute(reverse("notifications:returned", args=[_token(received)])))
        if received.body
        else ("To the comment", absolute(received.parent.get_absolute_url()))
        if received.parent is not None
        else ("To the site", absolute("/")),
        quotes=[Quote("", "This is what you wrote:", "", lines_of(received.body))] if received.body else [],
        why="You get this because you answered a mail of ours.",
    )


def _token(received: ReceivedMail) -> str:
    return signing.TimestampSigner(salt=_SALT).sign(str(received.pk))
