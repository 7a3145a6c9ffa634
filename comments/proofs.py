"""Which mail address a visitor has proved to be theirs, without an account.

Whoever follows the link of a mail that they asked for (`notifications.proving`) gets a cookie that holds the signed
number of that proof: nothing that says an address, and nothing in an address of a page. For pages about what one
address wrote there are two things to rely on, and nothing else:

- `proved_address(request)`: the address in lower case; "" for a visitor who has proved none, or not lately;
- `with_proved_address`: for views. Without a proof it leads to the page that asks for an address; with one it calls
  the view with the address after the request, and says with the answer that no cache may keep it.

A proof is authority, as a session is: a form behind it needs Django's token, so never `guests_may_post`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from .models import AddressProof

# Long enough to read, to mend and to take a copy along; short for a computer that others use.
PROVED_FOR = timedelta(hours=2)
_SALT = "comments.proof"


def proved_address(request: Any) -> str:
    """The address (lower case) that whoever asks has proved within two hours in this browser; "" for none."""
    proof = _proof_of(request)
    return proof.email if proof is not None else ""


def with_proved_address(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Only for who has proved an address: the view gets it after the request. Others are led to where one is asked."""

    @wraps(view)
    def ask_or_do(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        address = proved_address(request)
        response = view(request, address, *args, **kwargs) if address else redirect("comments:mine")
        response["Cache-Control"] = "private, no-store"
        return response

    return ask_or_do


def remember(response: HttpResponse, proof: AddressProof) -> None:
    """Gives a browser the cookie of a proof, until it is closed and for two hours at the most."""
    response.set_cookie(
        settings.PROOF_COOKIE_NAME, Signer(salt=_SALT).sign(str(proof.pk)), path="/",
        max_age=PROVED_FOR, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax",
    )  # fmt: skip


def forget(request: Any, response: HttpResponse) -> None:
    """Ends this browser's proof, a copied cookie's too."""
    proof = _proof_of(request)
    if proof is not None:
        AddressProof.objects.filter(pk=proof.pk).update(ended_at=timezone.now())
        request._storied_proof = None
    response.delete_cookie(settings.PROOF_COOKIE_NAME, path="/", samesite="Lax")


def _proof_of(request: Any) -> AddressProof | None:
    if not hasattr(request, "_storied_proof"):
        request._storied_proof = _stored(request.COOKIES.get(settings.PROOF_COOKIE_NAME, ""))
    return request._storied_proof


def _stored(cookie: str) -> AddressProof | None:
    try:
        number = int(Signer(salt=_SALT).unsign(cookie))
    except (BadSignature, ValueError):
        return None
    lately = timezone.now() - PROVED_FOR
    return AddressProof.objects.filter(pk=number, proved_at__gt=lately, ended_at=None).first()
