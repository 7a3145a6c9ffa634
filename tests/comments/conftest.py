"""What tests of the discussion share."""

from collections.abc import Iterator

import pytest

from comments import events


class Announced(list):
    """The events that were published, in order."""

    def kinds(self) -> list[type]:
        return [type(event) for event in self]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> Iterator[Announced]:
    heard = Announced()
    kinds = [events.CommentSubmitted, events.CommentPublished, events.CommentEdited, events.CommentFlagged]
    for kind in [*kinds, events.CommentMoved, events.StatusChanged]:
        monkeypatch.setitem(events._subscribers, kind, [*events._subscribers[kind], heard.append])
    return heard
