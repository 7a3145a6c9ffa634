"""Texts that are kept, but not to be read in the database: encrypted with a key made from the secret key."""

import base64
from datetime import timedelta
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class CannotBeOpened(Exception):
    """Sealed with a secret key that is neither the present one nor among the old ones, damaged, or too old."""


def seal(text: str) -> str:
    """The text encrypted and signed."""
    return _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()


def unseal(sealed: str, *, within: timedelta | None = None) -> str:
    """The text that was sealed; CannotBeOpened where the key has gone, or it was not sealed `within` this time."""
    seconds = None if within is None else int(within.total_seconds())
    try:
        return _keys(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).decrypt(sealed.encode(), seconds).decode()
    except InvalidToken as problem:
        raise CannotBeOpened("This was sealed with another secret key, or too long ago.") from problem


@lru_cache(maxsize=4)
def _keys(*secrets: str) -> MultiFernet:
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"storied.sealing").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)
