"""Writing: the form's target, with preview; one's own comment, edit, withdraw."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from comments import care, guidelines, moderation, permissions, private_links, status, submission, typesetting, unsent
from comments.decision_forms import AppealForm
from comments.exceptions import CommentsError
from comments.forms import CommentForm, DraftForm, EditForm, filled_comment_form
from comments.models import Alias, Comment, GuidelineVersion, HouseRules, UnsentText
from comments.submission import Draft, ParentGone
from comments.viewers import Viewer, as_known_guest, forget_guest, remember_guest, viewer_of
from posts.models import Post
from storied import rows
from storied.csrf import guests_may_post
from storied.network import network_key
from storied.text import whole_number
from storied.turns import alone_in_its_process

from . import own_page
from .pages import place_of, private, way_to, with_retry_after

WITHOUT_PROOF = CommentsError(
    "Your browser did not say which page this form comes from, so please check your text and submit it once more.",
    code="csrf",
)
WITHOUT_PROOF.http_status = 403


def ask_again(request: HttpRequest, post_pk: int) -> HttpResponse:
    """The form once more, with the text and a token: the browser gave no proof of where the form came from."""
    post = get_object_or_404(Post.objects.readable_by(request.user), pk=post_pk)
    return _form_again(request, post, _Given(request, post), WITHOUT_PROOF, keeps=False)


@require_POST
@guests_may_post(refused=ask_again)
@alone_in_its_process
def submit(request: HttpRequest, post_pk: int) -> HttpResponse:
    """Takes a comment in, or shows the form again with what was typed and what is wrong with it."""
    post = rows.first(Post, "id = %s", [post_pk], without=("body", "body_html"))
    if post is None or not post.is_readable_by(request.user):
        raise Http404("There is no such article.")
    given = _Given(request, post)
    form = given.form
    if not form.is_valid() or "preview" in request.POST:
        return _form_again(request, post, given, preview="preview" in request.POST)
    viewer, browser_id = (given.viewer, "") if given.viewer.is_member else as_known_guest(request)
    try:
        comment = submission.submit(given.draft(viewer))
    except CommentsError as refusal:
        return _form_again(request, post, given, refusal)
    if comment.is_approved and not care.has_help_for_writer_of(comment):
        messages.success(request, "Thank you. Your comment is published.") if given.viewer.is_member else None
        response = redirect(way_to(comment))
    else:
        response = redirect(private_links.link_to(comment.pk))
    if browser_id:
        remember_guest(response, browser_id, for_a_year=bool(form.cleaned_data.get("remember")))
    return private(response)


@require_POST
@guests_may_post(refused=ask_again)
def preview(request: HttpRequest, post_pk: int) -> HttpResponse:
    """The HTML that a text will have, for the page's script."""
    get_object_or_404(Post.objects.readable_by(request.user), pk=post_pk)
    form = CommentForm(request.POST, rules=HouseRules.current(), is_member=True)
    form.fields["body"].max_length = HouseRules.current().longest
    form.is_valid()
    body = form.cleaned_data.get("body", "")[: HouseRules.current().longest]
    return private(JsonResponse({"html": typesetting.preview_html(body)}))


class _Given:
    """What came with a submit, and around it."""

    def __init__(self, request: HttpRequest, post: Post) -> None:
        self.request, self.post = request, post
        self.viewer = viewer_of(request)
        self.rules = HouseRules.current()
        # Asked for only where somebody says that they use another name, or are about to.
        asks = self.viewer.is_member and (request.POST.get("sign") or request.POST.get("alias"))
        alias = Alias.objects.name_of(self.viewer.user, post.pk) if asks else ""
        self.form = CommentForm(request.POST, rules=self.rules, is_member=self.viewer.is_member, own_alias=alias)

    def draft(self, viewer: Viewer) -> Draft:
        said = self.form.cleaned_data
        by_checkbox = self.rules.agree_by_checkbox
        return Draft(
            post=self.post, viewer=viewer, body=said["body"], parent_id=said["parent"], name=said.get("name", ""),
            email=said.get("email", ""), url=said.get("url", ""), network=network_key(self.request),
            guidelines_version=said["guidelines_version"], changes_seen=said["changes_seen"],
            agreed=said.get("agree", True),
            sentence=guidelines.CHECKBOX_SENTENCE if by_checkbox else guidelines.SENTENCE,
            honeypot=said["homepage"], stamp=said["stamp"], replies_by_mail=said.get("replies_by_mail", False),
            alias=self.form.signed_with(), built_on=said.get("draft"), page=said.get("page", ""),
        )  # fmt: skip


