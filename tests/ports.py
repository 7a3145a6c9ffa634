"""Ports for servers that tests start."""

import random
import socket

# Below those that kernels give to whoever connects (Linux: from 32,768 on): between the choice and the server's start
# lie seconds, and other tests open connections all the time.
_FIRST, _LAST = 10_000, 32_000
# Not the seeded one: all processes of a run would try the same ports in the same order.
_chance = random.SystemRandom()


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    while True:
        port = _chance.randint(_FIRST, _LAST)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
