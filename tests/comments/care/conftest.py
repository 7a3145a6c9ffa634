"""A site whose owner has arranged care, and words that it is for."""

from collections.abc import Callable
from typing import Any

import pytest

from comments import events, submission
from comments.models import (
    CareArrangements,
    CareItem,
    CareResponder,
    Comment,
    HelpLine,
    ModerationLogEntry,
)
from comments.viewers import Viewer
from tests import factories

DARK = "I can't go on. I want to die."


def open_for(comment: Comment) -> CareItem | None:
    """The open item about this comment."""
    return CareItem.objects.open().filter(comment=comment).first()


@pytest.fixture
def post(db):
    factories.published_guidelines()
    return factories.post()


@pytest.fixture
def moderator(db):
    return Viewer(factories.person("Mod", "moderator"))


@pytest.fixture
def owner(db):
    return Viewer(factories.person("Owner", "owner"))


@pytest.fixture
def arrange(moderator) -> Callable[..., CareArrangements]:
    """Names a help line and somebody on call; takes what the owner may choose."""

    def arrange(**chosen: Any) -> CareArrangements:
        HelpLine.objects.get_or_create(name="The Night Line", defaults={"region": "Northland", "phone": "0555 (0) 100"})
        CareResponder.objects.get_or_create(person=moderator.user)
        row, _ = CareArrangements.objects.update_or_create(pk=1, defaults=chosen)
        return row

    return arrange


@pytest.fixture
def arranged(arrange):
    return arrange()


@pytest.fixture
def opened(monkeypatch):
    heard = []
    monkeypatch.setitem(
        events._subscribers, events.CareItemOpened, [*events._subscribers[events.CareItemOpened], heard.append]
    )
    return heard


def submit(post, body=DARK, **fields):
    return submission.submit(factories.draft(post, body, **fields))


def acts(comment):
    entries = ModerationLogEntry.objects.filter(comment=comment.pk, action__startswith="care_").order_by("pk")
    return [(entry.action, entry.new) for entry in entries]
