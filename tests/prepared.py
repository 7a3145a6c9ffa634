"""What takes long to make and is the same each time: made once in a run, by whoever comes first, and copied."""

import fcntl
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.crypto import get_random_string

from tests.environment import FOLDER

ROOT = Path(__file__).resolve().parents[1]
# A database on the run's PostgreSQL that others are copied from.
TEMPLATE = "storied_migrated"
PREPARE = "from scripts import serve, starting; starting.set_up_django(); "


def is_on_sqlite() -> bool:
    """Whether this run is on SQLite."""
    return settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def put_migrated(path: Path) -> None:
    """A database of SQLite with all tables, as a server makes it when it starts."""
    with _alone("sqlite") as (folder, is_made):
        if not is_made:
            _run(f"{PREPARE} starting.prepare_database()", folder)
    shutil.copyfile(folder / "storied.sqlite3", path)


def migrated_template() -> str:
    """The name of a database of PostgreSQL with all tables."""
    with _alone("postgresql") as (folder, is_made):
        if not is_made:
            _ask_postgresql(f'CREATE DATABASE "{TEMPLATE}"')
            _run(f"{PREPARE} starting.prepare_database()", folder, DATABASE_URL=_address_of(TEMPLATE))
    return TEMPLATE


def put_static_files(path: Path) -> None:
    """The static files with their hashed names and compressed copies, unless they are there."""
    with _alone("static-files") as (folder, is_made):
        if not is_made:
            _run(f"{PREPARE} serve.collect_static_files()", folder)
    if not path.exists():
        shutil.copytree(folder / "static", path)


@contextmanager
def database_for_servers(folder: Path) -> Iterator[str]:
    """The address of a database with all tables and nobody in it: a file, or one more on the run's PostgreSQL."""
    if is_on_sqlite():
        put_migrated(folder / "storied.sqlite3")
        yield f"sqlite:///{folder / 'storied.sqlite3'}"
        return
    name = f"servers_{get_random_string(8).lower()}"
    _ask_postgresql(f'CREATE DATABASE "{name}" TEMPLATE "{migrated_template()}"')
    yield _address_of(name)
    _ask_postgresql(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _alone(name: str) -> Iterator[tuple[Path, bool]]:
    """A folder that one process at a time is let into, and whether one has been there to the end."""
    folder = Path(os.environ[FOLDER]) / "prepared" / name
    folder.mkdir(parents=True, exist_ok=True)
    is_made = folder / "made"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder, is_made.exists()
        is_made.touch()


def _run(code: str, folder: Path, **changes: str) -> None:
    """Runs code in a process of an installation in this folder."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = inherited | {
        "STORIED_ENV_FILE": "", "STORIED_SECRET_KEY": "a key for tests alone, that signs nothing of worth",
        "STORIED_VAR": str(folder), "STORIED_URL": "http://localhost:8000",
    } | changes  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def _address_of(name: str) -> str:
    return re.sub(r"/[^/?]*(\?|$)", rf"/{name}\1", os.environ["DATABASE_URL"], count=1)


def _ask_postgresql(statement: str) -> None:
    import psycopg

    with psycopg.connect(_address_of("postgres"), autocommit=True) as connection:
        connection.execute(statement)
