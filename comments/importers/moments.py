"""Dates of old rows."""

from datetime import UTC, datetime

from django.utils import timezone

# Blog software is younger and no database of it will be read later; what lies outside is a slip, and the
# tree's numbers, made of times, have no room for it.
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def moment(at: datetime | None, local: datetime | None) -> datetime | None:
    """When a row was written: the old site's wall clock counts only where the time in UTC is missing.

    The clock's zone is told nowhere in an export, so this site's own is taken for it.
    """
    if at is not None and _FIRST <= at < _LAST:
        return at
    if local is not None and _FIRST.year < local.year < _LAST.year:
        return timezone.make_aware(local)
    return None
