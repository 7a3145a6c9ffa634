"""Mail: saying yes to it, what one wants of it, and ending it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments.mail_forms import FollowForm, MailPreferencesForm
from comments.models import Comment, MailPreferences, Notification, Subscription
from comments.notifications import (
    Recipient,
    change_preferences,
    is_on_call,
    preferences_as_read,
    preferences_of,
    subscriptions,
    try_again,
    why_no_mail,
)  # fmt: skip
from comments.viewers import Viewer, viewer_of
from posts.models import Post
from storied.csrf import guests_may_post
from storied.network import network_key
from storied.text import whole_number

from .pages import owners_only, private

_ASK_OR_DO = require_http_methods(["GET", "HEAD", "POST"])
# What `end_kind` may end, and how the page names it.
_KINDS = {
    "replies": "mail about replies to you",
    "follows": "mail about what you follow",
    "decisions": "mail about decisions on your comments",
    "posts": "mail about new articles",
    "alerts": "mail about what waits for a moderator",
    "care": "mail about somebody who may be in danger",
    "hourly": "mail that comes once an hour",
    "daily": "mail that comes once a day",
    "weekly": "mail that comes once a week",
    "all": "all mail from this site",
}


@_ASK_OR_DO
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a first mail: asks once more, since mail scanners follow links, and then keeps the yes."""
    wish = subscriptions.asked_by(token)
    if wish is None:
        return private(render(request, "notifications/expired.html", status=404))
    if request.method == "POST" and wish.confirmed_at is None:
        subscriptions.confirm(wish)
    context = {"wish": wish, "preferences": _wishes_of(request, Recipient(wish.user_id, wish.email))}
    name = "notifications/confirm.html" if wish.confirmed_at is None else "notifications/confirmed.html"
    return private(render(request, name, context))


@_ASK_OR_DO
@csrf_exempt
def end(request: HttpRequest, token: str) -> HttpResponse:
    """Ends one wish: by a mail program's single POST (RFC 8058), or by a person's click on a button."""
    wish = get_object_or_404(Subscription.objects.select_related("post", "comment"), token=token)
    if request.method == "POST":
        subscriptions.end(wish, "unsubscribed")
    context = {"ended": wish.ended_at is not None, "wish": wish, "preferences": _wishes_of(request, _of(wish))}
    return private(render(request, "notifications/end.html", context))


@_ASK_OR_DO
@csrf_exempt
def end_kind(request: HttpRequest, token: str, kind: str) -> HttpResponse:
    """Ends one kind of mail, what comes together, or all of it, for one person; the same single POST does it."""
    preferences = get_object_or_404(MailPreferences, token=token)
    if kind not in _KINDS:
        raise Http404("There is no such kind of mail.")
    ends_care = kind == "all" or "care" in preferences.wishes_named(kind)
    if request.method == "POST":
        subscriptions.end_kind(preferences, kind)
    ended = (
        preferences.stopped_at is not None
        if kind == "all"
        else all(getattr(preferences, name) == "never" for name in preferences.wishes_named(kind))
    )
    context = {"ended": ended, "what": _KINDS[kind], "preferences": preferences}
    context["ends_care"] = ends_care and is_on_call(preferences)
    return private(render(request, "notifications/end.html", context))


