"""What `manage.py check` says about an installation."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from .conf import installed_rules


@register()
def house_rules_are_readable(**_kwargs: Any) -> list[Error]:
    try:
        installed_rules()
    except ImproperlyConfigured as problem:
        return [Error(str(problem), id="comments.E001")]
    return []


@register(deploy=True)
def cache_is_shared(**_kwargs: Any) -> list[Warning]:
    """Log-in throttles count in the cache: one a process would multiply them."""
    if settings.CACHES["default"]["BACKEND"].endswith(("LocMemCache", "DummyCache")):
        return [
            Warning(
                "The cache is not shared between worker processes, so log-in limits are multiplied by their number.",
                hint="Leave CACHE_URL empty (a table in the database) or name a Valkey or Redis server.",
                id="comments.W001",
            )
        ]
    return []
