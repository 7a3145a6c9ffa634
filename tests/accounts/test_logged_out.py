"""A form from somebody who was logged out since its page was opened: nothing that they typed is lost."""

import re

import pytest
from django.test import Client

from comments.models import PersonNote
from tests import factories

pytestmark = pytest.mark.django_db

WORDS = "We spoke for an hour.\n</textarea><b>It went well."
ON_THIS_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client():
    return Client(enforce_csrf_checks=True, headers=ON_THIS_SITE)


@pytest.fixture
def moderator():
    return factories.person("Mod", "moderator")


@pytest.fixture
def note():
    """The address for a note on somebody."""
    return f"/moderation/people/account/{factories.person().pk}/note/"


def with_token(client, **fields):
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get("/accounts/login/").text)[1]
    return {"csrfmiddlewaretoken": token, **fields}


def log_in(client, person):
    client.post("/accounts/login/", with_token(client, login=person.email, password=factories.PASSWORD))
    assert "_auth_user_id" in client.session


def test_what_was_typed_is_sent_again_after_logging_in(client, moderator, note):
    answer = client.post(note, with_token(client, words=WORDS))
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]
    assert "Your text is safe on this page" in answer.text
    assert "&lt;/textarea&gt;&lt;b&gt;It went well.</textarea>" in answer.text
    assert "csrfmiddlewaretoken" not in answer.text.partition("Send again")[0].rpartition("<form")[2]

    log_in(client, moderator)
    again = client.post(note, {"words": WORDS})
    assert again.status_code == 403
    assert "Please send it once more" in again.text
    assert "It went well.</textarea>" in again.text
    assert not PersonNote.objects.exists()

    token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', again.text)[-1]
    assert client.post(note, {"words": WORDS, "csrfmiddlewaretoken": token}).status_code == 302
    assert PersonNote.objects.get().words == WORDS


@pytest.mark.parametrize("says", ["cross-site", "same-site", "none", None])
def test_what_another_site_sends_does_not_come_back_in_a_form(client, moderator, note, says):
    log_in(client, moderator)
    headers = {"Sec-Fetch-Site": says} if says else {}
    elsewhere = Client(enforce_csrf_checks=True, headers=headers)
    elsewhere.cookies = client.cookies
    answer = elsewhere.post(note, {"words": WORDS})
    assert answer.status_code == 403
    assert "It went well" not in answer.text


def test_where_nothing_was_written_the_log_in_leads_back_to_the_page(client, note):
    for referer, way in (
        ("http://testserver/moderation/people/?page=2", "/moderation/people/%3Fpage%3D2"),
        ("http://elsewhere.example/page/", "/"),
        (f"http://testserver{note}", "/"),
        ("", "/"),
    ):
        answer = client.post(note, with_token(client), headers={"Referer": referer})
        assert answer.status_code == 403
        assert f'href="/accounts/login/?next={way}"' in answer.text
        assert "Send again" not in answer.text


def test_a_password_is_never_shown_again(client):
    answer = client.post("/accounts/password/change/", with_token(client, oldpassword="old", words=WORDS))
    assert "It went well" not in answer.text


def test_who_only_looks_is_led_to_the_log_in_as_ever(client):
    answer = client.get("/moderation/people/")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/moderation/people/"
