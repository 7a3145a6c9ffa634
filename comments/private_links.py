"""Signed private links, good without logging in, for a time: a writer's to a comment, a moderator's to decide."""

from typing import Any

from django.core import signing
from django.urls import reverse

_SALT = "comments.own"
_GOOD_FOR = 60 * 60 * 24 * 90  # seconds: 90 days


def link_to(comment_id: int) -> str:
    """The private address of a comment's own page; whoever has it can edit and withdraw the comment."""
    return reverse("comments:own_by_link", args=[token_of(comment_id)])


def own_page_of(comment: Any) -> str:
    """The address of a comment's own page for its writer: their account's, or a private link."""
    return reverse("comments:own", args=[comment.pk]) if comment.author_id else link_to(comment.pk)


def token_of(comment_id: int) -> str:
    return signing.TimestampSigner(salt=_SALT).sign(str(comment_id))


def comment_id_of(token: str) -> int | None:
    """The comment that a token was made for; None for one that is not ours or too old."""
    try:
        return int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=_GOOD_FOR))
    except (signing.BadSignature, ValueError):
        return None


_DECISION_SALT = "comments.decide-by-mail"
_DECISION_GOOD_FOR = 60 * 60 * 24 * 3  # seconds: 3 days


def link_to_decide(comment_id: int, revision: int, action: str, account_id: int) -> str:
    """The address of a page that asks once more, and then decides as this moderator, on this very text."""
    signed = signing.TimestampSigner(salt=_DECISION_SALT).sign(f"{comment_id}.{revision}.{account_id}.{action}")
    return reverse("moderation:by_mail", args=[signed])


def decision_of(token: str) -> tuple[int, int, int, str] | None:
    """Comment, revision, account and action of such a link; None for one that is not ours or too old."""
    try:
        said = signing.TimestampSigner(salt=_DECISION_SALT).unsign(token, max_age=_DECISION_GOOD_FOR)
        comment_id, revision, account_id, action = said.split(".")
        return int(comment_id), int(revision), int(account_id), action
    except (signing.BadSignature, ValueError):
        return None
