"""`make bench`: measures, prints the table as it grows, and writes REPORT.md with its plots."""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from . import pressure, report
from .generator import SHAPES
from .run import Options, Run
from .table import Row

HERE = Path(__file__).parent
GROUPS = ("limits", "cached", "pages", "replies", "long", "desk", "site", "nginx")


def main(arguments: list[str]) -> None:
    # Ended by this signal, Python would leave the servers behind; after Ctrl-C it stops them.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    options = read_options(arguments)
    if not pressure.wrk_is_here():
        sys.exit("The benchmarks need wrk. On Debian and Ubuntu, apt-get install wrk gives it.")
    with tempfile.TemporaryDirectory(prefix="storied-bench-", ignore_cleanup_errors=True) as folder:
        run = Run(Path(folder), options, tell)
        print(report.HEAD, flush=True)
        try:
            run.all()
        except AssertionError as problem:
            sys.exit(f"Stopped: {problem}")
    if options.only:
        print("Only a part was measured; REPORT.md stays as it is.")
        return
    report.write(HERE, run.rows, options)
    print(f"Written: {(HERE / 'REPORT.md').relative_to(Path.cwd())}")


def tell(row: Row) -> None:
    print(report.line(row), flush=True)


def read_options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--sizes", default=",".join(SHAPES), help="which discussions, separated by commas")
    parser.add_argument("--only", default="", help=f"which parts, separated by commas: {', '.join(GROUPS)}")
    parser.add_argument("--quick", action="store_true", help="a site of 200,000 comments, and shorter measurements")
    parser.add_argument("--articles", type=int, default=0, help="articles of the big site, of 100 comments each")
    parser.add_argument(
        "--patience", type=float, default=45, help="seconds to wait, before each measurement, for a quiet machine"
    )
    given = parser.parse_args(arguments)
    sizes, only = given.sizes.split(","), [part for part in given.only.split(",") if part]
    if unknown := [name for name in sizes if name not in SHAPES] + [name for name in only if name not in GROUPS]:
        parser.error(f"not known: {', '.join(unknown)}")
    databases = ["sqlite", "postgresql"] if given.database == "both" else [given.database]
    options = Options(databases, sizes, only)
    if given.quick:
        options.seconds, options.times, options.articles = 2, 2, 2_000
    options.articles = given.articles or options.articles
    pressure.PATIENCE = given.patience
    return options


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
