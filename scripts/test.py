"""`make test`: every check and test on SQLite, then once more on PostgreSQL and Valkey what does not ask for a browser.

Arguments go to both runs: `make test ARGS="tests/comments -x"`.
"""

import os
import signal
import subprocess
import sys

# One line of pytest's end for each, so that both can be seen at the end.
RUNS = (
    ("SQLite, the browser and the checks of the source", []),
    ("PostgreSQL and Valkey", ["--database=postgresql", "-m", "not browser and not once"]),
)
NO_TESTS_COLLECTED = 5
INTERRUPTED = 2


def main(arguments: list[str]) -> int:
    workers = os.environ.get("TEST_WORKERS") or "3"
    # pytest rewrites each assertion, and six processes would do it anew where nothing compiled may be kept.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    outcomes = {}
    for name, options in RUNS:
        print(f"\n=== {name} ===", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", workers, *options, *arguments]
        outcomes[name] = run(command)
        if outcomes[name] == INTERRUPTED:
            break
    if arguments and set(outcomes.values()) != {NO_TESTS_COLLECTED}:
        # Those that were asked for may all belong to one of the runs.
        outcomes = {name: code for name, code in outcomes.items() if code != NO_TESTS_COLLECTED}
    print()
    for name, code in outcomes.items():
        print(f"{'passed' if code == 0 else f'FAILED (pytest ended with {code})'}: {name}")
    return max(outcomes.values())


def run(command: list[str]) -> int:
    """The outcome of a run, which ends when this process is told to."""
    with subprocess.Popen(command) as pytest:
        # pytest stops its database server then, and removes its folder.
        signal.signal(signal.SIGTERM, lambda *_: pytest.terminate())
        return pytest.wait()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
