"""How care is arranged: the owner's acts, each with its entry in the desk's log."""

from typing import Any

from django.db import transaction

from comments import permissions
from comments.models import CarePhrases, CareResponder, DeskLogEntry, HelpLine
from comments.viewers import Viewer

from . import arrangements


@transaction.atomic
def arrange(viewer: Viewer, **said: Any) -> None:
    """Sets what happens to a comment whose words may mean danger."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    row = arrangements.stored()
    for name, value in said.items():
        setattr(row, name, value)
    row.changed_by = viewer.user
    row.save()
    DeskLogEntry.note(viewer.user, "care_arranged", "care", **said)


@transaction.atomic
def put_on_call(viewer: Viewer, person: Any, when: str) -> None:
    """Puts somebody on the on-call list, with when they can usually be reached."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    CareResponder.objects.get_or_create(person=person, defaults={"when": when})
    DeskLogEntry.note(viewer.user, "care_on_call", f"account {person.pk}", person.display_name)


@transaction.atomic
def take_off_call(viewer: Viewer, responder: CareResponder) -> None:
    """Takes somebody off the on-call list."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    responder.delete()
    DeskLogEntry.note(viewer.user, "care_off_call", f"account {responder.person_id}", responder.person.display_name)


@transaction.atomic
def name_line(viewer: Viewer, line: HelpLine, **said: Any) -> None:
    """Names a help line: a new one, or one that is known in other words."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    for name, value in said.items():
        setattr(line, name, value)
    line.save()
    DeskLogEntry.note(viewer.user, "care_line", f"help line {line.pk}", line.name)


@transaction.atomic
def remove_line(viewer: Viewer, line: HelpLine) -> None:
    """A help line is named no longer."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    DeskLogEntry.note(viewer.user, "care_line_removed", f"help line {line.pk}", line.name)
    line.delete()


@transaction.atomic
def begin_language(viewer: Viewer, language: str, name: str) -> None:
    """An empty set of phrases, which is not used yet; nothing where the language has a set."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    if any(phrases.language == language for phrases in arrangements.phrase_sets()):
        return
    _row, is_new = CarePhrases.objects.get_or_create(
        language=language, defaults={"name": name, "is_used": False, "changed_by": viewer.user}
    )
    if is_new:
        DeskLogEntry.note(viewer.user, "care_phrases_begun", f"phrases {language}", name)


@transaction.atomic
def save_phrases(viewer: Viewer, phrases: CarePhrases, *, text: str, is_used: bool) -> None:
    """The owner's own phrases of a language."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    CarePhrases.objects.update_or_create(
        language=phrases.language,
        defaults={"name": phrases.name, "text": text, "is_used": is_used, "changed_by": viewer.user},
    )
    DeskLogEntry.note(viewer.user, "care_phrases", f"phrases {phrases.language}", phrases.name)


@transaction.atomic
def give_up_phrases(viewer: Viewer, phrases: CarePhrases) -> None:
    """Back to the set that was shipped; a language without one goes."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    CarePhrases.objects.filter(language=phrases.language).delete()
    DeskLogEntry.note(viewer.user, "care_phrases_reset", f"phrases {phrases.language}", phrases.name)
