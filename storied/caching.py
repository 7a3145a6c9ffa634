"""The cache in Valkey (or Redis), that goes on in the database while the server is gone."""

import logging
import time
from collections.abc import Callable
from typing import Any

import redis
from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache

REST = 1.0  # seconds without another try after one that failed

_log = logging.getLogger(__name__)


class ValkeyCache(RedisCache):
    """Django's own, with the cache named "fallback" in its place when the server does not answer.

    What counts here (attempts to log in) then counts anew there, and goes on being limited.
    """

    _resting_until = 0.0  # for all threads of the process

    def _try(self, name: str, *arguments: Any, **named: Any) -> Any:
        return self._or_else(getattr(super(), name), name, *arguments, **named)

    def _or_else(self, ask: Callable[..., Any], name: str, *arguments: Any, **named: Any) -> Any:
        if time.monotonic() >= ValkeyCache._resting_until:
            try:
                return ask(*arguments, **named)
            except (redis.RedisError, OSError) as trouble:
                _log.warning("The cache does not answer (%s); the database stands in.", trouble)
                ValkeyCache._resting_until = time.monotonic() + REST
        return getattr(caches["fallback"], name)(*arguments, **named)

    def add(self, *arguments: Any, **named: Any) -> bool:
        return self._try("add", *arguments, **named)

    def get(self, *arguments: Any, **named: Any) -> Any:
        return self._try("get", *arguments, **named)

    def set(self, *arguments: Any, **named: Any) -> None:
        self._try("set", *arguments, **named)

    def touch(self, *arguments: Any, **named: Any) -> bool:
        return self._try("touch", *arguments, **named)

    def delete(self, *arguments: Any, **named: Any) -> bool:
        return self._try("delete", *arguments, **named)

    def has_key(self, *arguments: Any, **named: Any) -> bool:
        return self._try("has_key", *arguments, **named)

    def incr(self, *arguments: Any, **named: Any) -> int:
        return self._try("incr", *arguments, **named)

    def get_many(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        return self._try("get_many", *arguments, **named)

    def set_many(self, *arguments: Any, **named: Any) -> list[str]:
        return self._try("set_many", *arguments, **named)

    def delete_many(self, *arguments: Any, **named: Any) -> None:
        self._try("delete_many", *arguments, **named)

    def clear(self) -> Any:
        """Deletes what is this cache's: other things (the board, the queue of tasks) live in the same database."""
        return self._or_else(self._clear_own, "clear")

    def _clear_own(self) -> None:
        client = self._cache.get_client(write=True)
        for key in client.scan_iter(match=f"{self.key_prefix}:*", count=1_000):
            client.delete(key)
