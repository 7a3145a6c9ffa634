"""What a member has not sent yet: kept by their page's script while they write, and discarded with or without it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from comments import unsent
from comments.exceptions import CommentsError, NotAllowed
from comments.forms import DraftForm
from comments.viewers import Viewer
from posts.models import Post
from storied import rows
from storied.text import is_blank

from .pages import members_only, private, refused, with_retry_after

MARK = "Draft-Mark"  # the header that says which state of the text this answer is about


@require_POST
@members_only
def draft(request: HttpRequest, viewer: Viewer, post_pk: int) -> HttpResponse:
    """Keeps what a member has typed; a blank text, or `discard`, forgets it."""
    post = rows.first(Post, "id = %s", [post_pk], without=("body", "body_html"))
    is_readable = post is not None and post.is_readable_by(viewer.user)
    form = DraftForm(request.POST)
    form.is_valid()
    body, known = form.cleaned_data.get("body", ""), form.cleaned_data.get("draft")
    mark = ""
    try:
        if "discard" in request.POST or is_blank(body):
            _discard(viewer.user, post_pk, known)
        elif not is_readable:
            raise NotAllowed("This article cannot be read at the moment.")
        else:
            said = form.cleaned_data
            saved_at = unsent.save(
                viewer.user, post, body, parent_id=said.get("parent"), known=known, page=said.get("page", "")
            )  # fmt: skip
            mark = saved_at.isoformat()
    except CommentsError as refusal:
        return private(_refused(request, refusal))
    if request.headers.get("Accept") == "application/json":
        return private(HttpResponse(status=204, headers={MARK: mark}))
    if request.POST.get("discard") != "here" or not is_readable:
        return redirect("comments:own_comments")
    return redirect(f"{post.get_absolute_url()}#respond")


def _discard(member: Any, post_pk: int, known: Any) -> None:
    """Only what this page knew: another device may have saved more since."""
    if known is not None and not unsent.discard(member, post_pk, known=known):
        there = rows.first(*unsent.asked_for(member, post_pk))
        if there is not None:
            raise unsent.SavedElsewhere(there)


def _refused(request: HttpRequest, refusal: CommentsError) -> HttpResponse:
    if request.headers.get("Accept") != "application/json":
        return refused(request, refusal)
    said = {"message": refusal.message}
    if isinstance(refusal, unsent.SavedElsewhere):
        there = refusal.there
        said |= {"body": there.body, "parent": there.parent_id, "draft": there.mark} if there else {"body": ""}
    return with_retry_after(JsonResponse(said, status=refusal.http_status), refusal)
