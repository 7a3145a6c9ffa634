"""Published versions: publish the next one, find them and their clauses, see that none was tampered with."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, IntegrityError, transaction
from django.db.models import Subquery

from comments import rendering
from comments.exceptions import Conflict, Refused
from comments.models import GuidelineClause, GuidelineVersion
from storied.front import SITE, Memo
from storied.text import clean_line, clean_text

_kept = Memo()


@dataclass(frozen=True)
class Clause:
    """A clause as it is drafted; `key` stays the same from version to version."""

    key: str
    title: str
    short_point: str
    body: str = ""


@dataclass(frozen=True)
class Choice:
    """A clause to choose from, or to name in a decision; `version` is the one whose words these are."""

    number: int
    key: str
    title: str
    short_point: str
    version: int
    is_in_force: bool

    @property
    def path(self) -> str:
        """Where it can be read as it was."""
        return f"/guidelines/#{self.key}" if self.is_in_force else f"/guidelines/{self.version}/#{self.key}"


def current() -> GuidelineVersion | None:
    """The version in force with its clauses; None before the first was published.

    Its `newest_material` is the number of the newest version that changed what people agree to: it or an earlier one.
    """
    return _kept.get("current", (SITE,), _newest)


def _newest() -> GuidelineVersion | None:
    material = GuidelineVersion.objects.filter(is_material=True).order_by("-number").values("number")[:1]
    versions = GuidelineVersion.objects.annotate(newest_material=Subquery(material))
    return versions.prefetch_related("clauses").order_by("-number").first()


def versions() -> list[GuidelineVersion]:
    """All versions without their words, the newest first."""
    return _kept.get("versions", (SITE,), lambda: list(GuidelineVersion.objects.defer("body", "body_html")))


def version_with_clauses(number: int) -> GuidelineVersion | None:
    """One version, with its words."""
    version = current()
    if version is not None and version.number == number:
        return version
    return GuidelineVersion.objects.prefetch_related("clauses").filter(number=number).first()


def number_of(version_id: int) -> int:
    """The number of a version by the key of its row, without asking the database again."""
    return next((version.number for version in versions() if version.pk == version_id), 0)


def publish(
    clauses: Sequence[Clause],
    *,
    introduction: str = "",
    summary_of_change: str = "",
    is_material: bool = True,
    by: Any = None,
    expected: int | None = None,
) -> GuidelineVersion:
    """Puts the next version in force. What is published never changes.

    `expected` is the number that it should get: Conflict if somebody has published meanwhile.
    """
    clauses = [_clean(clause) for clause in clauses]
    if not clauses:
        raise Refused("Guidelines need at least one clause.")
    try:
        with transaction.atomic():
            return _publish(clauses, clean_text(introduction).strip(), summary_of_change, is_material, by, expected)
    except IntegrityError:
        # Two first versions at once: there was no row to wait at.
        raise Conflict(_somebody_was_first()) from None


def _publish(
    clauses: Sequence[Clause], introduction: str, summary: str, is_material: bool, by: Any, expected: int | None
) -> GuidelineVersion:
    # Whoever publishes at the same time waits here; what they did is then seen by a second look.
    GuidelineVersion.objects.select_for_update().order_by("-number").first()
    latest = GuidelineVersion.objects.order_by("-number").first()
    number = latest.number + 1 if latest else 1
    if expected is not None and expected != number:
        raise Conflict(_somebody_was_first())
    version = GuidelineVersion(
        pk=latest.pk + 1 if latest else 1,
        number=number,
        body=introduction,
        body_html=rendering.body_html(introduction, "markdown"),
        summary_of_change=clean_line(summary),
        is_material=is_material or latest is None,
        digest=digest_of(introduction, clauses),
        published_by=by.display_name if by else "",
    )
    # The clauses first: none can be added to a version that stands.
    GuidelineClause.objects.bulk_create(
        GuidelineClause(
            version_id=version.pk, key=clause.key, number=place, title=clause.title, short_point=clause.short_point,
            body=clause.body, body_html=rendering.body_html(clause.body, "markdown"),
        )
        for place, clause in enumerate(clauses, start=1)
    )  # fmt: skip
    version.save(force_insert=True)
    return version


def _clean(clause: Clause) -> Clause:
    return Clause(clause.key, clean_line(clause.title), clean_line(clause.short_point), clean_text(clause.body).strip())


def _somebody_was_first() -> str:
    latest = GuidelineVersion.objects.order_by("-number").first()
    if latest is None:
        return "Somebody else is publishing at this moment. Please try again."
    by = latest.published_by or "Somebody"
    return f"{by} has published version {latest.number} meanwhile. Nothing of yours was published."


# --- Clauses to choose from, and to name --------------------------------------------------------------------


class Choices(list[Choice]):
    """The clauses in force, in their order; `named` finds those, too, that stood in earlier versions."""

    def named(self, key: str, at: datetime | None = None) -> Choice | None:
        """As `clause_named`, but asking once however often: for a page that names many."""
        return _named(self._every, key, at)

    @cached_property
    def _every(self) -> "_Standing":
        return _standing()


def clauses_for_choice() -> Choices:
    """What a decision, a report or a refusal can name."""
    version = current()
    if version is None:
        return Choices()
    return Choices(_choice(clause, version.number, is_in_force=True) for clause in version.clauses.all())


def clause_named(key: str, at: datetime | None = None) -> Choice | None:
    """The clause of that key with the words that it had at a time, or the newest that it had; None if there is none.

    A decision keeps the key alone: years later it still says which clause was meant, and as it stood then.
    """
    return _named(_standing(), key, at)


# Every clause there ever was, by its key: since when, and its words; the newest first.
_Standing = dict[str, list[tuple[datetime, Choice]]]


def _named(standing: _Standing, key: str, at: datetime | None) -> Choice | None:
    found = standing.get(key, ())
    if at is not None:
        then = next((choice for since, choice in found if since <= at), None)
        if then is not None:
            return then
    return found[0][1] if found else None


def every_key() -> set[str]:
    """The keys of all clauses there ever were."""
    return set(_standing())


def _standing() -> _Standing:
    return _kept.get("clauses", (SITE,), _every_clause)


def _every_clause() -> _Standing:
    found: _Standing = {}
    clauses = GuidelineClause.objects.select_related("version").defer(
        "body", "body_html", "version__body", "version__body_html"
    )
    newest = 0
    for clause in clauses.order_by("-version__number", "number"):
        version = clause.version
        newest = newest or version.number
        choice = _choice(clause, version.number, is_in_force=version.number == newest)
        found.setdefault(clause.key, []).append((version.published_at, choice))
    return found


def _choice(clause: GuidelineClause, version: int, *, is_in_force: bool) -> Choice:
    return Choice(clause.number, clause.key, clause.title, clause.short_point, version, is_in_force)


# --- What was published is what stands there ----------------------------------------------------------------


def digest_of(introduction: str, clauses: Iterable[Any]) -> str:
    """SHA-256 over the words of a version, in their order."""
    text = "\x1e".join([introduction, *("\x1f".join([c.key, c.title, c.short_point, c.body]) for c in clauses)])
    return hashlib.sha256(text.encode()).hexdigest()


def tampered(using: str = DEFAULT_DB_ALIAS) -> list[int]:
    """The numbers of the versions whose words are not those that were published."""
    clauses: dict[int, list[GuidelineClause]] = {}
    rows = GuidelineClause.objects.using(using).order_by("version_id", "number")
    for clause in rows.only("version_id", "key", "title", "short_point", "body"):
        clauses.setdefault(clause.version_id, []).append(clause)
    versions = GuidelineVersion.objects.using(using).order_by("number").values_list("pk", "number", "body", "digest")
    return [number for pk, number, body, digest in versions if digest != digest_of(body, clauses.get(pk, []))]
