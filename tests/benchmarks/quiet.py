"""Whether the machine is busy with something else: others' work makes every request here dearer."""

import os
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_QUIET = 0.15  # of one core
_LOOK = 0.5  # seconds


def busy_seconds() -> float:
    """Processor time that this machine has spent on anything so far."""
    user, nice, system, _idle, _waiting, *rest = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    return sum(map(int, (user, nice, system, *rest[:3]))) / _TICKS


def wait(patience: float) -> bool:
    """Waits for a quiet moment, at most that many seconds; whether there was one."""
    until = time.monotonic() + patience
    while True:
        before = busy_seconds()
        time.sleep(_LOOK)
        if busy_seconds() - before < _QUIET * _LOOK:
            return True
        if time.monotonic() > until:
            return False
