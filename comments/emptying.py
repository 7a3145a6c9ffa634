"""The one place where what a comment says, and who wrote it, is taken out of it for good.

The row stays, with its place, its times and its status, so that replies keep theirs and a second import brings nothing
back; only spam that nobody ever saw or answered goes as a whole. What was decided on it stays, too: who, what, when, by
which clause. Words that may quote the text go with it.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from storied import search
from storied.front import discussion_changes

from . import log
from .events import CommentDetached, publish
from .models import (
    Appeal,
    CareItem,
    CareSignal,
    Comment,
    CommentRevision,
    DeskLogEntry,
    Flag,
    GreetingOffer,
    ModerationLogEntry,
    Mute,
    NotMine,
    ReceivedMail,
    Redaction,
)
from .signatures import NOBODY

_STANDING = (Comment.Status.APPROVED, Comment.Status.PENDING)


def empty(numbers: Collection[int], why: str) -> int:
    """Empties these comments, in one transaction; what is public, waits, or is empty already is left alone.

    How many it were. Doing it again changes nothing.
    """
    with transaction.atomic():
        found = Comment.objects.select_for_update(of=("self",)).filter(pk__in=numbers, emptied_at=None)
        comments = list(found.exclude(status__in=_STANDING).order_by("pk"))
        if not comments:
            return 0
        _empty_rows(comments)
        emptied = _empty_around(comments, "empty", why)
        search.remove("comment", emptied)
        _delete_what_nobody_saw(emptied)
        for post_id in sorted({comment.post_id for comment in comments if comment.published_at}):
            discussion_changes(post_id)
        return len(comments)


def detach(numbers: Collection[int], why: str) -> int:
    """Takes the writer out of these comments; what they say stays. How many it were; again, it changes nothing."""
    with transaction.atomic():
        found = Comment.objects.select_for_update(of=("self",)).filter(pk__in=numbers, emptied_at=None, erased_at=None)
        comments = list(found.select_related("post").order_by("pk"))
        if not comments:
            return 0
        now = timezone.now()
        for comment in comments:
            _forget_the_writer(comment)
            comment.erased_at = now
        Comment.objects.bulk_update(comments, [*_OF_THE_WRITER, "erased_at"], batch_size=50)
        _empty_around(comments, "detach", why)
        for comment in comments:
            publish(CommentDetached(comment))
        for post_id in sorted({comment.post_id for comment in comments}):
            discussion_changes(post_id)
        return len(comments)


def _empty_around(comments: Collection[Comment], action: str, why: str) -> list[int]:
    """Empties what hangs on these comments and what the log says of them; their numbers."""
    numbers = [comment.pk for comment in comments]
    _empty_what_hangs_on(numbers)
    with log.corrected(why):
        _empty_the_log(numbers)
        for comment in comments:
            log.write(comment, action, why=log.Why(note=why))
    return numbers


_OF_THE_WRITER = [
    "author", "signed", "author_name", "author_email", "author_url", "guest_key", "network", "fingerprint", "reasons",
]  # fmt: skip


def _forget_the_writer(comment: Comment) -> None:
    comment.author = comment.fingerprint = None
    comment.signed = Comment.Signature.NOBODY
    comment.author_name, comment.author_email, comment.author_url = NOBODY, "", ""
    comment.guest_key = comment.network = ""
    comment.reasons = without_details(comment.reasons)


def _empty_rows(comments: list[Comment]) -> None:
    now = timezone.now()
    for comment in comments:
        _forget_the_writer(comment)
        comment.body = comment.body_html = ""
        comment.emptied_at = now
    Comment.objects.bulk_update(comments, [*_OF_THE_WRITER, "body", "body_html", "emptied_at"], batch_size=50)


def _delete_what_nobody_saw(numbers: list[int]) -> None:
    """Else a flood of spam would stay for ever, as a flood of empty rows."""
    spam = Comment.objects.spam().filter(pk__in=numbers, published_at=None)
    spam.filter(~Exists(Comment.objects.filter(parent=OuterRef("pk")))).delete()


def _empty_what_hangs_on(numbers: list[int]) -> None:
    """Earlier wordings, sealed copies, and the words of all who spoke about the text."""
    CommentRevision.objects.filter(comment__in=numbers).delete()
    Redaction.objects.filter(comment__in=numbers).exclude(sealed="").update(sealed="")
    Appeal.objects.filter(comment__in=numbers).update(words="", answer="")
    Flag.objects.filter(comment__in=numbers).exclude(words="").update(words="")
    CareItem.objects.filter(comment__in=numbers).exclude(note="").update(note="")
    CareSignal.objects.filter(item__comment__in=numbers).update(words="", found=[])
    _forget_offers(numbers)
    # What others muted because it could be nobody's but this comment's, whose it is not, and the mail that it came by.
    Mute.objects.filter(comment__in=numbers).delete()
    NotMine.objects.filter(comment__in=numbers).delete()
    ReceivedMail.objects.filter(comment__in=numbers).update(who="", name="", refusal="", body="")


def _forget_offers(numbers: list[int]) -> None:
    """What others were asked about the name that stood there, and what was asked about a greeting in it."""
    GreetingOffer.objects.filter(Q(comment__in=numbers) | Q(about__in=numbers)).delete()


def _empty_the_log(numbers: list[int]) -> None:
    """Inside `log.corrected`: what was done, when and by which moderator stays."""
    entries = ModerationLogEntry.objects.filter(comment__in=numbers)
    entries.update(reason="", note="")
    entries.filter(by_author=True).update(actor=None)
    for pk, rules in entries.exclude(rules=[]).values_list("pk", "rules"):
        ModerationLogEntry.objects.filter(pk=pk).update(rules=without_details(rules))
    about = [f"comment {number}" for number in numbers]
    DeskLogEntry.objects.filter(subject__in=about).update(subject_name="", words="", details={})


def without_details(reasons: list[dict[str, str]]) -> list[dict[str, str]]:
    """Why it was held, without what may be quoted from the text."""
    return [{**reason, "detail": ""} for reason in reasons]


def forget_networks(numbers: Collection[int]) -> int:
    """Where these comments came from, taken out; the number of comments."""
    return Comment.objects.filter(pk__in=numbers).exclude(network="").update(network="")


def forget_networks_of_readers(numbers: Collection[int], model: type[Flag] | type[CareSignal]) -> int:
    """Guests who report, or worry, are told apart by their network: after that time by the row's number alone."""
    name = "reporter_key" if model is Flag else "key"
    rows = model.objects.filter(pk__in=numbers, **{f"{name}__startswith": "network:"})
    return rows.update(**{name: Concat(Value("gone:"), Cast(F("pk"), CharField()))})
