"""What is done regularly: deliver what is owed, tell of new articles, forget what is old."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django_tasks import task

from comments.models import HouseRules, Kind, Notification, ReceivedMail, Subscription
from posts.models import Post
from storied.work import regularly

from . import delivery, outbox, proving, receipts, subscriptions
from .recipients import of
from .subscriptions import ABOUT_POSTS

# An article is told of while it is new; an old one that is published again is not.
NEW_FOR = timedelta(days=2)
_TOLD_AT_ONCE = 500  # rows in one statement


@task()
def deliver() -> dict[str, int]:
    """Sends what is owed now."""
    return dict(delivery.deliver())


@task()
def tell_of_new_articles() -> int:
    """Owes mail to those who asked for new articles; the number of articles."""
    untold = _untold()
    for post in untold:
        rows = [
            outbox.owed(Kind.POST, f"post:{post.pk}", of(wish), held_for=timedelta(), post=post, subscription=wish)
            for wish in _wishes_for(post).iterator(chunk_size=_TOLD_AT_ONCE)
        ]
        with transaction.atomic():
            # All or none: that one row is there says that all are.
            for start in range(0, len(rows), _TOLD_AT_ONCE):
                outbox.store(rows[start : start + _TOLD_AT_ONCE])
    return len(untold)


def _untold() -> list[Post]:
    """The new articles that nobody has been told of though somebody asked."""
    new = Post.objects.published().articles().filter(published_at__gt=timezone.now() - NEW_FOR)
    told = Notification.objects.filter(kind=Kind.POST, post=OuterRef("pk"))
    return [post for post in new.exclude(Exists(told)).defer("body", "body_html") if _wishes_for(post).exists()]


def _wishes_for(post: Post) -> QuerySet[Subscription]:
    wishes = Subscription.objects.confirmed().filter(about=ABOUT_POSTS, confirmed_at__lte=post.published_at)
    return wishes.exclude(user_id=post.author_id)


@task()
def forget_old_mail() -> int:
    """Deletes what was sent or dropped long ago, and what nobody confirmed or proved; the number of rows."""
    days = HouseRules.current().keep_mail_days
    # While an article is new, a row says that it has been told of.
    over = Notification.objects.exclude(state=Notification.State.OWED)
    over = over.exclude(kind=Kind.POST, created_at__gt=timezone.now() - NEW_FOR)
    old = over.filter(ended_at__lt=timezone.now() - timedelta(days=days)) if days else over.none()
    came_in = (
        ReceivedMail.objects.filter(received_at__lt=timezone.now() - timedelta(days=days))
        if days
        else ReceivedMail.objects.none()
    )
    deleted = old.delete()[0] + came_in.delete()[0] + receipts.forget_old()
    return deleted + subscriptions.forget_unconfirmed() + proving.forget_old()


# A round takes less than a minute, unless the mail server is very slow over its last mail.
regularly(deliver, every=timedelta(seconds=5), longest=timedelta(minutes=2), is_needed=delivery.is_anything_due)
regularly(tell_of_new_articles, every=timedelta(minutes=2), is_needed=lambda: bool(_untold()))
regularly(forget_old_mail, every=timedelta(days=1))
