"""Signing up by an account elsewhere: an address that its provider has verified is as good as one verified here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def manage(tmp_path):
    """Runs a command of a site with such a door, on a database of its own."""
    variables = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ} | {
        "STORIED_ENV_FILE": "",
        # Without the collected static files.
        "STORIED_DEBUG": "1",
        "STORIED_VAR": str(tmp_path),
        "STORIED_SECRET_KEY": "a key for tests alone, that signs nothing of worth",
        "STORIED_URL": "https://blog.example.org",
        "STORIED_SOCIAL": "github:an-id:a-secret",
        "STORIED_MAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    }

    def manage(*arguments):
        command = [sys.executable, "-W", "error", "manage.py", *arguments]
        outcome = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True)
        assert outcome.returncode == 0, outcome.stderr
        return outcome.stdout

    return manage


def test_what_was_written_with_an_address_goes_along_once_that_is_verified(manage, tmp_path):
    prepared.put_migrated(tmp_path / "storied.sqlite3")
    manage("migrate", "-v0")  # such a door has tables of its own
    run = "from tests.accounts import elsewhere; elsewhere.main()"
    verified, unverified = json.loads(manage("shell", "-v0", "--no-imports", "-c", run).splitlines()[-1])
    assert verified.pop("may not remove the only way in") == [True, True]
    assert unverified.pop("may not remove the only way in") == [False, False]
    assert verified == {"is in": True, "takes": ["In this browser."], "is offered": True}
    assert unverified == {"is in": False, "takes": [], "is offered": False}
