"""Wishes to hear of something: asked for, confirmed, ended. The only writer of subscriptions."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils import timezone

from comments.models import Comment, Frequency, Kind, MailPreferences, Notification, Subscription

from . import outbox
from .recipients import Recipient, address_of, change_preferences, of, preferences_of

Scope = Subscription.Scope
_SALT = "comments.mail.confirm"
CONFIRMED_WITHIN = timedelta(days=7)
# Somebody else's address can be typed into a form: so many questions reach it in a day, and no more.
QUESTIONS_A_DAY = 3
QUESTIONS_AN_HOUR_FROM_ONE_NETWORK = 10


def about_replies_to(comment_id: int) -> str:
    return f"reply:{comment_id}"


def about_thread(tree_id: int) -> str:
    return f"thread:{tree_id}"


def about_article(post_id: int) -> str:
    return f"article:{post_id}"


ABOUT_POSTS = "posts"


def ask_for_replies(comment: Comment, who: Recipient, network: str = "") -> Subscription | None:
    """Mail about replies to one's own comment, and about what moderators decide on it."""
    return _ask(Scope.REPLIES, about_replies_to(comment.pk), who, network, comment=comment, post_id=comment.post_id)


def follow_thread(comment: Comment, who: Recipient, network: str = "") -> Subscription | None:
    """Mail about every comment in the thread that this one stands in; None where that has just been deleted."""
    root = _root_of(comment)
    if root is None:
        return None
    _forget_muting(who, about_thread(root.tree_id))
    return _ask(Scope.THREAD, about_thread(root.tree_id), who, network, comment=root, post_id=root.post_id)


def follow_article(post: Any, who: Recipient, network: str = "") -> Subscription | None:
    """Mail about every comment below an article."""
    return _ask(Scope.ARTICLE, about_article(post.pk), who, network, post_id=post.pk)


def follow_posts(who: Recipient, network: str = "") -> Subscription | None:
    """Mail about every new article."""
    return _ask(Scope.POSTS, ABOUT_POSTS, who, network)


def mute_thread(comment: Comment, who: Recipient) -> Subscription | None:
    """No more mail about this thread, whatever else was asked for."""
    root = _root_of(comment)
    if root is None:
        return None
    about = about_thread(root.tree_id)
    with transaction.atomic():
        for followed in Subscription.objects.standing().filter(who=who.who, about=about, scope=Scope.THREAD):
            end(followed, "muted")
        return _create(Scope.MUTED, about, who, "", confirmed=True, comment=root, post_id=root.post_id)


def _root_of(comment: Comment) -> Comment | None:
    """The first comment of the thread in which this one stands now: it may have been moved since it was read."""
    tree_now = Comment.objects.filter(pk=comment.pk).values("tree_id")
    return Comment.objects.filter(tree_id__in=tree_now, parent=None).first()


def _forget_muting(who: Recipient, about: str) -> None:
    for muted in Subscription.objects.standing().filter(who=who.who, about=about, scope=Scope.MUTED):
        end(muted, "followed")


def _ask(scope: str, about: str, who: Recipient, network: str, **place: Any) -> Subscription | None:
    """Takes a wish in. A guest is asked by mail first, unless this browser has proved the address before.

    None where mail to this person is stopped; to whoever asked, all outcomes look the same.
    """
    with transaction.atomic():
        if MailPreferences.objects.filter(who=who.who, stopped_at__isnull=False).exists():
            return None
        confirmed = not who.is_guest or _browser_has_proved(who)
        wish = _create(scope, about, who, network, confirmed=confirmed, **place)
        if wish is not None and wish.confirmed_at is None and _may_ask(who, network):
            day = timezone.now().date().isoformat()
            question = outbox.owed(
                Kind.CONFIRM, f"confirm:{wish.pk}:{day}", who, held_for=timedelta(), subscription=wish
            )
            outbox.store([question])
        return wish


def _create(
    scope: str, about: str, who: Recipient, network: str, *, confirmed: bool, **place: Any
) -> Subscription | None:
    standing = Subscription.objects.standing().filter(who=who.who, about=about, scope=scope)
    wish = standing.first()
    if wish is not None:
        if wish.confirmed_at is None:
            confirm(wish) if confirmed else _ask_anew(wish, network)
        return wish
    try:
        with transaction.atomic():
            return Subscription.objects.create(
                scope=scope, about=about, **who.fields, guest_key=who.guest_key, network=network,
                confirmed_at=timezone.now() if confirmed else None, **place,
            )  # fmt: skip
    except IntegrityError:
        # The other of two clicks was a moment earlier.
        return standing.first()


def _ask_anew(wish: Subscription, network: str) -> None:
    """Counted like a first asking: else each wish that was left unanswered would be good for a mail every day.

    The browser stays that of the first: a yes to its question proves nothing for another one.
    """
    wish.asked_at, wish.network = timezone.now(), network
    wish.save(update_fields=["asked_at", "network"])


def _browser_has_proved(who: Recipient) -> bool:
    """Whether a question that this very browser caused was answered from that address."""
    if not who.guest_key:
        return False
    proved = Subscription.objects.filter(who=who.who, guest_key=who.guest_key, confirmed_at__isnull=False)
    return proved.exclude(end_reason="bounced").exists()


