"""Waiting in line for what has no row of its own that could be locked: a name, or a guest."""

import hashlib

from django.db import connection


def take_turn(what: str) -> None:
    """Has others who want just this wait until the transaction ends, and waits for whoever was first.

    On SQLite there is one writer at a time, from the beginning of a transaction to its end.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("A turn lasts as long as a transaction, and there is none.")
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
