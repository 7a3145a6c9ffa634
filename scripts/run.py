"""`make run`: the site on this machine, with demo content, for reading, trying out and developing."""

import io
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType
from typing import NoReturn

from scripts import starting
from scripts.beside import WorkersBeside

SECONDS_TO_ANSWER = 60
SECONDS_TO_STOP = 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> None:
    port = starting.port_to_listen_on()
    host = os.environ.get("HOST") or "127.0.0.1"
    starting.ensure_port_is_free(host, port, "make run")
    write_env_file()
    starting.read_env_file()
    address = f"http://localhost:{port}"
    os.environ.setdefault("STORIED_URL", address)
    starting.set_up_django()
    refuse_production()
    starting.prepare_database()
    log_ins = load_demo()
    serve(host, port, address, log_ins)


def write_env_file() -> None:
    """On the first start: a secret key of this machine's own, and debug mode."""
    path = starting.env_file()
    if path is None:
        return
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(
            '# Written by make run. What can stand here is listed in README.md, "Settings".\n'
            f"STORIED_SECRET_KEY={secrets.token_urlsafe(48)}\n"
            "STORIED_DEBUG=1\n"
            # The demo's blog; another one gives itself another name.
            'STORIED_SITE_NAME="Half an Acre"\n'
            'STORIED_SITE_TAGLINE="Notes on starting again, from a small garden beside an estuary"\n'
        )
    starting.say(f"Wrote {path.name} with a new secret key.")


def refuse_production() -> None:
    from django.conf import settings

    if not settings.DEBUG:
        sys.exit(
            "The settings are those of production (STORIED_DEBUG is off); make serve starts that. "
            "To try the site out here all the same: make run STORIED_DEBUG=1"
        )


def load_demo() -> str:
    """Loads the demo into an empty database; returns the lines with its log-ins."""
    from django.conf import settings
    from django.core.management import CommandError, call_command
    from django.db import connections

    starting.say("Looking after the demo …")
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    said = io.StringIO()
    try:
        call_command("demo", stdout=said, no_color=True)
    except CommandError as error:
        sys.exit(f"The demo could not be loaded: {error}")
    connections.close_all()
    return said.getvalue().strip()


def serve(host: str, port: int, address: str, log_ins: str) -> NoReturn:
    """Runs Django's development server, and a worker beside it, until this process is told to stop."""
    starting.say("Starting the server …")
    command = [sys.executable, "manage.py", "runserver", host_and_port(host, port)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "DJANGO_RUNSERVER_HIDE_WARNING": "true"}
    server = subprocess.Popen(command, cwd=starting.ROOT, env=environment)
    workers = WorkersBeside(1)
    # Said explicitly, because a shell starts background jobs with SIGINT ignored.
    for number in STOP_SIGNALS:
        signal.signal(number, raise_stop)
    try:
        if home_page_comes(server, f"http://{host_and_port('127.0.0.1' if host == '0.0.0.0' else host, port)}/"):
            # The server logs that request once it is answered; its line belongs above ours.
            time.sleep(0.3)
            starting.say(f"\n{log_ins}\n\nStoried is running at {address}/ (Ctrl-C stops it).\n")
        with workers:
            code = server.wait()
        sys.exit(code)
    except Stop:
        workers.end()
        stop(server)
        sys.exit(0)


class Stop(Exception):
    """Somebody wants this process to end."""


def raise_stop(signal_number: int, frame: FrameType | None) -> NoReturn:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise Stop


def stop(server: subprocess.Popen) -> None:
    """Ends the server; its reloader ends its own child on SIGTERM, and on Ctrl-C both know already."""
    server.terminate()
    try:
        server.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        server.kill()
    starting.say("\nStopped.")


def host_and_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def home_page_comes(server: subprocess.Popen, address: str) -> bool:
    """Whether the home page comes without an error, within the time allowed."""
    # No proxy of the environment stands between a machine and itself.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while server.poll() is None and time.monotonic() < deadline:
        try:
            opener.open(address, timeout=10).close()
            return True
        except urllib.error.HTTPError as error:
            starting.say(f"\nThe server runs, but its home page fails with {error.code}; see above why.")
            return False
        except OSError:
            time.sleep(0.1)
    if server.poll() is None:
        starting.say(f"\nThe server has not answered for {SECONDS_TO_ANSWER} seconds; see above why.")
    return False


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
