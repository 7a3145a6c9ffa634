"""The moderators in tests of moderation."""

import pytest

from comments.viewers import Viewer
from tests import factories


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod", "moderator"))


@pytest.fixture
def other():
    return Viewer(factories.person("Other", "moderator"))
