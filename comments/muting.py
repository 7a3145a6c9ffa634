"""Whom a member would rather not read: what they write is folded for that member alone, and no mail tells of it.

It must not tell who is behind a name: whoever mutes a name used only below one article mutes it there, and a comment
that names nobody is muted by itself.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from .events import CommentClaimed, subscribe
from .exceptions import NotAllowed
from .models import Comment, Mute
from .viewers import Viewer

_BY_NAME, _BY_ALIAS = Comment.Signature.NAME, Comment.Signature.ALIAS


def why_not_mute(viewer: Viewer, comment: Comment) -> str:
    """Why not, in words; the empty string is a yes."""
    if not viewer.is_member:
        return "To mute somebody, please log in: it is kept in your account."
    if viewer.wrote(comment):
        return "This is your own comment."
    return ""


def mute(viewer: Viewer, comment: Comment, kind: str) -> Mute:
    """Mutes the writer of a comment for this member, in one of two ways; the last word counts."""
    if why_not := why_not_mute(viewer, comment):
        raise NotAllowed(why_not)
    whom, who = _whom(comment)
    about = {"kind": kind, "name": comment.author_name, **who}
    return Mute.objects.update_or_create(user=viewer.user, whom=whom, defaults=about)[0]


def end(member: Any, number: int) -> None:
    """Reads this person again; once ended, nothing changes."""
    Mute.objects.filter(user=member, pk=number).delete()


def standing(viewer: Viewer, comment: Comment) -> Mute | None:
    """How this member has muted the writer of a comment, if at all."""
    return Mute.objects.filter(user=viewer.user, whom=_whom(comment)[0]).first() if viewer.is_member else None


def folded_for(member: Any, post_id: int) -> frozenset[int]:
    """The comments below an article that are folded for a member: one query, and another for who mutes somebody."""
    theirs = Q()
    for mute in Mute.objects.filter(user=member, kind=Mute.Kind.FOLD):
        theirs |= _comments_of(mute)
    if not theirs:
        return frozenset()
    return frozenset(Comment.objects.filter(theirs, post=post_id).values_list("pk", flat=True))


def is_wanted_by_mail(user_id: int, comment: Comment) -> bool:
    """Whether this member wants to hear by mail of what this person writes."""
    return not Mute.objects.filter(user=user_id, whom=_whom(comment)[0]).exists()


def _whom(comment: Comment) -> tuple[str, dict[str, Any]]:
    """Who wrote it, as far as its readers can tell: a word, and what a row keeps of it."""
    nobody: dict[str, Any] = {"account_id": None, "guest_key": "", "post_id": None, "comment_id": None}
    account, key = comment.author_id, comment.guest_key
    if comment.signed == _BY_ALIAS and account is not None:
        return f"alias:{comment.post_id}:{account}", {**nobody, "account_id": account, "post_id": comment.post_id}
    if comment.signed == _BY_NAME and account is not None:
        return f"account:{account}", {**nobody, "account_id": account}
    if comment.signed == _BY_NAME and key:
        return f"guest:{key}", {**nobody, "guest_key": key}
    return f"comment:{comment.pk}", {**nobody, "comment_id": comment.pk}


def _comments_of(mute: Mute) -> Q:
    if mute.comment_id is not None:
        return Q(pk=mute.comment_id)
    if mute.account_id is None:
        return Q(author=None, guest_key=mute.guest_key, signed=_BY_NAME)
    if mute.post_id is None:
        return Q(author=mute.account_id, signed=_BY_NAME)
    return Q(author=mute.account_id, post=mute.post_id, signed=_BY_ALIAS)


@subscribe(CommentClaimed)
def who_was_muted_as_a_guest_stays_so(event: CommentClaimed) -> None:
    """By each who did it, under the name that readers see: what was taken into an account no longer has the key."""
    if not event.guest_key:
        return
    whom, who = _whom(event.comment)
    for mute in Mute.objects.filter(whom=f"guest:{event.guest_key}"):
        about = {"kind": mute.kind, "name": mute.name, **who}
        Mute.objects.get_or_create(user_id=mute.user_id, whom=whom, defaults=about)


def of(member: Any) -> Iterable[Mute]:
    """Everybody whom this member has muted, by name."""
    return Mute.objects.filter(user=member)
