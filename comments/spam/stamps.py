"""The signed time stamp of a form: when it was made, and for which article."""

import time

from django.core import signing

_SALT = "comments.form-stamp"
_HOUR = 3600  # seconds


def new_stamp(post_id: int, *, of_this_hour: bool = False) -> str:
    """A stamp for a form below this article, of this second, or, in pages that all readers share, of this hour."""
    now = int(time.time())
    return signing.Signer(salt=_SALT).sign(f"{post_id}.{now - now % _HOUR if of_this_hour else now}")


def age(stamp: str, post_id: int) -> float | None:
    """Seconds since the form was made; None for a stamp that is not ours, or not for this article."""
    try:
        value = signing.Signer(salt=_SALT).unsign(stamp)
        stamped_post, made = (int(part) for part in value.split("."))
    except (signing.BadSignature, ValueError):
        return None
    return time.time() - made if stamped_post == post_id else None


def is_too_fast(seconds: float, least: int) -> bool:
    """Whether nobody could have read and written in that time."""
    return seconds < least
