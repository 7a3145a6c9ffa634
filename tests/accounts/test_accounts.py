"""Accounts: opening one, coming in, and one's name."""

import re
from functools import partial

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client

from comments.notifications.recipients import Recipient, address_of
from storied.accounts import doors, names
from storied.accounts.forms import ProfileForm
from storied.accounts.models import User, UserManager
from tests import factories
from tests.together import answered_to_two, at_once, begun_by_two

pytestmark = pytest.mark.django_db

SIGN_UP = {"email": "new@example.org", "password1": "a good long pass phrase", "display_name": "Newcomer"}


def code_in_mail():
    return re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def test_an_account_is_opened_and_its_address_proved_by_a_mailed_code(client):
    answer = client.post("/accounts/signup/", SIGN_UP)
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session
    answer = client.post(answer.url, {"code": code_in_mail()})
    assert answer.status_code == 302
    user = User.objects.get(email="new@example.org")
    assert (user.display_name, user.role, user.is_staff) == ("Newcomer", "member", False)
    assert client.session["_auth_user_id"] == str(user.pk)


def test_one_logs_in_with_a_mailed_code(client):
    person = factories.person("Ada")
    answer = client.post("/accounts/login/code/", {"email": person.email})
    answer = client.post(answer.url, {"code": code_in_mail()})
    assert client.session["_auth_user_id"] == str(person.pk)


def test_a_session_gets_a_new_key_when_somebody_logs_in(client):
    person = factories.person("Ada")
    client.get("/accounts/login/")
    before = client.session.session_key
    client.post("/accounts/login/", {"login": person.email, "password": factories.PASSWORD})
    assert client.session["_auth_user_id"] == str(person.pk)
    assert client.session.session_key != before


def test_sign_up_can_be_closed(client, settings):
    settings.SIGNUP_IS_OPEN = False
    assert b"password1" not in client.get("/accounts/signup/").content
    client.post("/accounts/signup/", SIGN_UP)
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_known_address_is_answered_like_an_unknown_one(client):
    factories.person("Ada")
    known = User.objects.get().email
    answers = [client.post("/accounts/signup/", {**SIGN_UP, "email": email}) for email in ("new@example.org", known)]
    assert answers[0].status_code == answers[1].status_code == 302
    assert answers[0].url == answers[1].url


@pytest.mark.parametrize("name", ["Ada Blogger", "ada blogger", "Аda Blogger", "A\u200bda Blogger", "\u3164", " "])
def test_a_name_that_is_taken_or_shows_nothing_is_refused(client, name):
    factories.person("Ada Blogger", "owner")
    answer = client.post("/accounts/signup/", {**SIGN_UP, "display_name": name})
    assert answer.status_code == 200
    assert not User.objects.filter(email="new@example.org").exists()


def test_one_changes_ones_name_and_site(client):
    person = factories.person("Ada")
    client.force_login(person)
    assert client.get("/accounts/profile/").status_code == 200
    saved = client.post("/accounts/profile/", {"display_name": "Ada L.", "url": "ada.example.org"}, follow=True)
    assert "Your new comments will carry this name." in saved.text
    again = client.post("/accounts/profile/", {"display_name": "Ada L.", "url": "ada.example.org"}, follow=True)
    assert "Saved." in again.text
    assert "will carry this name" not in again.text
    person.refresh_from_db()
    assert (person.display_name, person.url) == ("Ada L.", "https://ada.example.org")
    answer = client.post("/accounts/profile/", {"display_name": "", "url": ""})
    assert answer.status_code == 422


def test_what_is_wrong_is_said_in_the_words_of_the_site(client):
    client.force_login(factories.person())
    page = client.post("/accounts/profile/", {"display_name": "", "url": "x y"}).text
    assert "This is needed." in page
    assert "This is not the address of a site." in page


def test_a_profile_is_for_those_who_are_logged_in(client):
    assert client.get("/accounts/profile/").status_code == 302


@pytest.mark.parametrize(
    "pair", [("Ian", "lan"), ("Thomas", "ТHOMAS"), ("modern", "modem"), ("José", "Jose"), ("a.b", "ab")]
)
def test_names_that_look_alike_have_one_key(pair):
    assert names.key(pair[0]) == names.key(pair[1])


