"""The owner's desk for the next version of the guidelines: write, look at it, publish."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from comments.exceptions import CommentsError
from comments.guideline_forms import GuidelineClauseForms, GuidelineDraftForm, GuidelineTextForm, PublishGuidelinesForm
from comments.guidelines import Clause, current, drafts, source
from comments.guidelines.drafts import DraftChanged, Words
from comments.models import GuidelineDraft
from comments.viewers import Viewer
from storied.text import whole_number

from .pages import owners_only, refused


@owners_only
def draft(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The draft clause by clause; before there is one, the way to begin it."""
    present = drafts.the_draft()
    if request.method == "POST":
        general, clauses = GuidelineDraftForm(request.POST), GuidelineClauseForms(request.POST, prefix="clause")
        if not (general.is_valid() and clauses.is_valid()):
            return _form(request, present, general, clauses, status=422)
        words = _words(general, drafts.with_keys(_sent_clauses(clauses, request.POST.getlist("back"))))
        return _keep(request, viewer, words, general, lambda: _form(request, present, general, clauses, status=422))
    if present is None:
        return _begin_page(request)
    return _form(request, present, *_forms_of(present))


@owners_only
def text(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The draft as one Markdown text."""
    present = drafts.the_draft()
    if request.method == "POST":
        form = GuidelineTextForm(request.POST)
        if not form.is_valid():
            return _text_form(request, present, form, status=422)
        introduction, clauses = source.read(form.cleaned_data["text"])
        words = _words(form, drafts.with_keys(clauses), introduction)
        return _keep(request, viewer, words, form, lambda: _text_form(request, present, form, status=422))
    if present is None:
        return redirect("guidelines:next")
    words = drafts.words_of(present)
    start = {"text": source.write(words.introduction, words.clauses), **_general_start(present)}
    return _text_form(request, present, GuidelineTextForm(initial=start))


@require_POST
@owners_only
def begin(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """A draft from what is in force, or the one that somebody has begun."""
    drafts.begin(viewer.user)
    return redirect("guidelines:next")


@require_safe
@owners_only
def preview(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """The draft as readers would see it, and how it differs from what is in force."""
    present = drafts.the_draft()
    return redirect("guidelines:next") if present is None else _preview(request, present)


@require_POST
@owners_only
def publish(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Puts the draft in force, as it was read, once the owner has typed so."""
    present = drafts.the_draft()
    form = PublishGuidelinesForm(request.POST, number=whole_number(request.POST.get("number"), digits=9) or 0)
    try:
        if form.is_valid():
            seen, expected = form.cleaned_data["revision"], form.cleaned_data["number"]
            version = drafts.publish_draft(seen=seen, expected=expected, by=viewer.user)
            messages.success(request, f"Version {version.number} is in force.")
            return redirect("guidelines:current")
    except CommentsError as refusal:
        if present is None:
            return refused(request, refusal)
        return _preview(request, drafts.the_draft() or present, refusal=refusal)
    if present is None:
        return redirect("guidelines:next")
    return _preview(request, present, form)


@require_POST
@owners_only
def discard(request: HttpRequest, viewer: Viewer) -> HttpResponse:
    """Gives the draft up."""
    drafts.discard(seen=whole_number(request.POST.get("revision"), digits=9) or 0, by=viewer.user)
    messages.success(request, "The draft is gone. What is in force stays as it is.")
    return redirect("guidelines:current" if current() else "guidelines:next")


# --- Saving --------------------------------------------------------------------------------------------------


def _keep(
    request: HttpRequest, viewer: Viewer, words: Words, form: GuidelineDraftForm, again: Callable[[], HttpResponse]
) -> HttpResponse:
    """Saves what was sent; the form again, with all that was typed, where it cannot be saved or somebody was first."""
    wrong = drafts.what_is_wrong(words)
    if wrong:
        for problem in wrong:
            form.add_error(None, problem)
        return again()
    try:
        drafts.save(words, seen=form.cleaned_data["revision"], by=viewer.user)
    except DraftChanged as refusal:
        return _both_wordings(request, words, refusal)
    if request.POST.get("then") == "preview":
        return redirect("guidelines:preview")
    messages.success(request, "Saved. Nobody but you can read it before it is published.")
    return redirect(request.path)


def _both_wordings(request: HttpRequest, words: Words, refusal: DraftChanged) -> HttpResponse:
    """Somebody has saved meanwhile: what was typed is kept in the form, and beside it how theirs differs."""
    theirs = refusal.draft
    mine = GuidelineDraft(
        introduction=words.introduction, summary_of_change=words.summary_of_change, is_material=words.is_material,
        clauses=[vars(clause) for clause in words.clauses], revision=theirs.revision if theirs else 0,
    )  # fmt: skip
    context = {
        "refusal": refusal,
        "theirs": theirs,
        "difference": drafts.difference_of(drafts.words_of(theirs), words) if theirs else None,
    }
    if request.path.endswith("/text/"):
        start = {"text": source.write(words.introduction, words.clauses), **_general_start(mine)}
        return _text_form(request, mine, GuidelineTextForm(initial=start), status=409, **context)
    return _form(request, mine, *_forms_of(mine), status=409, **context)


def _words(form: GuidelineDraftForm, clauses: list[Clause], introduction: str | None = None) -> Words:
    said = form.cleaned_data
    if introduction is None:
        introduction = said["introduction"]
    return Words(introduction, tuple(clauses), said["summary_of_change"], said["is_material"])


def _sent_clauses(forms: Any, back: list[str]) -> list[Clause]:
    """The clauses in the order of their numbers, without those that were removed or never filled in."""
    rows = []
    for place, form in enumerate(forms.forms, start=1):
        said = form.cleaned_data
        if not said or said["remove"] or not any(said[name].strip() for name in ("title", "short_point", "body")):
            continue
        clause = Clause(said["key"].strip(), said["title"], said["short_point"], said["body"])
        rows.append((place, said["number"] or place, clause))
    present = current()
    for clause in present.clauses.all() if present else ():
        if clause.key in back and all(clause.key != other.key for _old, _new, other in rows):
            words = Clause(clause.key, clause.title, clause.short_point, clause.body)
            rows.append((1_000 + clause.number, clause.number, words))
    return drafts.in_order(rows)


# --- Pages ---------------------------------------------------------------------------------------------------


def _begin_page(request: HttpRequest) -> HttpResponse:
    return render(request, "guidelines/begin.html", {"version": current(), "number": drafts.next_number()})


def _general_start(draft: GuidelineDraft) -> dict[str, Any]:
    return {
        "introduction": draft.introduction, "summary_of_change": draft.summary_of_change,
        "is_material": "yes" if draft.is_material else "no", "revision": draft.revision,
    }  # fmt: skip


def _forms_of(draft: GuidelineDraft) -> tuple[GuidelineDraftForm, Any]:
    clauses = [{"number": number, **clause} for number, clause in enumerate(draft.clauses, start=1)]
    return GuidelineDraftForm(initial=_general_start(draft)), GuidelineClauseForms(initial=clauses, prefix="clause")


def _form(
    request: HttpRequest, present: GuidelineDraft | None, form: GuidelineDraftForm, clauses: Any, *, status: int = 200,
    **context: Any,
) -> HttpResponse:  # fmt: skip
    version = current()
    return render(
        request,
        "guidelines/draft.html",
        {
            "form": form,
            "clauses": clauses,
            "draft": present,
            "version": version,
            "number": drafts.next_number(),
            "fixed_keys": {clause.key for clause in version.clauses.all()} if version else set(),
            "left_out": drafts.left_out(drafts.words_of(present)) if present else [],
            **context,
        },
        status=status,
    )


def _text_form(
    request: HttpRequest, present: GuidelineDraft | None, form: GuidelineTextForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"form": form, "draft": present, "version": current(), "number": drafts.next_number()}
    return render(request, "guidelines/draft_text.html", context, status=status)


def _preview(
    request: HttpRequest,
    present: GuidelineDraft,
    form: PublishGuidelinesForm | None = None,
    refusal: CommentsError | None = None,
) -> HttpResponse:
    words, number = drafts.words_of(present), drafts.next_number()
    difference = drafts.difference(words)
    context = {
        "draft": present,
        "version": current(),
        "number": number,
        "next": drafts.as_version(words),
        "clauses": drafts.as_clauses(words.clauses),
        "difference": difference,
        "problems": drafts.problems(present),
        "adds_or_removes": any(change.kind in {"new", "removed"} for change in difference.told),
        "form": form or PublishGuidelinesForm(initial={"revision": present.revision, "number": number}, number=number),
        "refusal": refusal,
    }
    status = refusal.http_status if refusal else 422 if form and form.errors else 200
    return render(request, "guidelines/preview.html", context, status=status)
