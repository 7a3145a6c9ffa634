"""What is sent a second time is known by its fingerprint, that of an older version too."""

from importlib import import_module

import pytest
from django.apps import apps

from comments import submission
from comments.models import Comment
from tests import factories

pytestmark = pytest.mark.django_db

cut = import_module("comments.migrations.0024_fingerprints_are_half_as_long").cut


def test_what_was_sent_to_an_older_version_is_known_when_it_is_sent_again():
    factories.published_guidelines()
    draft = factories.draft(factories.post(), "Said once.")
    first = submission.submit(draft)
    other = factories.comment(first.post)
    Comment.objects.filter(pk=first.pk).update(fingerprint=draft.fingerprint + "f" * 32)
    cut(apps, None)
    assert submission.submit(draft) == first
    other.refresh_from_db()
    assert other.fingerprint is None
