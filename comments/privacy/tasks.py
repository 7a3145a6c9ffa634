"""What is done regularly: what is kept for a time goes, mail about data leaves, erasures are carried out."""

from datetime import timedelta

from django_tasks import task

from storied.work import regularly

from . import retention


@task()
def forget_what_is_due() -> dict[str, int]:
    """How much of each kind is gone."""
    return dict(retention.run())


regularly(forget_what_is_due, every=timedelta(hours=1))
