"""Links by which a writer comes back to a comment without an account: signed, for one comment, for a time."""

from django.core import signing
from django.urls import reverse

_SALT = "comments.own"
_GOOD_FOR = 60 * 60 * 24 * 90  # seconds: 90 days


def link_to(comment_id: int) -> str:
    """The private address of a comment's own page; whoever has it can edit and withdraw the comment."""
    return reverse("comments:own_by_link", args=[token_of(comment_id)])


def token_of(comment_id: int) -> str:
    return signing.TimestampSigner(salt=_SALT).sign(str(comment_id))


def comment_id_of(token: str) -> int | None:
    """The comment that a token was made for; None for one that is not ours or too old."""
    try:
        return int(signing.TimestampSigner(salt=_SALT).unsign(token, max_age=_GOOD_FOR))
    except (signing.BadSignature, ValueError):
        return None
