"""The commands of the README, started as a person starts them."""

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import prepared
from tests.ports import free_port

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]
KEY = "kXo7-3Vq_9ZtLr2mWc8YpDs5NhBf1GjQaUe6TiKx4RwMvCz0bEd9HnSy2PlAu5Fo"
PATIENCE = 90  # seconds, for a machine that is busy with other tests


@pytest.fixture
def port():
    return free_port()


@pytest.fixture
def start(tmp_path, port):
    """Starts one of the scripts on that port, with an installation of its own; stops what still runs."""
    started = []

    def start(script, **changes):
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        own = {"STORIED_ENV_FILE": str(tmp_path / "settings"), "STORIED_VAR": str(tmp_path), "PORT": str(port)}
        process = subprocess.Popen(
            [sys.executable, "-m", f"scripts.{script}"],
            cwd=ROOT,
            env=inherited | own | changes,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        # A read from one that says nothing more would never end.
        timer = threading.Timer(PATIENCE, process.terminate)
        timer.start()
        started.append((process, timer))
        return process

    yield start
    for process, timer in started:
        timer.cancel()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)


def wait_for_line(process, pattern):
    """Everything printed until a line that matches, with it."""
    said = ""
    for line in process.stdout:
        said += line
        if re.search(pattern, line):
            return said
    raise AssertionError(f"{process.args} ended without saying {pattern!r}:\n{said}")


def answer(address):
    """The answer of the server, once it listens."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with opener.open(address, timeout=PATIENCE) as response:
                return response.headers, response.read().decode()
        except urllib.error.HTTPError:
            raise
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_the_site_starts_with_its_address_and_log_ins_printed_last_and_stops_when_told(start, port, tmp_path):
    process = start("run")
    said = wait_for_line(process, "Storied is running at|home page fails")
    last_lines = said.strip().splitlines()[-12:]
    assert f"http://localhost:{port}/" in last_lines[-1]
    for person in ("owner@", "moderator@", "member@"):
        assert any(person in line for line in last_lines), said
    _, page = answer(f"http://127.0.0.1:{port}/")
    assert "<title" in page
    assert (tmp_path / "settings").stat().st_mode & 0o077 == 0

    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert rest.strip().endswith("Stopped.")
    assert process.returncode == 0


def test_the_production_server_answers_without_debug_and_with_hashed_style_sheets(start, port):
    process = start("serve", STORIED_SECRET_KEY=KEY, STORIED_DEBUG="1", WORKERS="1")
    wait_for_line(process, "Started worker")
    _, page = answer(f"http://localhost:{port}/")
    sheet = re.search(r'href="(/static/[^"]+\.[0-9a-f]{12}\.css)"', page)
    assert sheet, page
    headers, _ = answer(f"http://localhost:{port}{sheet[1]}")
    assert "immutable" in headers["Cache-Control"]
    with pytest.raises(urllib.error.HTTPError) as missing:
        answer(f"http://localhost:{port}/nothing/here/")
    assert missing.value.code == 404
    assert "DEBUG" not in missing.value.read().decode()


def test_the_production_server_stops_when_told_while_its_workers_still_load(start, tmp_path):
    prepared.put_migrated(tmp_path / "storied.sqlite3")
    process = start("serve", STORIED_SECRET_KEY=KEY)
    wait_for_line(process, "Spawning worker-2")
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=PATIENCE)
    assert "shutdown completed" in rest
    assert "refused" not in rest


def test_the_production_server_refuses_to_start_without_a_key(start):
    process = start("serve")
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "STORIED_SECRET_KEY is missing" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("script", ["run", "serve"])
def test_a_port_in_use_is_refused_in_a_sentence(start, port, script):
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        process = start(script, STORIED_SECRET_KEY=KEY)
        said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert f"Nothing can listen on 127.0.0.1 port {port}" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("words", ["many", "0", "65536", "-1", "٣"])
def test_a_port_that_is_none_is_refused_in_a_sentence(start, words):
    process = start("run", PORT=words)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert said.startswith("PORT must be a number")


def test_a_python_that_does_not_run_is_refused_in_a_sentence():
    outcome = subprocess.run(
        ["sh", "scripts/python.sh", "-c", ""],
        cwd=ROOT,
        env=os.environ | {"PYTHON": "no-such-python"},
        capture_output=True,
        text=True,
    )
    assert outcome.returncode != 0
    assert "PYTHON=no-such-python is not one that runs" in outcome.stderr


def test_every_command_of_the_makefile_is_in_its_own_list():
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    [targets] = re.findall(r"(?m)^\.PHONY: (.*)$", (ROOT / "Makefile").read_text())
    for target in targets.split():
        assert re.search(rf"(?m)^make {target}\b", listed), target
