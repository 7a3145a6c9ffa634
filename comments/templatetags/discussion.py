"""Lets pages of articles show their discussion without knowing it."""

import time
from typing import Any

from django import template
from django.conf import settings
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string

from comments import discussion as discussions
from comments import guidelines, typesetting
from comments.forms import blank_comment_form
from comments.models import Comment, Discussion
from comments.spam import stamps
from comments.viewers import NOBODY, viewer_of
from posts.rendering import beginning as plain_beginning
from storied.front import SITE, Memo, frames, is_for_everybody, not_beyond

register = template.Library()


@register.simple_tag(takes_context=True)
def discussion(context: dict[str, Any], post: Any) -> str:
    """The discussion of a post with its form. Http404 for a page of it that does not exist."""
    request = context["request"]
    # In a page for everybody only this part is made anew when somebody has written.
    return frames.leave(request, lambda asked: _discussion(asked, post)) or _discussion(request, post)


def _discussion(request: HttpRequest, post: Any) -> str:
    everybody = is_for_everybody(request)
    page = discussions.load(
        post, NOBODY if everybody else viewer_of(request), _number(request.GET.get("comments", "1"))
    )
    if page is None:
        raise Http404("The discussion has no such page.")
    not_beyond(request, page.discussion.closes_at(page.rules))
    parent = _parent(request.GET.get("replytocom", ""), post)
    if everybody and parent is None:
        hour = int(time.time() // 3600)
        respond = _forms.get(
            (post.pk, page.why_closed, hour), (SITE,), lambda: _respond(request, page, None, for_everybody=True)
        )
    else:
        respond = _respond(request, page, parent, for_everybody=False)
    return typesetting.discussion_html(page, respond)


_forms = Memo(most=500)


def _respond(request: HttpRequest, page: discussions.Page, parent: Comment | None, *, for_everybody: bool) -> str:
    """The place to answer: the form, or why there is none."""
    version = guidelines.current()
    stamp = stamps.new_stamp(page.post.pk, of_this_hour=for_everybody)
    form = blank_comment_form(page.viewer, page.rules, version, stamp, parent.pk if parent else None)
    context = {
        "post": page.post,
        "viewer": page.viewer,
        "rules": page.rules,
        "why_closed": page.why_closed,
        "version": version,
        "parent": parent,
        "form": form,
        "sentence": guidelines.SENTENCE,
        # Readers without a session get no token, and with it no cookie: see storied/csrf.py.
        "with_token": settings.SESSION_COOKIE_NAME in request.COOKIES,
    }
    return render_to_string("comments/_respond.html", context, request)


@register.simple_tag
def response_counts(posts: list[Any]) -> dict[int, int]:
    """How many responses each of these posts has: one query for a whole list."""
    rows = Discussion.objects.filter(post__in=[post.pk for post in posts])
    counts = {row.pk: row.response_count for row in rows}
    return {post.pk: counts.get(post.pk, 0) for post in posts}


@register.filter
def of(counts: dict[int, int], post: Any) -> int:
    """A post's number in `response_counts`."""
    return counts.get(post.pk, 0)


@register.filter
def initial_of(name: str) -> str:
    """The round letter that stands for a person."""
    return typesetting.initial_html(name)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _parent(text: str, post: Any) -> Comment | None:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        return None
    return Comment.objects.filter(pk=int(text), post=post).approved().comments().first()


@register.filter
def words(written: Any) -> str:
    """The text of a comment, article or clause: the stored HTML, which was cleaned when it was stored."""
    return typesetting.words_html(written)


@register.filter
def beginning(comment: Comment) -> str:
    """The first words of a comment, as plain text."""
    return plain_beginning(comment.body_html, 140)


@register.filter
def reason_words(code: str) -> str:
    """Why a comment was held, in a moderator's words."""
    return REASON_WORDS.get(code, code.replace("_", " "))


# What a moderator reads on a card.
REASON_WORDS = {
    "newcomer": "First comment of somebody new",
    "hold_everything": "Everything is held at the moment",
    "links": "Many links",
    "watched_word": "A watched word",
    "spam_word": "A spam word",
    "honeypot": "The hidden field was filled in",
    "too_fast": "Submitted very fast",
    "always_held": "This person is always held",
    "edited": "Edited after it was published",
    "flagged": "Reported by readers",
    "imported": "Imported as waiting",
}
