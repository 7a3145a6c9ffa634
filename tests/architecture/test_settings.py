"""What the settings make of an operator's environment, each time in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.middleware.csrf import CsrfViewMiddleware
from django.utils.module_loading import import_string

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
KEY = "kXo7-3Vq_9ZtLr2mWc8YpDs5NhBf1GjQaUe6TiKx4RwMvCz0bEd9HnSy2PlAu5Fo"


@pytest.fixture
def manage(tmp_path):
    """Runs a command of manage.py as production would, with these variables changed (None: not set)."""

    def manage(*arguments, **changes):
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        (tmp_path / "static").mkdir(exist_ok=True)
        variables = (
            inherited
            | {
                "STORIED_ENV_FILE": "",
                "STORIED_VAR": str(tmp_path),
                "STORIED_SECRET_KEY": KEY,
                "STORIED_URL": "https://blog.example.org",
            }
            | changes
        )
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *arguments],
            cwd=ROOT,
            env={name: value for name, value in variables.items() if value is not None},
            capture_output=True,
            text=True,
        )

    return manage


def test_production_settings_pass_the_deployment_check_without_a_warning(manage):
    outcome = manage("check", "--deploy", "--fail-level", "WARNING")
    assert outcome.returncode == 0, outcome.stderr


def test_no_check_is_silenced_but_the_one_that_knows_the_csrf_middleware_by_name_alone():
    assert set(settings.SILENCED_SYSTEM_CHECKS) <= {"security.W003"}
    middleware = [import_string(path) for path in settings.MIDDLEWARE]
    assert any(isinstance(each, type) and issubclass(each, CsrfViewMiddleware) for each in middleware)


def test_the_same_on_postgresql(manage):
    outcome = manage("check", "--deploy", "--fail-level", "WARNING", DATABASE_URL="postgres://a:b@localhost/storied")
    assert outcome.returncode == 0, outcome.stderr


def test_a_plain_http_address_is_warned_of(manage):
    outcome = manage("check", "--deploy", "--fail-level", "WARNING", STORIED_URL="http://blog.example.org")
    assert outcome.returncode != 0
    assert "security.W" in outcome.stderr


@pytest.mark.parametrize("key", [None, "", "short"])
def test_a_missing_secret_key_is_refused_in_a_sentence(manage, key):
    outcome = manage("check", STORIED_SECRET_KEY=key)
    assert outcome.returncode != 0
    assert "STORIED_SECRET_KEY is missing" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_an_address_without_a_host_is_refused_in_a_sentence(manage):
    outcome = manage("check", STORIED_URL="blog.example.org")
    assert outcome.returncode != 0
    assert "STORIED_URL must be a whole address" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_debug_is_off_unless_asked_for(manage):
    outcome = manage("shell", "-v0", "-c", "from django.conf import settings; print(settings.DEBUG)")
    assert outcome.stdout.strip() == "False", outcome.stderr


def test_static_files_get_hashed_names_and_compressed_copies(manage, tmp_path):
    outcome = manage("collectstatic", "--noinput", "-v0")
    assert outcome.returncode == 0, outcome.stderr
    sheets = [path.name for path in (tmp_path / "static" / "css").rglob("*.css*")]
    assert any(re.search(r"\.[0-9a-f]{12}\.css$", name) for name in sheets), sheets
    assert any(name.endswith(".css.gz") for name in sheets), sheets


def test_log_in_by_accounts_elsewhere_is_loaded_only_where_it_is_named(manage):
    said = "from django.conf import settings as s; print('allauth.socialaccount' in s.INSTALLED_APPS, "
    said += "s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    assert manage("shell", "-v0", "-c", said).stdout.split()[0] == "False"
    outcome = manage("shell", "-v0", "-c", said, STORIED_SOCIAL="github:an-id:a-secret")
    assert outcome.stdout.split(maxsplit=1) == ["True", "[\"'self'\", 'https://github.com']\n"], outcome.stderr


@pytest.mark.parametrize("named", ["github", "github:an-id", "nowhere:an-id:a-secret", ":::"])
def test_an_account_elsewhere_that_cannot_be_read_is_refused_in_a_sentence(manage, named):
    outcome = manage("check", STORIED_SOCIAL=named)
    assert outcome.returncode != 0
    assert "STORIED_SOCIAL should be like" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_commit_to_sqlite_is_on_the_disk_before_anybody_is_told(manage):
    ask = "from django.db import connection; print(connection.cursor().execute('PRAGMA synchronous').fetchone())"
    outcome = manage("shell", "--no-imports", "-c", ask)
    assert outcome.stdout.strip() == "(2,)", outcome.stderr  # FULL
