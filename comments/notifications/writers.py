"""As whom somebody answers by mail: their account, or what they call themselves here as a guest."""

from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress

from comments.models import Alias, Comment, Notification, Subscription
from comments.viewers import Viewer

from .recipients import address_of, of


@dataclass(frozen=True)
class Writer:
    """Who would be the author of an answer, and under which name it would stand."""

    viewer: Viewer
    name: str
    email: str
    alias: str = ""


def writer_of(row: Notification) -> Writer | None:
    """Whoever got this mail; None for a closed account, a guest who never wrote, and a member whose name was taken off.

    A guest's is the name, and the browser, of the comment for which this address was confirmed. What the sender of a
    mail is called there is nobody's business: mail programs tell the name that is in a passport.
    """
    user = row.user if row.user_id is not None else _account_since(row.email)
    if row.user_id is not None and not address_of(of(row)):
        return None
    if user is not None:
        return _as_a_member(user, row)
    comment = _own_comment(row)
    return Writer(Viewer(guest_key=comment.guest_key), comment.author_name, row.email) if comment is not None else None


def _as_a_member(user: Any, row: Notification) -> Writer | None:
    """Under the name of the comment that was answered; else under the one that is used only here, if there is one."""
    answered = row.comment.parent if row.comment is not None else None
    signed = answered.signed if answered is not None and answered.author_id == user.pk else ""
    alias = Alias.objects.name_of(user, row.comment.post_id) if row.comment is not None else ""
    if signed == Comment.Signature.NAME or not (alias or signed):
        return Writer(Viewer(user), user.display_name, "")
    # Whose name was taken off does not put it back by a mail.
    return Writer(Viewer(user), alias, "", alias) if alias else None


def _account_since(email: str) -> Any:
    """The account that has proved a guest's address since the mail was sent: what it wrote as a guest went along."""
    proved = EmailAddress.objects.filter(email__iexact=email, verified=True, user__is_active=True)
    found = proved.select_related("user").first()
    return found.user if found is not None else None


def _own_comment(row: Notification) -> Comment | None:
    """The newest comment, below this article where there is one, that the confirmed address belongs to."""
    proved = Subscription.objects.filter(who=row.who, scope=Subscription.Scope.REPLIES, confirmed_at__isnull=False)
    named = proved.filter(comment__signed=Comment.Signature.NAME, comment__emptied_at=None, comment__erased_at=None)
    wishes = named.filter(comment__author=None, comment__author_email__iexact=row.email).select_related("comment")
    here = row.comment.post_id if row.comment is not None else None
    newest = sorted(wishes.order_by("-pk")[:50], key=lambda wish: wish.post_id != here)
    return newest[0].comment if newest else None
