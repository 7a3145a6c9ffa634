"""A production server of its own, with its own database, for tests that hammer and kill it."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import prepared
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
# Every throttle, hold and time trap off: documented in README.md for load tests.
RULES = (
    "flood_per_minute=0,flood_per_hour=0,flood_per_network=0,min_seconds=0,hold_newcomers=off,max_links=0,"
    "flags_to_hold=0"
)
SECONDS_TO_ANSWER = 120


@dataclass
class Server:
    """Where it listens, what it runs with, and its process."""

    address: str
    environment: dict[str, str]
    process: subprocess.Popen
    log: Path

    def manage(self, *arguments: str) -> str:
        """What a command of manage.py prints, run beside the server."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def workers(self) -> list[int]:
        """The processes that answer requests."""
        found = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        children = [int(pid) for pid in found.stdout.split()]
        commands = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ") for pid in children}
        return [pid for pid, command in commands.items() if b"spawn_main" in command]

    def kill_a_worker(self) -> None:
        """SIGKILL, as the kernel does when memory runs out; the server replaces it."""
        os.kill(self.workers()[-1], signal.SIGKILL)


@contextmanager
def server(
    folder: Path, database_url: str, *, workers: int = 3, root: Path = ROOT, prepare: bool = True, **changes: str
) -> Iterator[Server]:
    """A running server; `changes` are variables of its environment.

    `root` is where its code lies; without `prepare` it takes the database as it finds it.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STORIED_", "DJANGO_"))}
    environment |= {
        "STORIED_ENV_FILE": "", "STORIED_SECRET_KEY": "a key for the hammer alone, that signs nothing of worth",
        "STORIED_VAR": str(folder), "STORIED_URL": f"http://localhost:{port}", "STORIED_FAST_PASSWORDS": "1",
        "STORIED_LOGIN_LIMITS": "0", "STORIED_RULES": RULES, "DATABASE_URL": database_url,
        "HOST": "127.0.0.1", "PORT": str(port), "WORKERS": str(workers), "PYTHONPATH": str(root),
    } | changes  # fmt: skip
    log = folder / "server.log"
    serve_alone = f"serve.serve('127.0.0.1', {port}, {workers}, 4)"
    # All but the static files, which are there.
    in_full = "serve.collect_static_files = lambda: None; serve.main()"
    prepared.put_static_files(Path(environment["STORIED_VAR"]) / "static")
    command = ["-c", f"from scripts import serve; {in_full if prepare else serve_alone}"]
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, *command], cwd=root, env=environment, stdout=output, stderr=output)
    running = Server(f"http://localhost:{port}", environment, process, log)
    try:
        _wait_for(running)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(running: Server) -> None:
    until = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < until:
        assert running.process.poll() is None, running.log.read_text()
        try:
            urllib.request.urlopen(f"{running.address}/healthz", timeout=2).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"The server did not answer.\n{running.log.read_text()}")
