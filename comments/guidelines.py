"""The Commenting Guidelines: publish a version, find the present one, record who agreed to what."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from storied import rows
from storied.front import SITE, Memo

from . import rendering
from .exceptions import GuidelinesChanged, Refused
from .models import Comment, GuidelineAcceptance, GuidelineClause, GuidelineVersion

# The words under the form; what was shown is stored with each comment.
SENTENCE = "By clicking the Submit button below you agree to follow the Commenting Guidelines"
CHECKBOX_SENTENCE = "I agree to follow the Commenting Guidelines"


_kept = Memo()


@dataclass(frozen=True)
class Clause:
    """A clause as it is drafted; `key` stays the same from version to version."""

    key: str
    title: str
    short_point: str
    body: str = ""


@dataclass(frozen=True)
class ClauseChange:
    """How one clause differs between two versions; `old` or `new` is None where it was added or dropped."""

    old: GuidelineClause | None
    new: GuidelineClause | None


def current() -> GuidelineVersion | None:
    """The version in force with its clauses; None before the first was published."""
    return _kept.get("current", (SITE,), _newest)


def _newest() -> GuidelineVersion | None:
    return GuidelineVersion.objects.prefetch_related("clauses").order_by("-number").first()


def publish(
    clauses: Sequence[Clause], *, introduction: str = "", summary_of_change: str = "", is_material: bool = True
) -> GuidelineVersion:
    """Puts the next version in force. What is published never changes."""
    if not clauses:
        raise Refused("Guidelines need at least one clause.")
    with transaction.atomic():
        latest = GuidelineVersion.objects.select_for_update().order_by("-number").first()
        version = GuidelineVersion.objects.create(
            number=latest.number + 1 if latest else 1,
            body=introduction,
            body_html=rendering.body_html(introduction, "markdown"),
            summary_of_change=summary_of_change,
            is_material=is_material,
            digest=_digest(introduction, clauses),
        )
        GuidelineClause.objects.bulk_create(
            GuidelineClause(
                version=version, key=clause.key, number=number, title=clause.title, short_point=clause.short_point,
                body=clause.body, body_html=rendering.body_html(clause.body, "markdown"),
            )
            for number, clause in enumerate(clauses, start=1)
        )  # fmt: skip
        return version


def changes(old: GuidelineVersion, new: GuidelineVersion) -> list[ClauseChange]:
    """The clauses that differ between two versions, in the new one's order, dropped ones last."""
    before = {clause.key: clause for clause in old.clauses.all()}
    after = {clause.key: clause for clause in new.clauses.all()}
    found = [
        ClauseChange(before.get(key), clause)
        for key, clause in after.items()
        if key not in before or _words(before[key]) != _words(clause)
    ]
    return found + [ClauseChange(clause, None) for key, clause in before.items() if key not in after]


def require_current(shown: int | None, agreed: bool) -> GuidelineVersion | None:
    """The version in force, if it is the one that was shown and agreed to; GuidelinesChanged or Refused otherwise."""
    version = current()
    if version is None:
        return None
    if shown != version.number:
        raise GuidelinesChanged(field="guidelines_version")
    if not agreed:
        raise Refused("Please tick that you agree to the Commenting Guidelines.", code="not_agreed", field="agree")
    return version


def record(
    comment: Comment, version: GuidelineVersion, sentence: str, channel: str = "form", *, is_new: bool = False
) -> None:
    """Keeps that the comment's author agreed to this version, by which words, now; an edit renews it."""
    said = {"version": version, "sentence": sentence, "channel": channel, "accepted_at": timezone.now()}
    if is_new:
        rows.insert(GuidelineAcceptance(comment=comment, **said))
    else:
        GuidelineAcceptance.objects.update_or_create(comment=comment, defaults=said)


def _words(clause: GuidelineClause) -> tuple[Any, ...]:
    return clause.title, clause.short_point, clause.body


def _digest(introduction: str, clauses: Sequence[Clause]) -> str:
    text = "\x1e".join([introduction, *("\x1f".join([c.key, c.title, c.short_point, c.body]) for c in clauses)])
    return hashlib.sha256(text.encode()).hexdigest()