@pytest.mark.parametrize("pair", [("Anna", "Hanna"), ("Judy", "Julie"), ("李", "王"), ("Ann", "Anne")])
def test_names_that_differ_have_two(pair):
    assert names.key(pair[0]) != names.key(pair[1])


def test_an_address_that_the_owner_changes_is_the_one_to_log_in_with(client):
    person, other = factories.person("Ada"), factories.person("Bob")
    before = person.email
    client.force_login(factories.person("Olive", "owner"))
    address = f"/admin/accounts/user/{person.pk}/change/"
    fields = {"display_name": "Ada", "url": "", "role": "member", "standing": "ordinary", "is_active": "on"}
    assert b"has proved this address" in client.post(address, fields | {"email": other.email.upper()}).content
    assert client.post(address, fields | {"email": "Ada@elsewhere.example"}).status_code == 302
    client.logout()
    for email, is_known in ((before, False), ("ada@elsewhere.example", True)):
        client.post("/accounts/login/", {"login": email, "password": factories.PASSWORD})
        assert ("_auth_user_id" in client.session) is is_known
    assert address_of(Recipient(person.pk)) == "ada@elsewhere.example"


def test_a_profile_brings_nothing_back_that_was_taken_away_meanwhile():
    person = factories.person("Ada", "moderator")
    form = ProfileForm({"display_name": "Ada Lee", "url": ""}, instance=User.objects.get(pk=person.pk))
    assert form.is_valid()
    User.objects.filter(pk=person.pk).update(role="member", is_active=False)
    form.save()
    person.refresh_from_db()
    assert (person.display_name, person.name_key, person.role, person.is_active) == (
        "Ada Lee", names.key("Ada Lee"), "member", False,
    )  # fmt: skip
    User.objects.filter(pk=person.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        form.save()
    assert not User.objects.filter(display_name="Ada Lee").exists()


# --- One name, wanted by two at once ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_up_with_one_name_at_once_one_gets_it(monkeypatch):
    monkeypatch.setattr(doors, "store", begun_by_two(doors.store))
    said = {"password1": "a good long pass phrase"}
    answers = at_once(
        lambda: Client().post("/accounts/signup/", {**said, "email": "one@example.org", "display_name": "Wren"}),
        lambda: Client().post("/accounts/signup/", {**said, "email": "two@example.org", "display_name": "WREN"}),
    )
    assert User.objects.filter(name_key=names.key("Wren")).count() == 1
    assert sorted("Somebody here goes by a name" in answer.content.decode() for answer in answers) == [False, True]
    assert all(answer.status_code < 400 for answer in answers)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_sign_up_with_one_address_at_once_one_gets_it(monkeypatch):
    monkeypatch.setattr(doors, "store", begun_by_two(doors.store))
    said = {"password1": "a good long pass phrase", "email": "one@example.org"}
    answers = at_once(
        *(partial(Client().post, "/accounts/signup/", {**said, "display_name": name}) for name in ("Wren", "Robin"))
    )
    assert User.objects.count() == 1
    # One mail with a code goes to an address in three minutes, whoever asks for it.
    assert {answer.status_code for answer in answers} <= {302, 429}
    assert len(mail.outbox) == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_change_their_name_to_one_at_once_one_gets_it(monkeypatch):
    clients = [Client(), Client()]
    for number, client in enumerate(clients):
        client.force_login(factories.person(f"Bird {number}"), backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr(UserManager, "is_borne_by_another", answered_to_two(UserManager.is_borne_by_another))
    answers = at_once(*(partial(client.post, "/accounts/profile/", {"display_name": "Wren"}) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert User.objects.filter(name_key=names.key("Wren")).count() == 1


def test_the_one_address_of_an_account_is_shown_without_a_choice(client):
    person = factories.person()
    client.force_login(person)
    page = client.get("/accounts/email/").content.decode()
    assert person.email in page
    assert 'type="radio"' not in page
    person.emailaddress_set.create(email="second@example.org", verified=True, primary=False)
    assert client.get("/accounts/email/").content.decode().count('type="radio"') == 2
