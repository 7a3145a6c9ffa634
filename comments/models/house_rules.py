"""The house rules as the owner changed them in the site."""

from typing import Any

from django.conf import settings
from django.db import models, transaction

from comments.conf import Rules, installed_rules
from storied.front import SITE, Memo

_kept = Memo()


class HouseRules(models.Model):
    """A single row: only what differs from the installation's own rules."""

    changes = models.JSONField(default=dict)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return "House rules"

    @classmethod
    def current(cls) -> Rules:
        """The rules in force."""
        return installed_rules().with_changes(_kept.get("changes", (SITE,), cls._changes))

    @classmethod
    def last_known(cls) -> Rules:
        """The rules as this process read them last, for pages that cannot ask the database; else the installation's."""
        return installed_rules().with_changes(_kept.last("changes") or {})

    @classmethod
    def _changes(cls) -> dict[str, Any]:
        row = cls.objects.filter(pk=1).only("changes").first()
        return row.changes if row else {}

    @classmethod
    def change(cls, changes: dict[str, Any], by: Any) -> Rules:
        """Puts these in force; what equals the installation's own value is forgotten, so that it follows that again."""
        installed = installed_rules()
        kept = {name: value for name, value in changes.items() if value != getattr(installed, name)}
        with transaction.atomic():
            cls.objects.update_or_create(pk=1, defaults={"changes": kept, "changed_by": by})
        return cls.current()
