"""`make serve`: the site with production settings, behind a WSGI server with several workers.

Read from the environment: HOST (127.0.0.1), PORT (8000), WORKERS (2 processes), THREADS (4 in each process),
TASK_WORKERS (1 process for mail and other work that nobody waits for; 0 where `manage.py work` runs elsewhere).
"""

import multiprocessing
import os
import sys

from scripts import starting
from scripts.beside import WorkersBeside


def main() -> None:
    port = starting.port_to_listen_on()
    host = os.environ.get("HOST") or "127.0.0.1"
    workers, threads = number("WORKERS", 2), number("THREADS", 4)
    task_workers = number("TASK_WORKERS", 1, least=0)
    # One heap for two threads instead of one for each, which keeps what was free in the others' (glibc's malloc).
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    starting.ensure_port_is_free(host, port, "make serve")
    starting.read_env_file()
    # A .env written by make run asks for debug mode, which shows its insides to every visitor.
    os.environ["STORIED_DEBUG"] = "0"
    if "STORIED_URL" not in os.environ:
        os.environ["STORIED_URL"] = f"http://localhost:{port}"
        starting.say(
            f"STORIED_URL is not set; using {os.environ['STORIED_URL']}. "
            "Set it to the address that readers use, with https."
        )
    starting.set_up_django()
    starting.prepare_database()
    publish_guidelines()
    collect_static_files()
    starting.say(f"Serving {os.environ['STORIED_URL']} from {host} port {port} with {workers} workers …")
    with WorkersBeside(task_workers):
        serve(host, port, workers, threads)


def number(name: str, default: int, *, least: int = 1) -> int:
    """A count from the environment; ends with a sentence when it is none."""
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) < 1000:
        sys.exit(f"{name} must be a number from {least} to 999, not {text!r}.")
    return int(text)


def publish_guidelines() -> None:
    """A new site begins with the guidelines that come along; the owner publishes others."""
    from django.core.management import call_command

    call_command("publish_guidelines", if_none=True)


def collect_static_files() -> None:
    from django.core.management import call_command
    from django.db import connections

    starting.say("Collecting and compressing the static files …")
    call_command("collectstatic", interactive=False, verbosity=0)
    connections.close_all()


def serve(host: str, port: int, workers: int, threads: int) -> None:
    from granian import Granian
    from granian.constants import Interfaces

    # A forked worker inherits its parent's signal handlers and sleeps through a SIGTERM that comes while it
    # still loads the application; a spawned one starts with the system's own.
    multiprocessing.set_start_method("spawn")
    Granian(
        "storied.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # Granian's own default is 256, each with a database connection.
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
