"""What is done regularly for moderators: sealed copies whose time is over are forgotten."""

from datetime import timedelta

from django_tasks import task

from storied.work import regularly

from . import redaction


@task()
def forget_sealed_copies() -> int:
    """The number of passages that are gone for good now."""
    return redaction.forget_expired()


regularly(forget_sealed_copies, every=timedelta(hours=1), is_needed=redaction.has_expired)
