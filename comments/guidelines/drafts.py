"""The next version while it is being written: one draft, kept in the database, on which two owners may work."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from comments import rendering
from comments.exceptions import Conflict, Refused
from comments.models import GuidelineClause, GuidelineDraft, GuidelineVersion
from storied.text import clean_line, clean_text

from . import source
from .differences import Difference, compare
from .published import Clause, current, every_key, publish

# The guidelines that come along: what a site without any begins with.
STARTER = Path(__file__).resolve().parent.parent / "management" / "guidelines.md"
MOST_CLAUSES = 30
TITLE_CHARACTERS, POINT_CHARACTERS, BODY_CHARACTERS, SUMMARY_CHARACTERS = 200, 300, 10_000, 500
KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?\Z")
# What readers' reports say besides clauses, and what the page itself has as an anchor.
_NO_KEYS = frozenset({"worried", "other", "main", "problems"})


@dataclass(frozen=True)
class Words:
    """All that a draft says, in the shape in which it is saved."""

    introduction: str
    clauses: tuple[Clause, ...]
    summary_of_change: str = ""
    is_material: bool = True


def the_draft() -> GuidelineDraft | None:
    """The draft, if one was begun."""
    return GuidelineDraft.objects.select_related("changed_by").filter(pk=1).first()


def words_of(draft: GuidelineDraft) -> Words:
    clauses = tuple(Clause(**clause) for clause in draft.clauses)
    return Words(draft.introduction, clauses, draft.summary_of_change, draft.is_material)


def begin(by: Any) -> GuidelineDraft:
    """The draft, begun from what is in force if there is none yet."""
    version = current()
    if version is not None:
        introduction = version.body
        clauses = [Clause(c.key, c.title, c.short_point, c.body) for c in version.clauses.all()]
    else:
        introduction, clauses = source.read(STARTER.read_text("utf-8"))
    # Of two who begin at once one begins; get_or_create has the other meet the first.
    said = {"introduction": introduction, "clauses": [asdict(clause) for clause in clauses], "changed_by": by}
    return GuidelineDraft.objects.get_or_create(pk=1, defaults=said)[0]


class DraftChanged(Conflict):
    """Somebody has saved or published the draft since it was read; `draft` is theirs, None if it is gone."""

    def __init__(self, message: str, draft: GuidelineDraft | None) -> None:
        super().__init__(message)
        self.draft = draft


def save(words: Words, *, seen: int, by: Any) -> GuidelineDraft:
    """Keeps these words as the draft's next revision; DraftChanged unless `seen` is the one there is.

    0 is no draft: then these words begin one.
    """
    words = _clean(words)
    said = {
        "introduction": words.introduction, "clauses": [asdict(clause) for clause in words.clauses],
        "summary_of_change": words.summary_of_change, "is_material": words.is_material, "changed_by": by,
        "changed_at": timezone.now(),
    }  # fmt: skip
    if seen == 0:
        saved = GuidelineDraft.objects.get_or_create(pk=1, defaults=said)[1]
    else:
        saved = GuidelineDraft.objects.filter(pk=1, revision=seen).update(revision=seen + 1, **said)
    if not saved:
        raise _changed(by)
    return the_draft()


def discard(*, seen: int, by: Any) -> None:
    """Gives the draft up; what is in force stays."""
    if not GuidelineDraft.objects.filter(pk=1, revision=seen).delete()[0]:
        raise _changed(by)


def publish_draft(*, seen: int, expected: int, by: Any) -> GuidelineVersion:
    """Puts the draft in force as version `expected`, just as it was read, and ends it.

    Of two who do this at once one publishes; the other learns who was first.
    """
    with transaction.atomic():
        draft = GuidelineDraft.objects.select_for_update().filter(pk=1).first()
        if draft is None or draft.revision != seen:
            raise _changed(by)
        for problem in problems(draft):
            raise Refused(problem)
        words = words_of(draft)
        version = publish(
            words.clauses, introduction=words.introduction, summary_of_change=words.summary_of_change,
            is_material=words.is_material, by=by, expected=expected,
        )  # fmt: skip
        draft.delete()
        return version


def _changed(by: Any) -> DraftChanged:
    draft = the_draft()
    if draft is None:
        version = GuidelineVersion.objects.order_by("-number").first()
        if version is not None and version.published_by and timezone.now() - version.published_at < _RECENTLY:
            who = "You have" if by and version.published_by == by.display_name else f"{version.published_by} has"
            return DraftChanged(f"{who} published version {version.number} meanwhile, and the draft is gone.", None)
        return DraftChanged("There is no draft any more: it was published or given up meanwhile.", None)
    mine = draft.changed_by_id is not None and by is not None and draft.changed_by_id == by.pk
    who = "You have" if mine else f"{draft.changed_by or 'Somebody'} has"
    where = ", in another window," if mine else ""
    return DraftChanged(f"{who} saved this draft{where} since you opened it.", draft)


_RECENTLY = timedelta(hours=1)


# --- What the draft would be ------------------------------------------------------------------------------


def as_clauses(clauses: Iterable[Clause]) -> list[GuidelineClause]:
    """The clauses as they would be published, not stored."""
    return [
        GuidelineClause(
            key=clause.key, number=number, title=clause.title, short_point=clause.short_point, body=clause.body,
            body_html=rendering.body_html(clause.body, "markdown"),
        )
        for number, clause in enumerate(clauses, start=1)
    ]  # fmt: skip


def as_version(words: Words) -> GuidelineVersion:
    """The version that it would be, without its clauses, not stored."""
    return GuidelineVersion(
        number=next_number(), body=words.introduction, body_html=rendering.body_html(words.introduction, "markdown"),
        summary_of_change=words.summary_of_change, is_material=words.is_material,
    )  # fmt: skip


def next_number() -> int:
    """The number that the draft would get."""
    version = current()
    return version.number + 1 if version else 1


def difference(words: Words) -> Difference:
    """How the draft differs from what is in force."""
    version = current()
    old = list(version.clauses.all()) if version else []
    return compare(old, as_clauses(words.clauses), version.body if version else "", words.introduction)


def difference_of(theirs: Words, mine: Words) -> Difference:
    """How two wordings of the draft differ."""
    return compare(as_clauses(theirs.clauses), as_clauses(mine.clauses), theirs.introduction, mine.introduction)


def left_out(words: Words) -> list[GuidelineClause]:
    """The clauses in force that the draft no longer has."""
    version = current()
    keys = {clause.key for clause in words.clauses}
    return [clause for clause in version.clauses.all() if clause.key not in keys] if version else []


def problems(draft: GuidelineDraft) -> list[str]:
    """What stands in the way of publishing, in words."""
    words = words_of(draft)
    found = []
    if not words.clauses:
        found.append("Guidelines need at least one clause.")
    for number, clause in enumerate(words.clauses, start=1):
        missing = [name for name, text in (("title", clause.title), ("short point", clause.short_point)) if not text]
        if missing:
            found.append(f"Clause {number} has no {' and no '.join(missing)} yet.")
    if current() is not None:
        if difference(words).is_empty:
            found.append("It says just what is in force: there is nothing to publish.")
        if not words.summary_of_change:
            found.append("Say in a sentence what has changed: people read it beside the version.")
    return found


# --- From what was sent to words ---------------------------------------------------------------------------


def in_order(rows: Sequence[tuple[int, int, Any]]) -> list[Any]:
    """The things of (place it has, number it was given, thing) in their new order.

    Who writes 2 at the fifth means: before the one that is second now; who writes 5 at the second, behind the fifth.
    """

    def place(row: tuple[int, int, Any]) -> tuple[float, int]:
        old, new, _thing = row
        return (new if new == old else new - 0.5 if new < old else new + 0.5), new

    return [thing for _old, _new, thing in sorted(rows, key=place)]


def with_keys(clauses: Iterable[Clause]) -> list[Clause]:
    """Gives each clause without a key one of its own.

    A heading that a clause in force has is that clause; any other gets a key that no clause has ever had.
    """
    clauses = list(clauses)
    taken = {clause.key for clause in clauses if clause.key}
    version = current()
    in_force = {clause.title: clause.key for clause in version.clauses.all()} if version else {}
    ever = every_key() | _NO_KEYS
    keyed = []
    for clause in clauses:
        key = clause.key or in_force.get(clause.title, "")
        if not clause.key and (not key or key in taken):
            key = _free_key(clause.title, taken | ever)
        taken.add(key)
        keyed.append(replace(clause, key=key))
    return keyed


def _free_key(title: str, taken: set[str]) -> str:
    stem = slugify(title)[:40].strip("-_").replace("_", "-") or "clause"
    candidates = [stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))]
    return next(key for key in candidates if key not in taken)


def what_is_wrong(words: Words) -> list[str]:
    """What cannot even be saved, in words; unfinished clauses can."""
    found = []
    if len(words.clauses) > MOST_CLAUSES:
        found.append(f"That is more than {MOST_CLAUSES} clauses: nobody reads so many.")
    if len(words.introduction) > BODY_CHARACTERS:
        found.append(f"The introduction is longer than the {BODY_CHARACTERS:,} characters that fit.")
    if source.looks_like_a_heading(words.introduction):
        found.append("In the introduction a line begins with “## ”, which begins a clause. Use three of them.")
    seen: set[str] = set()
    for number, clause in enumerate(words.clauses, start=1):
        found += [f"Clause {number}: {wrong}" for wrong in _wrong_in(clause, seen)]
        seen.add(clause.key)
    return found


def _wrong_in(clause: Clause, seen: set[str]) -> list[str]:
    found = []
    if clause.key and not KEY.match(clause.key):
        found.append(f"“{clause.key}” is no key: use small letters from a to z, digits and hyphens, at most 50.")
    elif clause.key in _NO_KEYS:
        found.append(f"“{clause.key}” has another meaning here; please choose another key.")
    elif clause.key and clause.key in seen:
        found.append(f"the key “{clause.key}” is taken by another clause.")
    for name, text, most in (
        ("title", clause.title, TITLE_CHARACTERS),
        ("short point", clause.short_point, POINT_CHARACTERS),
        ("text", clause.body, BODY_CHARACTERS),
    ):
        if len(text) > most:
            found.append(f"the {name} is longer than the {most:,} characters that fit.")
    if source.looks_like_a_heading(clause.body):
        found.append("a line begins with “## ”, which begins a clause. Use three of them for a heading inside.")
    return found


def _clean(words: Words) -> Words:
    clauses = tuple(
        Clause(c.key, clean_line(c.title), clean_line(c.short_point), clean_text(c.body).strip()) for c in words.clauses
    )
    return Words(
        clean_text(words.introduction).strip(), clauses, clean_line(words.summary_of_change), words.is_material
    )
