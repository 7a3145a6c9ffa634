"""What `make run` and `make serve` do before a server starts: settings, tables, and a free port."""

import os
import socket
import sys
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent


def env_file() -> Path | None:
    """Where the settings of this installation are kept, as storied/settings.py sees it; None if nowhere."""
    name = os.environ.get("STORIED_ENV_FILE", str(ROOT / ".env"))
    return Path(name) if name else None


def read_env_file() -> None:
    """Brings the file's lines into the environment; what is there already wins."""
    file = env_file()
    if file and file.is_file():
        environ.Env.read_env(file)


def port_to_listen_on() -> int:
    """The port from PORT; ends with a sentence when it is none."""
    text = os.environ.get("PORT") or "8000"
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def ensure_port_is_free(host: str, port: int, command: str) -> None:
    """Ends with a sentence when something else listens there, before any work is done."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Nothing can listen on {host} port {port}: {error.strerror}. "
                f"Try another port: {command} PORT={port + 1 if port < 65535 else 8000}"
            )


def set_up_django() -> None:
    """Loads the settings; ends with their own sentence when something is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storied.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def prepare_database() -> None:
    """Brings the tables up to date."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.utils import OperationalError

    say("Bringing the database up to date …")
    try:
        connection.ensure_connection()
    except OperationalError as error:
        sys.exit(f"The database does not answer: {error}".strip())
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def say(line: str) -> None:
    print(line, flush=True)