@_ASK_OR_DO
def mute(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """No more mail about the thread that this comment stands in."""
    preferences = get_object_or_404(MailPreferences, token=token)
    comment = get_object_or_404(Comment.objects.approved().on_published_posts().select_related("post"), pk=pk)
    muted = Subscription.objects.standing().filter(
        who=preferences.who, about=subscriptions.about_thread(comment.tree_id), scope="muted"
    )
    if request.method == "POST":
        subscriptions.mute_thread(comment, _of(preferences))
    context = {
        "ended": muted.exists(), "what": f"mail about this thread below “{comment.post}”", "preferences": preferences
    }  # fmt: skip
    return private(render(request, "notifications/end.html", context))


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """A member's mail."""
    mine = _wishes_of(request, Recipient(request.user.pk))
    return _preferences(request, mine, reverse("notifications:preferences"))


@_ASK_OR_DO
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """The same for whoever comes from a mail: a guest, or a member who is not logged in."""
    return _preferences(request, get_object_or_404(MailPreferences, token=token), request.path)


def _preferences(request: HttpRequest, preferences: MailPreferences, address: str) -> HttpResponse:
    form = MailPreferencesForm(
        request.POST if "save" in request.POST else None,
        preferences=preferences,
        moderates=_moderates(preferences),
        cares=preferences.user is not None and preferences.user.is_moderator,
    )
    if request.method == "POST" and _act(request, preferences, form):
        return private(redirect(address))
    wishes = Subscription.objects.standing().filter(who=preferences.who).select_related("post", "comment")
    context = {
        "form": form, "preferences": preferences, "wishes": wishes.order_by("-asked_at")[:200], "address": address,
        "masked": _masked(preferences.email), "by_link": address != reverse("notifications:preferences"),
        "is_on_call": is_on_call(preferences), "why_no_care": why_no_mail(preferences, "care"),
    }  # fmt: skip
    return private(render(request, "notifications/preferences.html", context, status=422 if form.errors else 200))


def _wishes_of(request: HttpRequest, recipient: Recipient) -> MailPreferences:
    """What somebody wants; reading a page stores nothing."""
    return (preferences_of if request.method == "POST" else preferences_as_read)(recipient)


def _act(request: HttpRequest, preferences: MailPreferences, form: MailPreferencesForm) -> bool:
    """Does what the page's button asks for; whether there is anything to go on to."""
    if "save" in request.POST:
        if not form.is_valid():
            return False
        change_preferences(preferences, **form.cleaned_data)
        messages.success(request, "Saved.")
    elif "stop" in request.POST:
        subscriptions.stop_all(preferences, "asked")
    elif "start" in request.POST:
        subscriptions.start_again(preferences)
    elif (number := whole_number(request.POST.get("end"))) is not None:
        mine = Subscription.objects.filter(who=preferences.who)
        subscriptions.end(get_object_or_404(mine, pk=number), "unsubscribed")
        messages.success(request, "Ended.")
    return True


def _moderates(preferences: MailPreferences) -> bool:
    user = preferences.user
    return user is not None and (user.is_moderator or Post.objects.filter(author=user).exists())


def _masked(email: str) -> str:
    name, at, host = email.partition("@")
    return f"{name[:1]}…{at}{host}" if at else ""


def _of(row: Any) -> Recipient:
    return Recipient(row.user_id, row.email)


# --- Following -------------------------------------------------------------------------------------------------


def _ask_again(request: HttpRequest, **_names: Any) -> HttpResponse:
    """The browser gave no proof of where the form came from: the same page, with a token."""
    return _follow_page(request, FollowForm(request.POST, is_member=False), "", None, with_token=True, status=403)


@_ASK_OR_DO
@guests_may_post(refused=_ask_again)
def follow_article(request: HttpRequest, post_pk: int) -> HttpResponse:
    """Mail about every comment below an article, without writing one."""
    post = get_object_or_404(Post.objects.readable_by(request.user).defer("body", "body_html"), pk=post_pk)
    return _follow(
        request, f"the discussion of “{post}”", post,
        lambda who, network: subscriptions.follow_article(post, who, network),
    )  # fmt: skip


@_ASK_OR_DO
@guests_may_post(refused=_ask_again)
def follow_thread(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail about every comment in one thread."""
    visible = Comment.objects.visible_to(viewer_of(request)).select_related("post")
    comment = get_object_or_404(visible.filter(status=Comment.Status.APPROVED), pk=pk)
    return _follow(
        request, f"the thread with {comment.author_name}’s comment below “{comment.post}”", comment,
        lambda who, network: subscriptions.follow_thread(comment, who, network),
    )  # fmt: skip


@_ASK_OR_DO
@guests_may_post(refused=_ask_again)
def follow_posts(request: HttpRequest) -> HttpResponse:
    """Mail about every new article."""
    return _follow(request, "new articles", None, subscriptions.follow_posts)


def _follow(request: HttpRequest, what: str, place: Any, follow: Any) -> HttpResponse:
    viewer = viewer_of(request)
    form = FollowForm(request.POST or None, is_member=viewer.is_member)
    if request.method == "POST" and form.is_valid():
        # Robots fill in what people do not see; they get the same answer.
        if not form.cleaned_data["homepage"]:
            follow(_who(viewer, form), network_key(request))
        context = {"what": what, "place": place, "is_member": viewer.is_member}
        return private(render(request, "notifications/followed.html", context))
    return _follow_page(request, form, what, place, status=422 if form.errors else 200)


def _follow_page(
    request: HttpRequest, form: FollowForm, what: str, place: Any, *, status: int, with_token: bool = False
) -> HttpResponse:
    context = {
        "form": form, "what": what, "place": place, "viewer": viewer_of(request),
        "with_token": with_token or request.user.is_authenticated,
    }  # fmt: skip
    return private(render(request, "notifications/follow.html", context, status=status))


def _who(viewer: Viewer, form: FollowForm) -> Recipient:
    if viewer.is_member:
        return Recipient(viewer.user.pk)
    return Recipient(email=form.cleaned_data["email"], guest_key=viewer.guest_key)


# --- For the owner ---------------------------------------------------------------------------------------------


@owners_only
def outbox(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """What is owed, what failed and why; addresses are not shown."""
    failed = Notification.objects.filter(state=Notification.State.FAILED)
    if request.method == "POST":
        tried = try_again(failed)
        messages.success(request, f"{tried} {'mail is' if tried == 1 else 'mails are'} tried once more.")
        return redirect("moderation:mail")
    numbers = dict(Notification.objects.values_list("state").annotate(number=Count("pk")).order_by())
    waiting = Notification.objects.owed().exclude(why="").order_by("due_at")
    context = {
        "states": [(label, numbers.get(state, 0)) for state, label in Notification.State.choices],
        "oldest": Notification.objects.owed().order_by("due_at").first(),
        "failed": Paginator(failed.order_by("-ended_at"), 50).get_page(request.GET.get("page")),
        "waiting": waiting[:50],
    }
    return render(request, "moderation/mail.html", context)
