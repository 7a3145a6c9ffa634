"""Lets pages of articles show their discussion without knowing it."""

import time
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.http import Http404, HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from comments import guidelines, shared, signatures, typesetting, unsent
from comments.discussion import Page, is_in_search
from comments.forms import blank_comment_form
from comments.models import Comment, Discussion, HouseRules
from comments.moderation.filters import REASON_WORDS
from comments.spam import stamps
from comments.viewers import NOBODY, viewer_of
from posts.rendering import beginning as plain_beginning
from storied.front import SITE, Memo, frames, has_no_session, is_for_everybody, not_beyond
from storied.text import whole_number

register = template.Library()


@register.simple_tag(takes_context=True)
def discussion(context: dict[str, Any], post: Any) -> str:
    """The discussion of a post with its form. Http404 for a page of it that does not exist."""
    request = context["request"]
    # In a page for everybody only this part is made anew when somebody has written.
    left = frames.leave(request, lambda asked: _discussion(asked, post))
    return left or typesetting.together(_discussion(request, post))


def _discussion(request: HttpRequest, post: Any) -> list[typesetting.Piece]:
    number = whole_number(request.GET.get("comments", "1"), digits=8) or 0
    if is_for_everybody(request):
        found = shared.page_for_everybody(post, number)
    else:
        found = shared.page_for(post, viewer_of(request), number)
    if found is None:
        raise Http404("The discussion has no such page.")
    page, threads = found
    not_beyond(request, page.discussion.closes_at(page.rules))
    parent = _parent(request.GET.get("replytocom", ""), post)
    if has_no_session(request) and parent is None:
        respond = _form_for_all(request, page)
    else:
        respond = _respond(request, page, parent, stamps.new_stamp(post.pk))
    news, remembering = _news(request, page)
    return typesetting.discussion_pieces(page, threads, respond, news, remembering)


def _news(request: HttpRequest, page: Page) -> tuple[str, str]:
    """What stands above a discussion on what is new in it, and below it on how that is known."""
    if page.new_here is None:
        return _news_for_all(page.post.pk)
    context = {
        "post": page.post, "here": page.new_here, "since": since_words(page.new_here.news.since), "last": page.last,
        "now": int(time.time()),
    }  # fmt: skip
    return tuple(render_to_string(name, context, request) for name in _NEWS)


_NEWS = ("comments/_news.html", "comments/_remembering.html")


@lru_cache(maxsize=500)
def _news_for_all(post_id: int) -> tuple[str, str]:
    """The same for whom only their own browser knows: empty places that a script fills."""
    return tuple(render_to_string(name, {"post": {"pk": post_id}, "nobody": signatures.NOBODY}) for name in _NEWS)


def since_words(moment: datetime | None) -> str:
    """A moment as one speaks of it: "today at 9:05 am", "Tuesday, March 3"."""
    if moment is None:
        return ""
    local, now = timezone.localtime(moment), timezone.localtime()
    if local.date() == now.date():
        return f"today at {date_format(local, 'g:i a').replace('.', '')}"
    return date_format(local, "l, F j" if local.year == now.year else "l, F j, Y")


_forms = Memo(most=500)


def _form_for_all(request: HttpRequest, page: Page) -> str:
    """The place to answer for readers without a session: the same for all, but that a guest's is stamped anew.

    The time trap bites where a form is made for one visitor.
    """
    post_id, hour = page.post.pk, int(time.time() // 3600)

    def make() -> tuple[str, str]:
        stamp = stamps.new_stamp(post_id, of_this_hour=True)
        return _respond(request, replace(page, viewer=NOBODY), None, stamp), stamp

    html, stamp = _forms.get((post_id, page.why_closed, page.discussion.slow_minutes, hour), (SITE,), make)
    return html if is_for_everybody(request) else html.replace(stamp, stamps.new_stamp(post_id))


def _respond(request: HttpRequest, page: Page, parent: Comment | None, stamp: str) -> str:
    """The place to answer: the form, or why there is none."""
    version, text = guidelines.current(), page.unsent
    # Whoever asks to answer somebody does so, with the words that they have.
    parent = parent or (unsent.answered(text) if text else None)
    form = blank_comment_form(page.viewer, page.rules, version, stamp, parent.pk if parent else None, page.alias, text)
    context = {
        "post": page.post,
        "viewer": page.viewer,
        "rules": page.rules,
        "why_closed": page.why_closed,
        "slow_minutes": page.discussion.slow_minutes,
        "version": version,
        "parent": parent,
        "form": form,
        "is_back": text is not None,
        "has_lost_its_parent": text is not None and text.is_answer and parent is None,
        "sentence": guidelines.SENTENCE,
        # Readers without a session get no token, and with it no cookie: see storied/csrf.py.
        "with_token": settings.SESSION_COOKIE_NAME in request.COOKIES,
    }
    return render_to_string("comments/_respond.html", context, request)


@register.simple_tag
def comments_are_in_search(post: Any) -> bool:
    """Whether search engines may show what was said below this article."""
    return is_in_search(post, HouseRules.current())


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


def _parent(text: str, post: Any) -> Comment | None:
    number = whole_number(text)
    if number is None:
        return None
    return Comment.objects.filter(pk=number, post=post, is_locked=False).approved().comments().first()


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
