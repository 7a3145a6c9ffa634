"""Models whose every change is a change of the whole site."""

from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from .board import site_changes


def watch(*models: type[Model]) -> None:
    """Has each saved, deleted or newly linked row of these models said on the board."""
    for model in models:
        for signal in (post_save, post_delete, m2m_changed):
            signal.connect(_follow, sender=model, dispatch_uid=f"front.{model._meta.label}.{id(signal)}")


def _follow(sender: type[Model], update_fields: frozenset[str] | None = None, **_signal: Any) -> None:
    # A log-in writes the time of it, which no page shows.
    if update_fields != {"last_login"}:
        site_changes()
