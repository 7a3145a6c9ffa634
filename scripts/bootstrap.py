"""Makes `.venv` with what the lock file names, then runs one of the scripts in it.

Uses nothing but the standard library. `bootstrap.py run` gives what the site needs; `bootstrap.py --dev test`
adds what its tests need. What is already there is left alone, so a second call costs nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "storied-installed.json"
OLDEST_PYTHON = (3, 11)


def main(arguments: list[str]) -> None:
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"Storied needs Python 3.11 or newer; this one is {sys.version.split()[0]}.")
    dev = arguments[:1] == ["--dev"]
    script, *rest = arguments[1:] if dev else arguments
    os.chdir(ROOT)
    with Path(__file__).open() as own_file:
        # Two commands started at once on a new clone must not install into each other.
        fcntl.flock(own_file, fcntl.LOCK_EX)
        install(ROOT / ("requirements-dev.txt" if dev else "requirements.txt"))
    if script != "nothing":
        os.execv(VENV_PYTHON, [str(VENV_PYTHON), "-m", f"scripts.{script}", *rest])


def install(lock: Path) -> None:
    """Brings `.venv` to what the lock file names, and remembers that it did."""
    usable = venv_runs()
    installed = json.loads(STAMP.read_text()) if usable and STAMP.is_file() else {}
    if installed.get(lock.name) == digest(lock):
        return
    tell(f"Installing the packages of {lock.name} into .venv (only when that file has changed) …")
    pip = pip_command() if usable else new_venv()
    run(
        [*pip, "install", "--require-hashes", "-r", lock.name],
        "The packages could not be installed; see above why.",
    )
    installed[lock.name] = digest(lock)
    if lock.name == "requirements-dev.txt":
        # It repeats everything in requirements.txt, in the same versions.
        installed["requirements.txt"] = digest(ROOT / "requirements.txt")
    STAMP.write_text(json.dumps(installed))


def venv_runs() -> bool:
    if not VENV_PYTHON.exists():
        return False
    check = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON} or sys.prefix == sys.base_prefix)"
    return subprocess.run([VENV_PYTHON, "-c", check], capture_output=True).returncode == 0


def new_venv() -> list[str]:
    """Makes an empty `.venv` and says which command installs into it."""
    failed = "The virtual environment .venv could not be made; see above why."
    if importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", "--clear", str(VENV)], failed)
    elif importlib.util.find_spec("pip"):
        run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], failed)
    elif shutil.which("uv"):
        run(["uv", "venv", "--quiet", "--clear", "--python", sys.executable, str(VENV)], failed)
    else:
        sys.exit(
            f"{sys.executable} can make no virtual environment: it lacks ensurepip, pip and uv. "
            "On Debian and Ubuntu, apt-get install python3-venv mends that."
        )
    return pip_command()


def pip_command() -> list[str]:
    options = ["--disable-pip-version-check", "--no-input", "-qq"]
    if subprocess.run([VENV_PYTHON, "-c", "import pip"], capture_output=True).returncode == 0:
        return [str(VENV_PYTHON), "-m", "pip", *options]
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--python", str(VENV_PYTHON), *options]
    if shutil.which("uv"):
        # Told by the environment, because its --python would have to come after the word install.
        os.environ["VIRTUAL_ENV"] = str(VENV)
        return ["uv", "--quiet", "pip"]
    sys.exit("There is no pip for .venv. On Debian and Ubuntu, apt-get install python3-venv mends that.")


def digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def run(command: list[str], failed: str) -> None:
    if subprocess.run(command).returncode != 0:
        sys.exit(failed)


def tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
