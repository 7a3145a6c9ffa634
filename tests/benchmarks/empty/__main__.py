"""Serves one of the empty applications with granian, as scripts/serve.py serves Storied."""

import multiprocessing
import os
import sys

from granian import Granian
from granian.constants import Interfaces

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    Granian(
        f"tests.benchmarks.empty.{sys.argv[1]}",
        address="127.0.0.1", port=int(os.environ["PORT"]), interface=Interfaces.WSGI,
        workers=int(os.environ["WORKERS"]), blocking_threads=4, websockets=False,
    ).serve()  # fmt: skip
