"""How the owner arranges care: an act and its entry in the desk's log are one, and the owner's alone."""

from datetime import date

import pytest

from comments.care import arrangements, arranging
from comments.exceptions import NotAllowed
from comments.models import CareArrangements, CarePhrases, CareResponder, DeskLogEntry, HelpLine
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
LINE = {"name": "The Night Line", "phone": "0555 100", "last_checked": date(2026, 1, 1)}
ENGLISH = CarePhrases(language="en", name="English")
ACTS = {
    "care_arranged": lambda viewer: arranging.arrange(viewer, target_hours=9),
    "care_on_call": lambda viewer: arranging.put_on_call(viewer, factories.person(role="moderator"), "evenings"),
    "care_off_call": lambda viewer: arranging.take_off_call(viewer, CareResponder.objects.get()),
    "care_line": lambda viewer: arranging.name_line(viewer, HelpLine(), **LINE),
    "care_line_removed": lambda viewer: arranging.remove_line(viewer, HelpLine.objects.get()),
    "care_phrases_begun": lambda viewer: arranging.begin_language(viewer, "fr", "French"),
    "care_phrases": lambda viewer: arranging.save_phrases(viewer, ENGLISH, text="vanish", is_used=True),
    "care_phrases_reset": lambda viewer: arranging.give_up_phrases(viewer, ENGLISH),
}


@pytest.fixture(autouse=True)
def arranged_before():
    CareResponder.objects.create(person=factories.person(role="moderator"))
    HelpLine.objects.create(**LINE)
    CarePhrases.objects.create(language="en", name="English", text="disappear")


def everything():
    """What an act has left behind."""
    return [
        sorted(table.objects.values_list("pk", flat=True)) for table in (CareResponder, HelpLine, CareArrangements)
    ] + [sorted(CarePhrases.objects.values_list("language", "text"))]


@pytest.fixture
def owner():
    return Viewer(factories.person(role="owner"))


@pytest.mark.parametrize("action", ACTS)
def test_what_the_owner_does_is_in_the_log(owner, action):
    before = everything()
    ACTS[action](owner)
    assert everything() != before
    entry = DeskLogEntry.objects.get()
    assert (entry.action, entry.actor_number) == (action, owner.user.pk)


@pytest.mark.parametrize("action", ACTS)
def test_what_cannot_be_put_on_record_is_not_done(owner, action, monkeypatch):
    before = everything()

    def fails(*_said, **_details):
        raise RuntimeError("The log cannot be written.")

    monkeypatch.setattr(DeskLogEntry, "note", fails)
    with pytest.raises(RuntimeError):
        ACTS[action](owner)
    assert everything() == before


@pytest.mark.parametrize("action", ACTS)
def test_a_moderator_does_none_of_it(action):
    before = everything()
    with pytest.raises(NotAllowed):
        ACTS[action](Viewer(factories.person(role="moderator")))
    assert everything() == before


def test_a_language_that_has_a_set_is_not_begun_again(owner):
    for language in ("en", "de"):
        arranging.begin_language(owner, language, "x")
    assert sorted(phrases.name for phrases in arrangements.phrase_sets()) == ["English", "German"]
    assert not DeskLogEntry.objects.exists()
