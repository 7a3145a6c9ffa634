"""What is done regularly: what is kept for a time goes, erasures are carried out, and their mail leaves."""

from datetime import timedelta

from django_tasks import task

from storied.work import regularly

from . import erasure, letters, retention


@task()
def forget_what_is_due() -> dict[str, int]:
    """How much of each kind is gone."""
    return dict(retention.run())


@task()
def erase_who_asked() -> int:
    """The number of people who are erased now."""
    return erasure.carry_out_all()


@task()
def send_letters() -> int:
    """The number of mails that left."""
    return letters.send_owed()


regularly(forget_what_is_due, every=timedelta(hours=1))
regularly(erase_who_asked, every=timedelta(minutes=1), is_needed=erasure.is_anything_due)
regularly(send_letters, every=timedelta(seconds=5), is_needed=letters.is_any_owed)
