"""Versions of the guidelines: published once, never changed, compared clause by clause."""

import pytest

from comments import guidelines
from comments.exceptions import GuidelinesChanged, Refused
from comments.guidelines import Clause
from tests import factories

pytestmark = pytest.mark.django_db


def test_before_the_first_version_nothing_is_in_force():
    assert guidelines.current() is None
    assert guidelines.require_current(None, agreed=False) is None


def test_versions_are_numbered_and_the_newest_is_in_force():
    first, second = factories.published_guidelines("Be kind"), factories.published_guidelines("Be kind", "No methods")
    assert (first.number, second.number) == (1, 2)
    assert guidelines.current() == second
    assert first.digest != second.digest


def test_a_published_version_cannot_be_changed():
    version = factories.published_guidelines()
    version.body = "Other words."
    with pytest.raises(TypeError, match="publish the next one"):
        version.save()


def test_guidelines_without_a_clause_are_refused():
    with pytest.raises(Refused, match="at least one clause"):
        guidelines.publish([])


def test_changes_name_what_was_added_dropped_and_reworded():
    old = guidelines.publish([Clause("kind", "Be kind", "Be kind."), Clause("links", "Links", "Few links.")])
    new = guidelines.publish([Clause("kind", "Be kind", "Be kind, always."), Clause("privacy", "Privacy", "No names.")])
    changes = guidelines.changes(old, new)
    said = [(c.old.short_point if c.old else None, c.new.short_point if c.new else None) for c in changes]
    assert said == [("Be kind.", "Be kind, always."), (None, "No names."), ("Few links.", None)]


def test_only_the_version_that_was_shown_counts():
    factories.published_guidelines()
    assert guidelines.require_current(1, agreed=True).number == 1
    for shown in (None, 0, 2):
        with pytest.raises(GuidelinesChanged):
            guidelines.require_current(shown, agreed=True)