def _form_again(
    request: HttpRequest,
    post: Post,
    given: _Given,
    refusal: CommentsError | None = None,
    *,
    preview: bool = False,
    keeps: bool = True,
) -> HttpResponse:
    """The form with everything typed. The version of the guidelines beside it is the present one from now on.

    `keeps`: a member has sent it, so what they typed is kept for them until it is taken in.
    """
    version = guidelines.current()
    owed = guidelines.owed(
        whole_number(request.POST.get("guidelines_version")),
        given.viewer,
        whole_number(request.POST.get("changes_seen")),
    )
    typed = request.POST.copy()
    if isinstance(refusal, ParentGone):
        # As the refusal says: submitted again, it is a comment of its own.
        typed["parent"] = ""
    elsewhere = _keep(given, typed) if keeps and given.viewer.is_member else None
    alias = Alias.objects.name_of(given.viewer.user, post.pk) if given.viewer.is_member else ""
    form = filled_comment_form(
        typed, post, given.viewer, given.rules, version, changes_are_shown=owed is not None, alias=alias
    )
    form.is_valid()
    if refusal is not None and refusal.field in form.fields:
        form.add_error(refusal.field, refusal.message)
    body = form.cleaned_data.get("body", "") if preview and len(form.errors) == 0 else ""
    context: dict[str, Any] = {
        "post": post, "form": form, "rules": given.rules, "viewer": given.viewer, "refusal": refusal,
        "parent": _parent(typed, post), "version": version, "sentence": guidelines.SENTENCE, "with_token": True,
        "preview_html": typesetting.preview_html(body[: given.rules.longest]) if body else "",
        "owed": owed, "elsewhere": elsewhere,
    }  # fmt: skip
    code = refusal.http_status if refusal else 422 if form.errors else 200
    response = render(request, "comments/compose.html", context, status=code)
    return private(with_retry_after(response, refusal) if refusal else response)


def _keep(given: _Given, typed: QueryDict) -> UnsentText | None:
    """Keeps what a member has typed, and marks the form with it; what another device has saved since, if it has."""
    said = DraftForm(typed)
    said.is_valid()
    body, known = said.cleaned_data.get("body", ""), said.cleaned_data.get("draft")
    for _ in range(2):
        try:
            saved_at = unsent.save(
                given.viewer.user, given.post, body, parent_id=said.cleaned_data.get("parent"), known=known,
                page=said.cleaned_data.get("page", ""),
            )  # fmt: skip
            typed["draft"] = saved_at.isoformat()
            return None
        except unsent.SavedElsewhere as elsewhere:
            if elsewhere.there is not None:
                typed["draft"] = elsewhere.there.mark
                return elsewhere.there
            known = None  # what it was built on was sent or discarded; this was not
        except CommentsError:
            return None  # it is in the form, and not lost
    return None


def _parent(typed: QueryDict, post: Post) -> Comment | None:
    number = whole_number(typed.get("parent"))
    return Comment.objects.filter(pk=number, post=post).approved().first() if number is not None else None


# --- One's own comment ------------------------------------------------------------------------------------


@require_safe
@own_page.with_own_comment
def own(request: HttpRequest, comment: Comment, viewer: Viewer, address: str, *, by_link: bool) -> HttpResponse:
    """Where one's comment is: published, or waiting and why; with edit and withdraw."""
    rules = HouseRules.current()
    context = {
        "comment": comment,
        "rules": rules,
        "private_link": request.build_absolute_uri(private_links.link_to(comment.pk)),
        "address": address,
        **own_page.context_of(comment, viewer, rules, by_link=by_link),
    }
    return render(request, "comments/own.html", context)


