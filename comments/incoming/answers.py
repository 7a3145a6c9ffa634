"""An answer by mail becomes a comment, through the same submission and by the same rules as one from the form."""

import hashlib

from django.db import IntegrityError, transaction

from comments import submission
from comments.exceptions import CommentsError
from comments.models import Comment, Notification, ReceivedMail
from comments.notifications import addresses, receipts
from comments.notifications.answering import AGREED_BY_MAIL
from comments.notifications.recipients import address_of, of
from comments.notifications.writers import Writer, writer_of
from comments.submission import Draft
from storied.text import is_blank

from .message import Incoming, written_alike


def take(letter: Incoming, address: addresses.Address) -> str:
    """What became of an answer, in a word. One that is not published is told of by mail, with its text given back."""
    # What it reads HTML with is 5 MB of each worker, for those to whom answers come by mail.
    from .words import own_words

    answered: Notification = address.row
    key = _key(letter, address)
    if ReceivedMail.objects.filter(key=key).exists():
        return "twice"
    writer = writer_of(answered)
    if writer is None and answered.user_id is not None and answered.user.is_active:
        received = ReceivedMail(
            key=key, who=answered.who, post=answered.comment.post, body=own_words(letter), refusal=_NO_NAME
        )
        return _keep(received, answered, "refused")
    if writer is None or answered.comment is None or not answered.comment.post.is_published:
        return "dropped"
    received = ReceivedMail(
        key=key, who=answered.who, message_id=letter.message_id, post=answered.comment.post, name=writer.name,
        guidelines_version=address.version or None, left_out=letter.attachments,
    )  # fmt: skip
    words = own_words(letter)
    try:
        comment = _submitted(letter, address, writer, words)
    except CommentsError as refusal:
        received.refusal, received.body = refusal.message, words
        if answered.comment.is_approved:
            received.parent = answered.comment
        return _keep(received, answered, "refused")
    received.comment = comment
    is_told = received.left_out or comment.status == Comment.Status.PENDING
    return _keep(received, answered, "taken", tells=bool(is_told))


def _submitted(letter: Incoming, address: addresses.Address, writer: Writer, words: str) -> Comment:
    answered: Notification = address.row
    if addresses.is_too_late(answered):
        raise CommentsError(_TOO_LATE)
    if is_blank(words):
        raise CommentsError(_NO_WORDS)
    draft = Draft(
        post=answered.comment.post, body=words, parent_id=answered.comment_id, viewer=writer.viewer, name=writer.name,
        alias=writer.alias,
        email=writer.email, guidelines_version=address.version or None, sentence=AGREED_BY_MAIL,
        channel="mail", is_from_elsewhere=letter.senders != {written_alike(address_of(of(answered)))},
    )  # fmt: skip
    return submission.submit(draft)


def _keep(received: ReceivedMail, answered: Notification, outcome: str, *, tells: bool = True) -> str:
    """Notes that this mail was dealt with: last, because whoever is killed before is handed the same mail again."""
    try:
        with transaction.atomic():
            received.save()
            if tells:
                receipts.tell(received, answered)
    except IntegrityError:
        return "twice"
    return outcome


def _key(letter: Incoming, address: addresses.Address) -> str:
    """The same however often, and by whomever, one mail is handed over."""
    named = letter.message_id.encode() or letter.raw
    return hashlib.sha256(f"{address.purpose}{address.row.pk}\x1f".encode() + named).hexdigest()


_NO_WORDS = (
    "We have found no words of yours above the mail that it answers. "
    "Perhaps your mail program put them into an attachment."
)
_NO_NAME = (
    "You have taken your name off the comment that was answered, and a mail does not say what should stand there now. "
    "The form does."
)
_TOO_LATE = "The mail that it answers was sent long ago, and could be answered for 60 days."
