"""Who may open an account: everybody, the invited, nobody."""

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from storied.accounts import doors
from storied.accounts.models import AccountRules, Invitation, User
from tests import factories

pytestmark = pytest.mark.django_db
SIGN_UP = {"email": "new@example.org", "password1": "a good long pass phrase", "display_name": "Newcomer"}


@pytest.fixture
def owner():
    return factories.person("Ida", role="owner")


def only_the_invited():
    AccountRules.change(sign_up="invited")


def opened(client, **changes):
    client.post("/accounts/signup/", {**SIGN_UP, **changes})
    return User.objects.filter(email=changes.get("email", SIGN_UP["email"])).exists()


def follow(client, invitation):
    address = f"/accounts/invitation/{invitation.token}/"
    assert client.get(address).status_code == 200
    return client.post(address)


@pytest.mark.parametrize(("environment", "said", "open_to_all"), [
    (True, "", True), (False, "", False), (True, "closed", False), (False, "open", True), (True, "invited", False),
])  # fmt: skip
def test_the_owner_decides_and_before_that_the_environment(client, settings, environment, said, open_to_all):
    settings.SIGNUP_IS_OPEN = environment
    if said:
        AccountRules.change(sign_up=said)
    assert doors.are_open_to_all() is open_to_all
    assert ("open an account</a>" in client.get("/accounts/login/").text) is open_to_all
    assert opened(client) is open_to_all


def test_an_invitation_opens_one_account(client, owner):
    only_the_invited()
    invitation = doors.invite(owner)
    assert "invited" in client.get("/accounts/signup/").text
    assert follow(client, invitation).url == "/accounts/signup/"
    assert "password1" in client.get("/accounts/signup/").text
    assert opened(client)
    invitation.refresh_from_db()
    assert invitation.used_by.email == "new@example.org"
    other = Client()
    assert other.get(f"/accounts/invitation/{invitation.token}/").status_code == 404
    assert not opened(other, email="other@example.org", display_name="Other")


def test_opening_the_link_changes_nothing(client, owner):
    only_the_invited()
    client.get(f"/accounts/invitation/{doors.invite(owner).token}/")
    assert not opened(client)


def test_an_invitation_for_one_address_is_for_no_other(client, owner):
    only_the_invited()
    follow(client, doors.invite(owner, "New@Example.org"))
    answer = client.post("/accounts/signup/", {**SIGN_UP, "email": "other@example.org"})
    assert "for another address" in answer.text
    assert opened(client)


@pytest.mark.parametrize("end", ["revoked", "over", "used", "closed", "forged"])
def test_an_invitation_that_has_ended_opens_nothing(client, owner, end):
    only_the_invited()
    invitation = doors.invite(owner)
    follow(client, invitation)
    if end == "revoked":
        assert doors.revoke(invitation.pk)
        assert not doors.revoke(invitation.pk)
    elif end == "over":
        Invitation.objects.update(until=timezone.now() - timedelta(minutes=1))
    elif end == "used":
        Invitation.objects.update(used_at=timezone.now())
    elif end == "closed":
        AccountRules.change(sign_up="closed")
    else:
        session = client.session
        session["storied.invitation"] = "x" * 22
        session.save()
    assert not opened(client)


def test_of_two_with_one_invitation_one_gets_the_account(owner):
    only_the_invited()
    invitation = doors.invite(owner)
    clients = [Client(), Client()]
    for client in clients:
        follow(client, invitation)
    # Both have the form; the second sends it as the first has just been let in.
    assert opened(clients[0])
    assert not opened(clients[1], email="other@example.org", display_name="Other")
    assert User.objects.filter(role="member").count() == 1


def test_a_known_address_uses_no_invitation_up(client, owner):
    only_the_invited()
    invitation = doors.invite(owner)
    follow(client, invitation)
    client.post("/accounts/signup/", {**SIGN_UP, "email": owner.email})
    assert doors.standing().filter(pk=invitation.pk).exists()


@pytest.mark.parametrize("mode", ["open", "invited", "closed"])
def test_logging_in_by_code_makes_no_account_and_answers_alike(owner, mode):
    AccountRules.change(sign_up=mode)
    before = User.objects.count()
    answers = [Client().post("/accounts/login/code/", {"email": email}) for email in (owner.email, "no@example.org")]
    assert len({(answer.status_code, answer.get("Location")) for answer in answers}) == 1
    assert User.objects.count() == before
    assert len(mail.outbox) == 2


def test_the_owner_sets_it_in_the_site_and_makes_links_and_takes_them_back(owner):
    client = Client()
    client.force_login(owner)
    client.post("/moderation/accounts/", {"save": "1", "sign_up": "invited", "reserved_names": "The Acre"})
    assert (AccountRules.current().sign_up, AccountRules.current().reserved_names) == ("invited", "The Acre")
    client.post("/moderation/accounts/", {"invite": "1", "email": "Friend@example.org"})
    [invitation] = doors.standing()
    page = client.get("/moderation/accounts/")
    assert f"http://testserver/accounts/invitation/{invitation.token}/" in page.text
    assert page["Cache-Control"] == "private, no-store"
    client.post("/moderation/accounts/", {"revoke": invitation.pk})
    assert not doors.standing().exists()
    answer = client.post("/moderation/accounts/", {"save": "1", "sign_up": "nonsense"})
    assert answer.status_code == 422
    answer = client.post("/moderation/accounts/", {"invite": "1", "email": "friend"})
    assert answer.status_code == 422
    assert "This does not look like an e-mail address." in answer.text


@pytest.mark.parametrize("role", ["member", "moderator"])
def test_nobody_else_sets_it(role):
    client = Client()
    client.force_login(factories.person(role=role))
    assert client.get("/moderation/accounts/").status_code == 403
    assert client.post("/moderation/accounts/", {"save": "1", "sign_up": "closed"}).status_code == 403
    assert not AccountRules.objects.exists()
