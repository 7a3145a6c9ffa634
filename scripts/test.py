"""`make test`: every check and test on SQLite, then once more on PostgreSQL what does not ask for a browser.

Arguments go to both runs: `make test ARGS="tests/comments -x"`.
"""

import os
import subprocess
import sys

# One line of pytest's end for each, so that both can be seen at the end.
RUNS = (
    ("SQLite, the browser and the checks of the source", []),
    ("PostgreSQL", ["--database=postgresql", "-m", "not browser and not once"]),
)
NO_TESTS_COLLECTED = 5


def main(arguments: list[str]) -> int:
    workers = os.environ.get("TEST_WORKERS") or "2"
    outcomes = {}
    for name, options in RUNS:
        print(f"\n=== {name} ===", flush=True)
        command = [sys.executable, "-m", "pytest", "-n", workers, *options, *arguments]
        outcomes[name] = subprocess.run(command).returncode
    if set(outcomes.values()) == {0, NO_TESTS_COLLECTED} and arguments:
        # The tests that were asked for are none for PostgreSQL.
        outcomes = dict.fromkeys(outcomes, 0)
    print()
    for name, code in outcomes.items():
        print(f"{'passed' if code == 0 else f'FAILED (pytest ended with {code})'}: {name}")
    return max(outcomes.values())


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
