"""What tests of submitting share: an article with guidelines, and a guest who is known there."""

import pytest

from comments.models import HouseRules
from tests import factories


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


def with_rules(**changes):
    HouseRules.change(changes, by=None)


def known_guest(post):
    """A guest one of whose comments was approved."""
    guest = factories.guest()
    factories.comment(post, guest_key=guest.guest_key)
    return guest


def reasons(comment):
    return [reason["code"] for reason in comment.reasons]
