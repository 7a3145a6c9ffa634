"""`make lint` and `make format`: the checks of the source that need no database, and their mending."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"


def templates() -> list[str]:
    """Every template of the project, as paths below its root."""
    folders = ("templates", "posts", "comments", "storied")
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.html"))
    return sorted(str(path.relative_to(ROOT)) for path in found)


def commands(mend: bool) -> dict[str, list[str]]:
    """The checks by name, each with its command line."""
    python = sys.executable
    djade = [
        str(Path(python).parent / "djade"),
        "--target-version",
        "5.2",
        *([] if mend else ["--check"]),
        *templates(),
    ]
    return {
        "ruff check": [python, "-m", "ruff", "check", *(["--fix"] if mend else [])],
        "ruff format": [python, "-m", "ruff", "format", *([] if mend else ["--check"])],
        **({"djade": djade} if templates() else {}),
        **({} if mend else {"imports": [python, "-c", IMPORTS]}),
    }


def run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The outcome of one check, with what it printed."""
    return subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def main(arguments: list[str]) -> int:
    failed = []
    for name, command in commands(mend="--mend" in arguments).items():
        outcome = run(command)
        print(f"{name}: {'ok' if outcome.returncode == 0 else 'FAILED'}")
        if outcome.returncode != 0:
            print(outcome.stdout)
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
