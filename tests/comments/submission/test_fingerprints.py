"""What is sent a second time is known by its fingerprint, that of an older version too."""

from importlib import import_module

import pytest
from django.apps import apps

from comments import submission
from comments.models import Comment
from tests import factories

pytestmark = pytest.mark.django_db

migration = import_module("comments.migrations.0024_fingerprints_are_half_as_long")


def test_what_was_sent_to_an_older_version_is_known_when_it_is_sent_again():
    factories.published_guidelines()
    draft = factories.draft(factories.post(), "Said once.")
    first = submission.submit(draft)
    other = factories.comment(first.post)
    Comment.objects.filter(pk=first.pk).update(fingerprint=draft.fingerprint + "f" * 32)
    migration.cut(apps, None)
    assert submission.submit(draft) == first
    other.refresh_from_db()
    assert other.fingerprint is None


def test_of_many_all_are_cut_whichever_batch_they_fall_into(monkeypatch):
    monkeypatch.setattr(migration, "_AT_ONCE", 2)
    post = factories.post()
    long = [f"{number}" * 64 for number in range(5)]
    for fingerprint in (long[0], long[1], None, long[2], long[3], long[4]):
        Comment.objects.filter(pk=factories.comment(post).pk).update(fingerprint=fingerprint)
    for _ in range(2):  # begun again, it changes nothing
        migration.cut(apps, None)
        cut = Comment.objects.exclude(fingerprint=None).order_by("pk").values_list("fingerprint", flat=True)
        assert list(cut) == [fingerprint[:32] for fingerprint in long]
