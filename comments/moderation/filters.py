"""Which of the comments in a queue a moderator wants to see: by article, person, reason, age, words, network."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Max, Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from comments import permissions
from comments.models import Comment, Person
from comments.viewers import Viewer
from storied import search
from storied.network import key_of
from storied.text import clean_line, whole_number

from .sought import from_address, in_address

# The name of an age in an address → what people read, and the two ends of the span.
AGES = {
    "hour": ("Of the last hour", None, timedelta(hours=1)),
    "day": ("Of the last day", None, timedelta(days=1)),
    "week": ("Of the last week", None, timedelta(days=7)),
    "over-day": ("Older than a day", timedelta(days=1), None),
    "over-three-days": ("Older than three days", timedelta(days=3), None),
    "over-week": ("Older than a week", timedelta(days=7), None),
}
# Why a comment was held, as a moderator reads it.
REASON_WORDS = {
    "newcomer": "First comment of somebody new",
    "hold_everything": "Everything is held at the moment",
    "links": "Many links",
    "watched_word": "A watched word",
    "spam_word": "A spam word",
    "honeypot": "The hidden field was filled in",
    "too_fast": "Submitted very fast",
    "always_held": "This person is always held",
    "blocked": "On a block list",
    "care": "Words that may mean danger",
    "mail_from_elsewhere": "By mail, from another address",
    "edited": "Edited after it was published",
    "flagged": "Reported by readers",
    "resubmitted": "Declined or removed before, and written anew",
    "redacted": "A passage was taken out of it before",
    "imported": "Imported as waiting",
}
# Words are looked for letter by letter, which takes a look at each comment. In lists without an end the newest are
# looked through, and of what is published everything, by the site's own search.
LOOKED_THROUGH = 20_000
_MOST_FOUND = 100
_LONGEST_WORDS = 200


@dataclass(frozen=True)
class Wanted:
    """What is looked for; nothing in particular by itself."""

    words: str = ""
    reason: str = ""
    age: str = ""
    article: int = 0
    person: Person | None = None
    network_of: int = 0

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Wanted":
        """From an address; what makes no sense there is left out."""
        reason = asked.get("reason", "")
        return cls(
            words=clean_line(from_address(asked.get("q", "")))[:_LONGEST_WORDS],
            reason=reason if reason.replace("_", "").isascii() and reason.replace("_", "").isalpha() else "",
            age=asked.get("age", "") if asked.get("age", "") in AGES else "",
            article=whole_number(asked.get("article")) or 0,
            person=_person(asked.get("person", "")),
            network_of=whole_number(asked.get("network")) or 0,
        )

    def __bool__(self) -> bool:
        return self != Wanted()

    @property
    def person_in_address(self) -> str:
        return self.person.key.replace(" ", "-") if self.person else ""

    @property
    def query(self) -> str:
        """The same for an address."""
        said = {
            "q": in_address(self.words), "reason": self.reason, "age": self.age, "article": self.article or "",
            "person": self.person_in_address, "network": self.network_of or "",
        }  # fmt: skip
        return urlencode({name: value for name, value in said.items() if value})


def narrowed(comments: Any, wanted: Wanted, viewer: Viewer, *, is_endless: bool) -> Any:
    """The comments that are wanted. `is_endless`: of a list that grows for ever, only so many are looked through."""
    if wanted.article:
        comments = comments.filter(post=wanted.article)
    if wanted.age:
        _words, older, newer = AGES[wanted.age]
        now = timezone.now()
        comments = comments.filter(created_at__lt=now - older) if older else comments.filter(created_at__gt=now - newer)
    if wanted.reason:
        comments = comments.alias(grounds=Cast("reasons", TextField())).filter(
            grounds__contains=f'"code": "{wanted.reason}"'
        )
        comments = _newest(comments, is_endless)
    if wanted.words:
        comments = _with_words(comments, wanted.words, viewer, is_endless)
    # Who somebody is beyond a name, and where comments come from, is for those who keep people.
    if (wanted.person or wanted.network_of) and permissions.why_not_keep_people(viewer):
        return comments.none()
    if wanted.person:
        comments = comments.filter(wanted.person.wrote)
    if wanted.network_of:
        # Neither from nor to what stands under another name: that people share a network may tell who they are.
        by_name = Comment.objects.signed_by_name()
        network = by_name.filter(pk=wanted.network_of).values_list("network", flat=True).first()
        same = Q(network=network, signed=Comment.Signature.NAME) & ~Q(network="")
        comments = comments.filter(same) if network else comments.none()
    return comments


def _newest(comments: Any, is_endless: bool) -> Any:
    if not is_endless:
        return comments
    last = Comment.objects.aggregate(last=Max("pk"))["last"] or 0
    return comments.filter(pk__gt=last - LOOKED_THROUGH)


def _with_words(comments: Any, words: str, viewer: Viewer, is_endless: bool) -> Any:
    found = Q(body__icontains=words) | Q(author_name__icontains=words)
    keeps_people = not permissions.why_not_keep_people(viewer)
    if keeps_people and (network := key_of(words)):
        found |= Q(network=network, signed=Comment.Signature.NAME)
    if keeps_people and "@" in words:
        by_address = Q(author_email__iexact=words) | Q(author__email__iexact=words)
        found |= by_address & Q(signed=Comment.Signature.NAME)
    if not is_endless:
        return comments.filter(found)
    last = Comment.objects.aggregate(last=Max("pk"))["last"] or 0
    hits = search.query(words, kinds=["comment"], limit=_MOST_FOUND).hits
    return comments.filter((found & Q(pk__gt=last - LOOKED_THROUGH)) | Q(pk__in=[hit.object_id for hit in hits]))


def _person(text: str) -> Person | None:
    kind, _, key = text.partition("-")
    if kind == "account" and (number := whole_number(key)):
        return Person(account_id=number)
    if kind == "guest" and len(key) <= 40 and key.isascii() and key.isalnum():
        return Person(guest_key=key)
    return None