@own_page.with_own_comment
def appeal(request: HttpRequest, comment: Comment, viewer: Viewer, address: str, *, by_link: bool) -> HttpResponse:
    """Asks for a second look at a decision on one's own comment."""
    decision = status.refusal_of(comment)
    rules = HouseRules.current()
    permissions.ensure(permissions.why_not_appeal(viewer, comment, rules, decision, by_link=by_link))
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        moderation.appeal(comment, viewer, form.cleaned_data["words"], by_link=by_link)
        return redirect(address)
    context = {"form": form, "comment": comment, "decision": decision, "rules": rules, "address": address}
    return render(request, "comments/appeal.html", context, status=422 if form.errors else 200)


@own_page.with_own_comment
def edit(request: HttpRequest, comment: Comment, viewer: Viewer, address: str, *, by_link: bool) -> HttpResponse:
    """New words for one's own comment."""
    rules, version = HouseRules.current(), guidelines.current()
    permissions.ensure(permissions.why_not_edit(viewer, comment, rules, by_link=by_link))
    start = {"body": comment.body, "revision": comment.revision, "guidelines_version": version and version.number}
    form = EditForm(request.POST or None, initial=start, rules=rules)
    said: dict[str, Any] = {"form": form, "rules": rules, "version": version, "address": address}
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            said["preview_html"] = typesetting.preview_html(form.cleaned_data["body"][: rules.longest])
            return _edit_page(request, comment, said)
        draft = _draft_of(comment, viewer, form, rules, network_key(request))
        try:
            changed = submission.edit(comment, draft, seen_revision=form.cleaned_data["revision"], by_link=by_link)
        except CommentsError as refusal:
            return _edit_page(request, comment, {**said, "owed": _owed_by(form, draft, version)}, refusal)
        is_for_all = changed.is_approved and not care.has_help_for_writer_of(changed)
        return redirect(place_of(changed) if is_for_all else address)
    return _edit_page(request, comment, said)


def _owed_by(form: EditForm, draft: Draft, version: GuidelineVersion | None) -> Any:
    """What has changed in the guidelines since the form was opened; it stands beside the present ones from now on."""
    owed = guidelines.owed(draft.guidelines_version, draft.viewer, draft.changes_seen)
    fresh = form.data.copy()
    fresh["guidelines_version"] = str(version.number) if version else ""
    if version and owed:
        fresh["changes_seen"] = str(version.number)
    form.data = fresh
    return owed


def _edit_page(
    request: HttpRequest, comment: Comment, said: dict[str, Any], refusal: CommentsError | None = None
) -> HttpResponse:
    form = said["form"]
    if refusal is not None and refusal.field in form.fields:
        form.add_error(refusal.field, refusal.message)
    context = {
        "comment": comment, "post": comment.post, "refusal": refusal, "sentence": guidelines.SENTENCE, **said,
        **own_page.words_of(status.refusal_of(comment)),
    }  # fmt: skip
    code = refusal.http_status if refusal else 422 if form.errors else 200
    return render(request, "comments/edit.html", context, status=code)


@require_POST
@own_page.with_own_comment
def withdraw(request: HttpRequest, comment: Comment, viewer: Viewer, address: str, *, by_link: bool) -> HttpResponse:
    """Takes one's own comment back."""
    submission.withdraw(comment, viewer, by_link=by_link)
    return redirect(address)


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """This browser is no longer recognised as the one that wrote."""
    response = redirect("posts:home")
    forget_guest(response)
    return private(response)


def _draft_of(comment: Comment, viewer: Viewer, form: EditForm, rules: Any, network: str) -> Draft:
    said = form.cleaned_data
    # By a private link one writes as the comment's author, whoever is logged in in this browser.
    writer = viewer if viewer.wrote(comment) else Viewer(guest_key=comment.guest_key)
    if comment.author is not None:
        writer = Viewer(comment.author)
    return Draft(
        post=comment.post, viewer=writer, body=said["body"], parent_id=comment.parent_id, name=comment.author_name,
        alias="" if comment.is_signed_by_name else comment.author_name,
        email=comment.author_email, url=comment.author_url, network=network,
        guidelines_version=said["guidelines_version"], changes_seen=said["changes_seen"],
        agreed=said.get("agree", True),
        sentence=guidelines.CHECKBOX_SENTENCE if rules.agree_by_checkbox else guidelines.SENTENCE,
    )  # fmt: skip
