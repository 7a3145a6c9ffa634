"""Whether an owed mail should leave now: still wanted, still true, and visible to whoever it goes to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from comments import log, muting, permissions
from comments.models import (
    Appeal,
    CareItem,
    Comment,
    Frequency,
    GreetingOffer,
    Kind,
    MailPreferences,
    ModerationLogEntry,
    Notification,
)
from comments.viewers import Viewer

from .proving import LINK_GOOD_FOR
from .recipients import address_of, is_muted, of, preferences_for
from .subscribers import decisions_on
from .subscriptions import CONFIRMED_WITHIN, about_replies_to, about_thread

# What waits for a moderator, or for a guest's answer, is looked at again after a while, and not for ever.
NEXT_LOOK = timedelta(minutes=30)
LOOKED_FOR = timedelta(days=14)
MORNING = 8  # o'clock, in the site's time zone: when daily and weekly mail leaves
# Follows that came at once on one day; whatever comes after that is laid together for the next morning.
A_BUSY_DAY = 12
# Anybody can say that they are worried: after so many such mails in an hour the next ones come together.
A_BUSY_HOUR = 5
IN_DANGER = "care"  # a bundle of its own, so that nothing else comes with them


@dataclass(frozen=True)
class Verdict:
    """Dropped, with the reason; put off until then, maybe into a bundle; or, with neither, sent."""

    drop: str = ""
    until: datetime | None = None
    bundle: str = ""


SEND = Verdict()


def preferences(row: Notification) -> MailPreferences:
    return preferences_for(row)


def address(row: Notification) -> str:
    return address_of(of(row))


def judge(row: Notification) -> Verdict:
    """What should become of an owed mail at this moment."""
    now = timezone.now()
    if row.created_at < now - LOOKED_FOR and not row.bundle:
        return Verdict(drop="too old")
    wishes = preferences(row)
    if wishes.stopped_at is not None:
        return Verdict(drop="mail to this person is stopped")
    if not address(row):
        return Verdict(drop="no proved address")
    return _of_the_wish(row, now) or _TRUTHS[Kind(row.kind)](row, now) or _of_the_frequency(row, wishes, now)


def _of_the_wish(row: Notification, now: datetime) -> Verdict | None:
    wish = row.subscription
    if wish is None:
        return None
    if wish.ended_at is not None:
        return Verdict(drop=f"no longer wanted: {wish.end_reason}")
    if wish.confirmed_at is None and wish.asked_at < now - CONFIRMED_WITHIN:
        return Verdict(drop="never confirmed")
    if wish.confirmed_at is None and row.kind != Kind.CONFIRM:
        return Verdict(until=now + NEXT_LOOK, bundle=row.bundle)
    return None


# --- Is it still true? ---------------------------------------------------------------------------------------


def _comment_is_public(row: Notification, now: datetime) -> Verdict | None:
    comment = row.comment
    if comment.status == Comment.Status.PENDING:
        return Verdict(until=now + NEXT_LOOK, bundle=row.bundle)
    if not comment.is_approved or not comment.post.is_published:
        return Verdict(drop="no longer public")
    parent = comment.parent
    if row.kind == Kind.REPLY and parent is not None and parent.status == Comment.Status.WITHDRAWN:
        return Verdict(drop="what it answers was withdrawn")
    if row.kind == Kind.REPLY and not _is_to_them(row):
        return Verdict(drop="moved since: it answers somebody else")
    if is_muted(of(row), about_thread(comment.tree_id)):
        return Verdict(drop="the thread is muted")
    if row.user_id is not None and not muting.is_wanted_by_mail(row.user_id, comment):
        return Verdict(drop="its writer is muted")
    return None


def _is_to_them(row: Notification) -> bool:
    """Whether the comment answers whoever is to hear of it: a moderator may have moved it."""
    comment = row.comment
    if row.subscription is not None:
        return row.subscription.about == about_replies_to(comment.parent_id)
    return comment.parent is not None and comment.parent.author_id == row.user_id


def _stands_elsewhere(row: Notification, now: datetime) -> Verdict | None:
    comment = row.comment
    if not comment.is_approved or not comment.post.is_published:
        return Verdict(drop="no longer public")
    before = ModerationLogEntry.objects.values_list("old", flat=True).get(pk=row.decision_id)
    if before == log.place(comment.parent_id):
        return Verdict(drop="moved back")
    return None


def _decision_stands(row: Notification, now: datetime) -> Verdict | None:
    last = decisions_on(row.comment).values_list("pk", "new").first()
    if last != (row.decision_id, row.comment.status):
        return Verdict(drop="decided otherwise since")
    return None


def _answer_stands(row: Notification, now: datetime) -> Verdict | None:
    if not Appeal.objects.filter(decision_id=row.decision_id, outcome=Appeal.Outcome.KEPT).exists():
        return Verdict(drop="answered otherwise since")
    return _decision_stands(row, now)


def _appeal_waits(row: Notification, now: datetime) -> Verdict | None:
    if not Appeal.objects.open().filter(decision_id=row.decision_id).exists():
        return Verdict(drop="it waits no longer")
    if permissions.why_not_moderate(Viewer(row.user), row.comment.post):
        return Verdict(drop="may not moderate it")
    return None


def _comment_waits(row: Notification, now: datetime) -> Verdict | None:
    if row.comment.status != Comment.Status.PENDING:
        return Verdict(drop="it waits no longer")
    if permissions.why_not_moderate(Viewer(row.user), row.comment.post):
        return Verdict(drop="may not moderate it")
    return None


def _nobody_looks_after_it(row: Notification, now: datetime) -> Verdict | None:
    item = CareItem.objects.open().filter(comment=row.comment_id).first()
    if item is None or item.is_claimed:
        return Verdict(drop="somebody looks after it")
    if permissions.why_not_moderate(Viewer(row.user), row.comment.post):
        return Verdict(drop="may not moderate it")
    if not row.bundle and _are_many_in_danger(row, now):
        return Verdict(until=next_round(Frequency.HOURLY, now), bundle=IN_DANGER)
    return None


def _are_many_in_danger(row: Notification, now: datetime) -> bool:
    lately = Notification.objects.filter(ended_at__gt=now - timedelta(hours=1), state="sent", who=row.who, bundle="")
    return lately.filter(kind=Kind.CARE).count() >= A_BUSY_HOUR


def _post_is_public(row: Notification, now: datetime) -> Verdict | None:
    return None if row.post.is_published else Verdict(drop="no longer public")


def _is_for_the_owner(row: Notification, now: datetime) -> Verdict | None:
    return None if row.user.is_owner else Verdict(drop="for the owner alone")


def _question_is_open(row: Notification, now: datetime) -> Verdict | None:
    return Verdict(drop="answered already") if row.subscription.confirmed_at is not None else None


def _greeting_is_asked_about(row: Notification, now: datetime) -> Verdict | None:
    is_open = GreetingOffer.objects.filter(comment=row.comment_id).exists()
    return None if is_open else Verdict(drop="answered already")


def _link_is_good(row: Notification, now: datetime) -> Verdict | None:
    return Verdict(drop="no longer good") if row.created_at < now - LINK_GOOD_FOR else None


def _it_came_in(row: Notification, now: datetime) -> Verdict | None:
    return None if row.received is not None else Verdict(drop="forgotten")


_TRUTHS: dict[str, Any] = {
    Kind.REPLY: _comment_is_public, Kind.THREAD: _comment_is_public, Kind.ARTICLE: _comment_is_public,
    Kind.DECISION: _decision_stands, Kind.ANSWER: _answer_stands, Kind.ALERT: _comment_waits,
    Kind.APPEAL: _appeal_waits, Kind.POST: _post_is_public, Kind.CONFIRM: _question_is_open,
    Kind.PROOF: _link_is_good, Kind.GREETING: _greeting_is_asked_about, Kind.RECEIVED: _it_came_in,
    Kind.MOVED: _stands_elsewhere, Kind.UNMASK: _is_for_the_owner, Kind.CARE: _nobody_looks_after_it,
}  # fmt: skip


# --- How often? ----------------------------------------------------------------------------------------------


def _of_the_frequency(row: Notification, wishes: MailPreferences, now: datetime) -> Verdict:
    wish = wishes.wish_for(row.kind)
    if wish == Frequency.NEVER:
        return Verdict(drop="not wanted")
    if wish == Frequency.AT_ONCE and row.kind in {Kind.THREAD, Kind.ARTICLE} and not row.bundle and _is_busy(row, now):
        wish = Frequency.DAILY
    if row.bundle or wish == Frequency.AT_ONCE:
        return SEND
    return Verdict(until=next_round(wish, now), bundle=wish)


def _is_busy(row: Notification, now: datetime) -> bool:
    today = Notification.objects.filter(ended_at__gt=now - timedelta(days=1), state="sent", who=row.who, bundle="")
    return today.filter(kind__in=[Kind.THREAD, Kind.ARTICLE]).count() >= A_BUSY_DAY


def next_round(frequency: str, now: datetime) -> datetime:
    """When the next mail of this kind leaves: the next full hour, morning, or Monday morning."""
    local = timezone.localtime(now)
    if frequency == Frequency.HOURLY:
        return (local + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning += timedelta(days=1)
    if frequency == Frequency.WEEKLY:
        morning += timedelta(days=-morning.weekday() % 7)
    return morning
