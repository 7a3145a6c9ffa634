"""What guests wrote becomes an account's: besides birth, the one way by which a comment gets an author."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from comments import log
from comments.events import CommentClaimed, publish
from comments.models import AddressProof, Comment, CommentQuerySet, NotMine, Subscription, key_of
from comments.viewers import Viewer
from posts.models import Post
from storied.front import discussion_changes


def claim_proved(account: Any, email: str, browser: str = "") -> list[Comment]:
    """Makes an account's what was written with its verified address by a browser that had proved it.

    That is a browser whose question to this very address was answered from its mailbox, or the one in which the
    account is being verified (`browser` is its key). An address that somebody merely typed proves nothing: such
    comments are offered (`offered`). Nor is anything taken silently that would get a mark of its writer.
    """
    if _has_a_mark(account):
        return []
    keys = _browsers_that_proved(account, email) | {browser}
    return _claim(account, _not_set_aside(account, _with_addresses([email]).filter(guest_key__in=keys - {""})))


def offered(viewer: Viewer) -> CommentQuerySet:
    """What carries a verified address of this account, or was written in this browser before, and is nobody's yet.

    Without what its holder said is not theirs.
    """
    return _not_set_aside(viewer.user, _maybe_theirs(viewer))


def set_aside(viewer: Viewer) -> CommentQuerySet:
    """What would be offered, had the account's holder not said that it is not theirs."""
    return _maybe_theirs(viewer).filter(Exists(_said_of(viewer.user)))


def _maybe_theirs(viewer: Viewer) -> CommentQuerySet:
    verified = EmailAddress.objects.filter(user=viewer.user, verified=True)
    theirs = _with_addresses(verified.values_list("email", flat=True))
    if not viewer.guest_key:
        return theirs
    of_browser = Comment.objects.comments().filter(author=None, guest_key=viewer.guest_key).exclude(guest_key="")
    return Comment.objects.filter(Q(pk__in=theirs.values("pk")) | Q(pk__in=of_browser.values("pk")))


def claim_chosen(viewer: Viewer, numbers: Iterable[int]) -> list[Comment]:
    """Makes an account's those of what it is offered that it says are its own; others are passed over."""
    return _claim(viewer.user, offered(viewer).filter(pk__in=list(numbers)))


def say_not_mine(viewer: Viewer, numbers: Iterable[int] | None = None) -> int:
    """Offers these no longer, or nothing of what is offered now; says how many that were."""
    now = offered(viewer) if numbers is None else offered(viewer).filter(pk__in=list(numbers))
    said = [NotMine(user=viewer.user, comment_id=number) for number in now.values_list("pk", flat=True)]
    # Said twice at once, it is said once.
    NotMine.objects.bulk_create(said, ignore_conflicts=True, batch_size=500)
    return len(said)


def offer_again(viewer: Viewer, numbers: Iterable[int] | None = None) -> None:
    """Takes it back that these, or any, are not one's own."""
    said = NotMine.objects.filter(user=viewer.user)
    (said if numbers is None else said.filter(comment__in=list(numbers))).delete()


def _said_of(account: Any) -> Any:
    return NotMine.objects.filter(user=account, comment=OuterRef("pk"))


def _not_set_aside(account: Any, comments: CommentQuerySet) -> CommentQuerySet:
    return comments.exclude(Exists(_said_of(account)))


def _with_addresses(addresses: Iterable[str]) -> CommentQuerySet:
    guests = Comment.objects.comments().filter(author=None).exclude(author_email="")
    typed = {address.lower() for address in addresses}
    return guests.alias(address=Lower("author_email")).filter(address__in=typed)


def _browsers_that_proved(account: Any, email: str) -> set[str]:
    # What was asked for by mail may have gone over to the account already.
    asked = Subscription.objects.filter(who__in=[key_of(email=email), key_of(account)], confirmed_at__isnull=False)
    proved = AddressProof.objects.filter(email=email.lower(), proved_at__isnull=False)
    return {
        *asked.exclude(end_reason="bounced").values_list("guest_key", flat=True),
        *proved.values_list("guest_key", flat=True),
    }


def _has_a_mark(account: Any) -> bool:
    """Whether readers would see at once whose account it is."""
    return account.is_moderator or Post.objects.filter(author=account).exists()


def _claim(account: Any, unclaimed: CommentQuerySet) -> list[Comment]:
    """The name stays as it was written: an account may go by another, and nobody is to be found out by it.

    So what was written under another name stands, like what is written under one used only here, for nobody to link.
    """
    with transaction.atomic():
        # In one order, as everybody who locks several: nobody waits in a ring.
        locked = list(unclaimed.select_for_update(of=("self",), no_key=True).select_related("post").order_by("pk"))
        for post_id in {comment.post_id for comment in locked}:
            discussion_changes(post_id)
        claimed = []
        for comment in locked:
            # Of two accounts at once the second finds nothing left.
            mine = Comment.objects.filter(pk=comment.pk, author=None)
            signed = _signature(comment, account)
            if not mine.update(author=account, author_email="", guest_key="", signed=signed):
                continue
            browser, comment.author, comment.author_email, comment.guest_key = comment.guest_key, account, "", ""
            comment.signed = signed
            log.write(comment, "join_account", actor=account, by_author=True)
            publish(CommentClaimed(comment, browser))
            claimed.append(comment)
    return claimed


def _signature(comment: Comment, account: Any) -> str:
    is_by_name = comment.signed == Comment.Signature.NAME
    return Comment.Signature.ALIAS if is_by_name and comment.author_name != account.display_name else comment.signed
