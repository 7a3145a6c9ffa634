"""Valkey falls, or falls silent: pages are slower and still right, and whoever logs in can."""

import re
import time

import pytest
from django.utils.crypto import get_random_string

from tests.hammer.visitor import Visitor

from .conftest import PASSWORD, Reader

pytestmark = pytest.mark.hammer


@pytest.fixture(scope="module")
def running(machine, valkey_server):
    return machine(CACHE_URL=valkey_server.url, STORIED_LOGIN_LIMITS="1")


@pytest.fixture(params=["falls", "falls silent"])
def without_valkey(request, running, valkey_server):
    """Valkey goes; the call brings it back."""
    if request.param == "falls":
        valkey_server.stop()
        come_back = valkey_server.start
    else:
        valkey_server.fall_silent()
        come_back = valkey_server.speak_again
    came = []

    def once():
        if not came:
            came.append(True)
            come_back()

    yield once
    once()


def test_reading_and_writing_go_on_and_nobody_sees_what_was(running, without_valkey):
    with Reader(running.address) as reader, Reader(running.address) as other:
        form = other.form() | {"name": get_random_string(8)}
        texts = []
        for _ in range(3):
            texts.append(f"Said without Valkey: {get_random_string(8)}.")
            assert other.write(texts[-1], form)[0] == 302
            assert texts[-1] in reader.read()[2]
        started = time.monotonic()
        for _ in range(100):
            assert reader.read()[:2] == (200, False)
        # Only now and then does one wait for Valkey, never all of them: that is a quarter of a second, more than once.
        assert time.monotonic() - started < 50
        without_valkey()
        assert texts[-1] in reader.read()[2]
        deadline = time.monotonic() + 60
        while not reader.read()[1]:
            assert time.monotonic() < deadline, "Pages are not kept again."
            time.sleep(0.05)
        assert all(text in reader.read()[2] for text in texts)


def test_a_page_kept_before_is_not_served_when_valkey_speaks_again(running, valkey_server):
    with Reader(running.address) as reader, Reader(running.address) as other:
        form = other.form() | {"name": get_random_string(8)}
        for _ in range(5):
            while not reader.read()[1]:
                time.sleep(0.02)
            valkey_server.fall_silent()
            text = f"Said to a silent Valkey: {get_random_string(8)}."
            assert other.write(text, form)[0] == 302
            valkey_server.speak_again()
            assert text in reader.read()[2]
            time.sleep(1.5)


def test_logging_in_works_and_is_still_limited(running, without_valkey):
    with Visitor(running.address) as person:
        person.log_in("mod@example.org", PASSWORD)
    with Visitor(running.address) as stranger:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', stranger.get("/accounts/login/"))[1]
        fields = {"csrfmiddlewaretoken": token, "login": "owner@example.org", "password": "not this one"}
        pages = [stranger.ask("POST", "/accounts/login/", fields) for _ in range(8)]
    assert {status for status, _headers, _page in pages} <= {200, 429}
    assert "tried too often" in pages[-1][2]
