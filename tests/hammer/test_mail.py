"""Workers killed while they hand mail to a real mail server: nothing is lost, at most the mail in hand comes twice."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests import prepared
from tests.ports import free_port

pytestmark = pytest.mark.hammer

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 40
PATIENCE = 90  # seconds
SET_UP = f"""
from tests import factories
from comments import status
from comments.models import Notification
from comments.notifications import Recipient, subscriptions
post = factories.post()
for number in range({PEOPLE}):
    person = factories.person(f"Follower {{number}}")
    subscriptions.follow_article(post, Recipient(person.pk))
comment = factories.comment(post, status="pending", was_public=False)
status.change_status(comment.pk, "approve")
print(Notification.objects.update(due_at="2026-01-01T00:00Z"))
"""
# As if the minutes had passed after which nobody believes that a dead worker still has something in hand.
LATER = """
from comments.models import Notification
from storied.work.models import Round
Notification.objects.owed().update(claimed_until=None, due_at="2026-01-01T00:00Z")
Round.objects.update(at="2026-01-01T00:00Z")
"""
STATES = """
from collections import Counter
from comments.models import Notification
states = Counter(Notification.objects.values_list("state", flat=True))
print(dict(states), Notification.objects.exclude(claim="").count())
"""


class MailServer:
    """Counts what it takes, by recipient; and may have something done at a certain mail."""

    def __init__(self) -> None:
        self.got: Counter[str] = Counter()
        self.identifiers: dict[str, set[str]] = {}
        self.number = 0
        self.at: dict[int, str] = {}  # which mail, and whether before or after it is acknowledged
        self.act = lambda: None

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.at.get(self.number) == "after":
            del self.at[self.number]
            self.act()
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.number += 1
        text = envelope.content.decode()
        [recipient] = envelope.rcpt_tos
        self.got[recipient] += 1
        self.identifiers.setdefault(recipient, set()).add(re.search(r"(?mi)^Message-ID: (\S+)", text)[1])
        if self.at.get(self.number) == "before":
            self.act()
        return "250 OK"


@pytest.fixture
def database_url(tmp_path):
    with prepared.database_for_servers(tmp_path) as address:
        yield address


@pytest.fixture
def mail_server():
    handler = MailServer()
    handler.port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


class Site:
    """An installation that owes mail to everybody who follows its one article."""

    def __init__(self, folder: Path, database_url: str, port: int) -> None:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        (folder / "static").mkdir()
        self.environment = inherited | {
            "STORIED_ENV_FILE": "", "STORIED_SECRET_KEY": "a key for the hammer alone, that signs nothing of worth",
            "STORIED_VAR": str(folder), "STORIED_URL": "http://localhost:8000", "STORIED_FAST_PASSWORDS": "1",
            "DATABASE_URL": database_url, "EMAIL_URL": f"smtp://127.0.0.1:{port}", "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        assert self.manage("shell", "--no-imports", "-c", SET_UP).strip() == str(PEOPLE)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def worker(self) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


@pytest.fixture
def site(tmp_path, database_url, mail_server):
    return Site(tmp_path, database_url, mail_server.port)


def test_killed_workers_lose_nothing_and_repeat_at_most_the_mail_in_hand(site, mail_server):
    kills = [(7, "before"), (15, "after"), (26, "before")]
    for number, moment in kills:
        worker = site.worker()
        mail_server.act = lambda worker=worker: os.kill(worker.pid, signal.SIGKILL)
        mail_server.at = {number: moment}
        assert worker.wait(PATIENCE) == -signal.SIGKILL
        site.manage("shell", "--no-imports", "-c", LATER)
    assert 0 < len(mail_server.got) < PEOPLE
    site.manage("work", "--once")

    assert len(mail_server.got) == PEOPLE
    repeated = sum(mail_server.got.values()) - PEOPLE
    assert repeated <= len(kills)
    # A mail program shows a repeated one once.
    assert {len(identifiers) for identifiers in mail_server.identifiers.values()} == {1}
    assert site.manage("shell", "--no-imports", "-c", STATES).strip() == f"{{'sent': {PEOPLE}}} 0"


def test_workers_beside_each_other_send_each_mail_once(site, mail_server):
    workers = [site.worker() for _ in range(3)]
    try:
        until = time.monotonic() + PATIENCE
        while len(mail_server.got) < PEOPLE and time.monotonic() < until:
            time.sleep(0.1)
        # Another look or two, in case somebody has more to send.
        threading.Event().wait(2)
    finally:
        for worker in workers:
            worker.terminate()
        ended = [worker.wait(PATIENCE) for worker in workers]
    assert ended == [0, 0, 0]
    assert set(mail_server.got.values()) == {1}
    assert len(mail_server.got) == PEOPLE
    assert site.manage("shell", "--no-imports", "-c", STATES).strip() == f"{{'sent': {PEOPLE}}} 0"
