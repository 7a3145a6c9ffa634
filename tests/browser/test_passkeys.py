"""Logging in without a password: a passkey is added, and used."""

import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def with_a_key(page):
    """A device with a finger on it."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    said = device.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip
    return device, said["authenticatorId"]


def test_a_passkey_is_added_and_logs_one_in(page):
    person = factories.person("Frances")
    device, key = with_a_key(page)
    page.goto("/accounts/login/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My phone")
    # A device on which nobody answers is no fault, and the form can be sent again.
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_text("Nothing came from your device")).to_be_visible()
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": True})
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert Authenticator.objects.get(type="webauthn").wrap().name == "My phone"
    page.get_by_role("button", name="Log out").click()
    page.goto("/accounts/login/?next=/archive/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page).to_have_url(re.compile(r"/archive/$"))
    expect(page.get_by_role("link", name="Frances")).to_be_visible()


def test_without_javascript_there_is_no_door_that_does_not_open(page_without_javascript):
    page = page_without_javascript
    page.goto("/accounts/login/")
    assert page.get_by_role("button", name="Log in with a passkey").count() == 0
    expect(page.get_by_role("link", name="Mail me a code instead")).to_be_visible()
