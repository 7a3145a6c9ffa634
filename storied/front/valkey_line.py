"""The line from a board to Valkey: what is asked there, in scripts, and a connection for each thread."""

import hashlib
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Sequence
from typing import Any

import redis

from .notices import Slots

REST = 1.0  # seconds without another try after one that failed
_PACKED = 10_000  # looks whose bytes are kept ready

_log = logging.getLogger(__name__)

# KEYS: the board, its writers. A writer is "slot:token".
ADOPT = """
if redis.call('HGET', KEYS[1], 'run') ~= ARGV[1] or not redis.call('HGET', KEYS[1], 'start') then
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'start', ARGV[2])
end
"""
LOOK = """
local time = redis.call('TIME')
for _, writer in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', time[1] * 1000 + time[2] / 1000)) do
  redis.call('ZREM', KEYS[2], writer)
  redis.call('HSET', KEYS[1], string.match(writer, '%d+'), redis.call('HINCRBY', KEYS[1], 'clock', 1))
end
return {redis.call('HMGET', KEYS[1], 'start', 'clock', unpack(ARGV)), redis.call('ZRANGE', KEYS[2], 0, -1)}
"""
BEGIN = """
local time = redis.call('TIME')
for number = 2, #ARGV do
  redis.call('ZADD', KEYS[2], time[1] * 1000 + time[2] / 1000 + ARGV[1], ARGV[number])
end
"""
END = """
for _, writer in ipairs(ARGV) do
  redis.call('ZREM', KEYS[2], writer)
  redis.call('HSET', KEYS[1], string.match(writer, '%d+'), redis.call('HINCRBY', KEYS[1], 'clock', 1))
end
"""
START_ANEW = "redis.call('HSET', KEYS[1], 'start', ARGV[1])"
# Valkey knows a script by this.
_HASHES = {
    script: hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
    for script in (ADOPT, LOOK, BEGIN, END, START_ANEW)
}


class Unreachable(Exception):
    """The board did not answer in time, or not long ago it did not."""


class ValkeyLine:
    """Asks, or says at once that nobody answers."""

    def __init__(self, url: str, *, patience: float, name: str) -> None:
        self._pool = redis.ConnectionPool.from_url(url, socket_timeout=patience, socket_connect_timeout=patience)
        # In braces, so that a cluster keeps both in one place.
        self._keys = (f"{{{name}}}:board", f"{{{name}}}:writers")
        self._own = threading.local()
        self._packed: dict[Slots, Any] = {}
        self.resting_until = 0.0

    @property
    def rests(self) -> bool:
        """Whether it did not answer a moment ago, and is let be."""
        return time.monotonic() < self.resting_until

    def ask(self, script: str, arguments: Sequence[str | int]) -> Any:
        """The answer. A line that has broken since it was last used is replaced once; then it is let be for a while."""
        if self.rests:
            raise Unreachable
        is_new = not hasattr(self._own, "line")
        try:
            try:
                return self._exchange(script, arguments)
            except redis.TimeoutError:
                raise
            except redis.RedisError:
                if is_new:
                    raise
                return self._exchange(script, arguments)
        except (redis.RedisError, OSError) as trouble:
            if not self.rests:
                _log.warning("The board in Valkey does not answer (%s).", trouble)
            self.resting_until = time.monotonic() + REST
            raise Unreachable from trouble

    def _exchange(self, script: str, arguments: Sequence[str | int]) -> Any:
        try:
            line = self._of_this_thread()
            line.send_packed_command(self._pack(line, script, arguments))
            return line.read_response()
        except BaseException:
            # What is left on the line would be taken for the next answer.
            self.hang_up()
            raise

    def _pack(self, line: Any, script: str, arguments: Sequence[str | int]) -> Any:
        """The bytes of the command; those of a look are the same each time."""
        if script is not LOOK:
            return line.pack_command("EVALSHA", _HASHES[script], 2, *self._keys, *arguments)
        packed = self._packed.get(arguments)
        if packed is None:
            packed = line.pack_command("EVALSHA", _HASHES[script], 2, *self._keys, *arguments)
            if len(self._packed) < _PACKED:
                self._packed[arguments] = packed
        return packed

    def _of_this_thread(self) -> Any:
        """This thread's connection, to a server whose present life the board knows."""
        line = getattr(self._own, "line", None)
        if line is not None and line.pid == os.getpid():
            return line
        line = self._pool.connection_class(**self._pool.connection_kwargs)
        self._own.line = line
        line.connect()
        line.send_command("INFO", "server")
        run = re.search(rb"run_id:(\w+)", line.read_response())
        for script in _HASHES:
            line.send_command("SCRIPT", "LOAD", script)
            line.read_response()
        if run is None:
            raise redis.ResponseError("it does not say which run of the server this is")
        line.send_packed_command(self._pack(line, ADOPT, [run[1].decode(), new_start()]))
        line.read_response()
        return line

    def hang_up(self) -> None:
        line = self._own.__dict__.pop("line", None)
        if line is not None:
            line.disconnect()


def new_start() -> str:
    return str(secrets.randbits(62))
