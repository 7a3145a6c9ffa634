"""Who may open an account: an act and its entry in the desk's log are one, and the owner's alone."""

import pytest

from comments.exceptions import NotAllowed
from comments.models import DeskLogEntry
from comments.moderation import accounts
from comments.viewers import Viewer
from storied.accounts import doors
from storied.accounts.models import AccountRules, Invitation
from tests import factories

pytestmark = pytest.mark.django_db
ACTS = {
    "change the rules": lambda viewer, _known: accounts.change_rules(viewer, sign_up="closed", reserved_names="Acre"),
    "invite": lambda viewer, _known: accounts.invite(viewer, "friend@example.org"),
    "revoke": lambda viewer, known: accounts.revoke(viewer, known.pk),
}


@pytest.fixture
def known():
    return doors.invite(factories.person(role="owner"))


def changed(known):
    """What an act has left behind."""
    return AccountRules.objects.count(), Invitation.objects.count(), doors.standing().filter(pk=known.pk).count()


@pytest.mark.parametrize("name", ACTS)
def test_what_the_owner_does_is_in_the_log(known, name):
    before = changed(known)
    ACTS[name](Viewer(known.by), known)
    assert changed(known) != before
    assert DeskLogEntry.objects.get().actor_number == known.by.pk


@pytest.mark.parametrize("name", ACTS)
def test_what_cannot_be_put_on_record_is_not_done(known, name, monkeypatch):
    before = changed(known)

    def fails(*_said, **_details):
        raise RuntimeError("The log cannot be written.")

    monkeypatch.setattr(DeskLogEntry, "note", fails)
    with pytest.raises(RuntimeError):
        ACTS[name](Viewer(known.by), known)
    assert changed(known) == before


@pytest.mark.parametrize("name", ACTS)
def test_a_moderator_does_none_of_it(known, name):
    before = changed(known)
    with pytest.raises(NotAllowed):
        ACTS[name](Viewer(factories.person(role="moderator")), known)
    assert changed(known) == before


def test_an_invitation_that_has_ended_is_not_taken_back_again(known):
    assert accounts.revoke(Viewer(known.by), known.pk)
    assert not accounts.revoke(Viewer(known.by), known.pk)
    assert DeskLogEntry.objects.count() == 1
