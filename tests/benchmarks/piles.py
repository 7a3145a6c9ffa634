"""What the desk is measured with: so many held comments, and a few in each other queue."""

import random
from collections.abc import Iterable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from comments import guidelines
from comments.models import Comment, Flag, GuidelineAcceptance, ModerationLogEntry
from comments.models.risk import RISKS
from storied import rows
from storied.accounts.models import User

from . import generator, loading

MODERATOR, PASSWORD = "moderator@example.org", "a pass phrase for benchmarks alone"
_SHAPE = generator.HUNDRED
# Every other one, so that what waits stands among what is published.
_HELD_EACH = _SHAPE.comments // 2
_DAYS = 25  # for so long the first of them waits
_RISKS = sorted(RISKS)


def held(begin: int, end: int) -> list[int]:
    """Makes that many held comments that many; the numbers of all, mixed."""
    names = [f"{_SHAPE.name}-held-{number}" for number in range(begin // _HELD_EACH, end // _HELD_EACH)]
    _load(names, _hold_every_other)
    found = list(Comment.objects.pending().order_by("pk").values_list("pk", flat=True))
    random.Random(generator.SEED).shuffle(found)
    return found


def others() -> str:
    """Somebody who moderates; spam, reported comments, and some that wait for a reply. A clause to refuse by."""
    call_command("person", "moderator", MODERATOR, name="Mona", password=PASSWORD, verbosity=0)
    moderator = User.objects.get(email=MODERATOR)
    spam = _load([f"{_SHAPE.name}-spam"], _set_aside)
    _store(
        ModerationLogEntry(
            comment_id=pk, actor=moderator, actor_name=moderator.display_name, action="mark_spam", old="pending",
            new="spam",
        )
        for pk in spam
    )  # fmt: skip
    recent = _load([f"{_SHAPE.name}-recent"], _bring_up_to_date)
    _store(Flag(comment_id=pk, reporter_key=f"reader {pk}", reason="other") for pk in recent[: len(recent) // 2])
    return guidelines.current().clauses.first().key


def _hold_every_other(name: str, made: list[SimpleNamespace]) -> None:
    """Each as a first comment, one in three for graver reasons too; the article's number tells how long they wait."""
    number = int(name.rpartition("-")[2])
    begin = timezone.now() - timedelta(days=_DAYS) + timedelta(minutes=number * _HELD_EACH)
    for place, row in enumerate(made[::2]):
        codes = ["newcomer"] if place % 3 else ["newcomer", _RISKS[(number + place // 3) % len(_RISKS)]]
        row.status, row.published_at = Comment.Status.PENDING, None
        row.reasons = [{"code": code, "detail": ""} for code in codes]
        row.created_at = begin + timedelta(minutes=place)


def _set_aside(_name: str, made: list[SimpleNamespace]) -> None:
    for row in made:
        row.status, row.published_at, row.fingerprint = Comment.Status.SPAM, None, None
        row.reasons = [{"code": "spam_word", "detail": "casino"}]


def _bring_up_to_date(_name: str, made: list[SimpleNamespace]) -> None:
    """Written lately, each by somebody new."""
    for place, row in enumerate(made):
        row.created_at = row.published_at = timezone.now() - timedelta(days=1) + timedelta(minutes=place)
        row.guest_key = row.fingerprint


def _load(names: list[str], change: loading.Change) -> list[int]:
    """The numbers of these comments, stored with all that a submit leaves beside each."""
    loaded = loading.load(((name, generator.discussion(generator.shape(name))) for name in names), change=change)
    posts = [post["pk"] for post in loaded.posts.values()]
    stored = list(Comment.objects.filter(post__in=posts).order_by("pk").values_list("pk", "status"))
    version = guidelines.current()
    _store(ModerationLogEntry(comment_id=pk, by_author=True, action="submit", new=state) for pk, state in stored)
    _store(GuidelineAcceptance(comment_id=pk, version=version, sentence=guidelines.SENTENCE) for pk, _state in stored)
    return [pk for pk, _state in stored]


def _store(many: Iterable[Any]) -> None:
    made = list(many)
    with transaction.atomic():
        rows.give_keys(type(made[0]), made)
        rows.insert_many(type(made[0]), made)
