"""`make bench`: what Storied costs on this machine; see tests/benchmarks/REPORT.md."""

import sys

from tests.benchmarks.__main__ import main

if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
