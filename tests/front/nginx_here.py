"""A real nginx for tests, with the configuration that the deployment guide gives."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storied.front.store import SPAN

NO_NGINX = "nginx is not installed (on Debian: apt-get install nginx-light)"
_BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
_AROUND = """
{modules}{user}daemon off; pid {folder}/pid; worker_processes 2; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{text}
}}
"""


def nginx_program() -> str | None:
    return shutil.which("nginx") or shutil.which("/usr/sbin/nginx")


def has_brotli() -> bool:
    return _BROTLI.exists()


def need_nginx() -> str:
    """The program; without it the test is left out in words, and on CI it fails."""
    program = nginx_program()
    if program:
        return program
    if os.environ.get("CI") in {"1", "true"}:
        pytest.fail(NO_NGINX)
    pytest.skip(NO_NGINX)


def wait_for_a_whole_span(seconds: int) -> None:
    """What lies stored is read until the present span of time is over: waits for the next where this one ends soon."""
    left = SPAN - time.time() % SPAN
    if left < seconds:
        time.sleep(left)


@contextmanager
def nginx(folder: Path, port: int, text: str) -> Iterator[subprocess.Popen]:
    """nginx with this text in the http part of its configuration."""
    folder.mkdir(exist_ok=True)
    # Started by root, its workers would be somebody else, who may not read what is below a folder of root's.
    user = "user root; " if os.geteuid() == 0 else ""
    modules = f"load_module {_BROTLI}; " if has_brotli() else ""
    settings = folder / "nginx.conf"
    settings.write_text(_AROUND.format(folder=folder, user=user, modules=modules, text=text))
    with (folder / "output").open("w") as output:
        command = [need_nginx(), "-c", str(settings), "-p", str(folder)]
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        _wait_for(process, port, folder)
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_for(process: subprocess.Popen, port: int, folder: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, (folder / "output").read_text()
            time.sleep(0.05)
    raise AssertionError("nginx does not answer.")
