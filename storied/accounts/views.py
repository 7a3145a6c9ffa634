"""Pages about oneself."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from . import doors
from .forms import ProfileForm
from .models import User


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    """What one says about oneself."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and _is_kept(form):
        is_renamed = "display_name" in form.changed_data
        messages.success(request, "Saved. Your new comments will carry this name." if is_renamed else "Saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def _is_kept(form: ProfileForm) -> bool:
    User.objects.wait_for_name(form.data.get("display_name", ""))
    if not form.is_valid():
        return False
    form.save()
    return True


@require_safe
@login_required
def authenticator_code(request: HttpRequest) -> HttpResponse:
    """The secret that the page beside it is setting up, as a picture for an authenticator app.

    A file of this site's own, since the Content Security Policy lets no picture stand inside a page.
    """
    secret = request.session.get(SECRET_SESSION_KEY)
    if not secret:
        raise Http404("No authenticator app is being set up.")
    adapter = get_adapter()
    picture = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(picture, content_type="image/svg+xml", headers={"Cache-Control": "private, no-store"})


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Leads whoever was invited to the form that opens an account."""
    found = doors.by_token(token)
    if request.method == "POST" and found is not None:
        doors.keep_at_hand(request, found)
        return redirect("account_signup")
    response = render(request, "accounts/invitation.html", {"invitation": found}, status=200 if found else 404)
    response["Cache-Control"] = "private, no-store"
    # The address is the key.
    response["Referrer-Policy"] = "strict-origin"
    return response