def _may_ask(who: Recipient, network: str) -> bool:
    now = timezone.now()
    unproved = Subscription.objects.filter(confirmed_at=None)
    today = unproved.filter(who=who.who, asked_at__gt=now - timedelta(days=1)).count()
    if today > QUESTIONS_A_DAY:
        return False
    if not network:
        return True
    from_there = unproved.filter(network=network, asked_at__gt=now - timedelta(hours=1)).count()
    return from_there <= QUESTIONS_AN_HOUR_FROM_ONE_NETWORK


def confirmation_token(wish: Subscription) -> str:
    """Proves, when it comes back, that the mail was read."""
    return signing.TimestampSigner(salt=_SALT).sign(str(wish.pk))


def asked_by(token: str) -> Subscription | None:
    """The wish that a token from a mail would confirm; None for one that is not ours, too old, or of an ended wish."""
    try:
        number = int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=CONFIRMED_WITHIN))
    except (signing.BadSignature, ValueError):
        return None
    return Subscription.objects.standing().filter(pk=number).select_related("post", "comment").first()


def confirm(wish: Subscription) -> None:
    """The address is proved: this wish holds, and the others that the same browser asked for beside it."""
    now = timezone.now()
    with transaction.atomic():
        preferences_of(of(wish))
        asked = Subscription.objects.standing().filter(who=wish.who, confirmed_at=None)
        together = asked.filter(guest_key=wish.guest_key) if wish.guest_key else asked.filter(pk=wish.pk)
        together.update(confirmed_at=now)
        wish.confirmed_at = wish.confirmed_at or now


def end(wish: Subscription, reason: str) -> None:
    """Ends a wish; ending it again changes nothing."""
    now = timezone.now()
    if Subscription.objects.standing().filter(pk=wish.pk).update(ended_at=now, end_reason=reason):
        wish.ended_at, wish.end_reason = now, reason


def end_kind(preferences: MailPreferences, what: str) -> None:
    """Ends one kind of mail for a person, all kinds that come together "daily" and the like, or all there is."""
    if what == "all":
        stop_all(preferences, "asked")
    else:
        change_preferences(preferences, **dict.fromkeys(preferences.wishes_named(what), Frequency.NEVER))


def stop_all(preferences: MailPreferences, reason: str) -> None:
    """Nothing at all goes to this person any more, and whoever types the address starts nothing."""
    now = timezone.now()
    with transaction.atomic():
        MailPreferences.objects.filter(pk=preferences.pk, stopped_at=None).update(
            stopped_at=now, stopped_because=reason
        )
        if preferences.user_id is None:
            Subscription.objects.standing().filter(who=preferences.who).update(ended_at=now, end_reason=reason)
    preferences.refresh_from_db()


def take_along(email: str, account: Any) -> None:
    """An account has verified an address: what was asked for from there is the account's from now on.

    Only where the account's mail goes to this very address: nobody's mail is to end up in another mailbox.
    """
    of_guest, of_account = Recipient(email=email), Recipient(account.pk)
    if address_of(of_account).lower() != email.lower():
        return
    with transaction.atomic():
        theirs = set(Subscription.objects.standing().filter(who=of_account.who).values_list("about", "scope"))
        for wish in Subscription.objects.confirmed().filter(who=of_guest.who):
            if (wish.about, wish.scope) in theirs:
                end(wish, "joined")
            else:
                Subscription.objects.filter(pk=wish.pk).update(**of_account.fields)
        owed = Notification.objects.owed().filter(who=of_guest.who).exclude(kind__in=[Kind.CONFIRM, Kind.PROOF])
        owed.update(**of_account.fields)
        if not MailPreferences.objects.filter(who=of_account.who).exists():
            MailPreferences.objects.filter(who=of_guest.who).update(**of_account.fields)


def start_again(preferences: MailPreferences) -> None:
    """Takes `stop_all` back; what a guest had asked for has to be asked for again."""
    MailPreferences.objects.filter(pk=preferences.pk).update(stopped_at=None, stopped_because="")
    preferences.refresh_from_db()


def forget_unconfirmed() -> int:
    """Deletes what was asked for in somebody's name and never confirmed; the number of wishes."""
    old = Subscription.objects.filter(confirmed_at=None, asked_at__lt=timezone.now() - CONFIRMED_WITHIN)
    return old.delete()[1].get("comments.Subscription", 0)


def forget_networks(numbers: Collection[int]) -> int:
    """Where these wishes came from, taken out; the number of wishes."""
    return Subscription.objects.filter(pk__in=numbers).exclude(network="").update(network="")


def move_to_thread(wish: Subscription, tree_id: int) -> None:
    """What was about a thread is about the one that it became part of."""
    about = about_thread(tree_id)
    if wish.about == about:
        return
    with transaction.atomic():
        if Subscription.objects.standing().filter(who=wish.who, about=about, scope=wish.scope).exists():
            end(wish, "moved")
        else:
            Subscription.objects.filter(pk=wish.pk).update(about=about)
