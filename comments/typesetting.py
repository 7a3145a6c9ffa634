"""Sets a page of a discussion as HTML: one pass over its nodes, joined strings, no template for each comment.

Besides `storied.markup`, this is the only place that declares HTML safe: every value is escaped here, but the body,
which `rendering` has cleaned when it was stored.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from storied.markup import is_web_address

from . import rendering
from .discussion import Node, Page, moment
from .models import Comment

# Deeper replies are set side by side with their parents: their "in reply to" says where they belong, and no browser
# has to nest five thousand lists.
DEEPEST_LIST = 6
HUES = 8

_PLACEHOLDERS = {
    Comment.Status.REMOVED: "This comment was removed by a moderator.",
    Comment.Status.WITHDRAWN: "This comment was withdrawn by its author.",
    Comment.Status.PENDING: "This comment waits for a moderator.",
}
_OTHER_PLACEHOLDER = "This comment is not shown."


def discussion_html(page: Page, respond: SafeString) -> SafeString:
    """The whole discussion: heading, comments, ways to other pages, linkbacks, and the place to answer."""
    comments, linkbacks = page.discussion.comment_count, page.discussion.linkback_count
    count = comments + linkbacks
    if not count and not page.nodes and page.why_closed:
        return mark_safe("")
    title = f"{_many(count, 'Response')} to “{escape(str(page.post))}”" if count else "No responses yet"
    counted = (
        f'<p class="counted">{_many(comments, "comment")}, {_many(linkbacks, "linkback")}</p>' if linkbacks else ""
    )
    jump = "Read below or add a comment…" if count else "Be the first to say something…"
    pager = _pager(page)
    continued = continued_html(page.continued)
    if continued:
        continued = (
            '<div class="continues"><p>This page goes on inside a conversation that began on the page before:</p>'
            f"{continued}</div>"
        )
    linked = linkbacks_html(page.linkbacks) if page.linkbacks else ""
    if linked:
        linked = (
            '<section class="linkbacks-section" aria-labelledby="linkbacks"><h3 id="linkbacks">Linkbacks</h3>'
            f"{linked}</section>"
        )
    parts = [
        '<section class="discussion" id="comments" aria-labelledby="responses"><header class="discussion-head">',
        f'<h2 id="responses">{title}</h2>{counted}<p class="jump"><a href="#respond">{page.why_closed or jump}</a></p>',
        f'</header><div class="discussion-body">{pager if page.number > 1 else ""}{continued}',
        *_comments(page),
        f"{pager}{linked}{respond}</div></section>",
    ]
    return mark_safe("".join(parts))


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _pager(page: Page) -> str:
    if page.last == 1:
        return ""
    number = page.number
    earlier = f'<a class="button" rel="prev" href="?comments={number - 1}#comments">← Earlier</a>' if number > 1 else ""
    later = (
        f'<a class="button" rel="next" href="?comments={number + 1}#comments">Later →</a>' if number < page.last else ""
    )
    return (
        f'<nav class="pager" aria-label="Pages of the discussion">{earlier}'
        f'<span class="where">Page {number} of {page.last}</span>{later}</nav>'
    )


def comments_html(page: Page) -> SafeString:
    """The list of a page's comments, replies nested under their parents."""
    return mark_safe("".join(_comments(page)))


def _comments(page: Page) -> list[str]:
    if not page.nodes:
        return []
    first = page.nodes[0]
    # A page that begins inside a thread opens just one list; its ancestors are named above it.
    above = min(first.depth, DEEPEST_LIST - 1)
    start = f' start="{first.number}"' if first.number > 1 else ""
    out = [f'<ol class="thread" role="list"{start}>']
    open_lists = 1
    item = _typesetter(page)
    for node in page.nodes:
        if node is not first:
            depth = max(1, min(node.depth, DEEPEST_LIST - 1) - above + 1)
            if depth > open_lists:
                out.append('<ol class="replies" role="list">')
                open_lists += 1
            else:
                out.append("</li>" + "</ol></li>" * (open_lists - depth))
                open_lists = depth
        out.append(item(node))
    out.append("</li>" + "</ol></li>" * (open_lists - 1) + "</ol>")
    return out


def linkbacks_html(linkbacks: Iterable[Any]) -> SafeString:
    """Pingbacks, trackbacks and webmentions, numbered on their own."""
    out = ['<ol class="linkbacks" role="list">']
    for number, linkback in enumerate(linkbacks, start=1):
        out.append(
            f'<li id="comment-{linkback.pk}" class="linkback"><span class="number">{number}.</span> '
            f"<h4>{_name(linkback.author_name, linkback.author_url)} <span>says:</span></h4> "
            f'<a href="#comment-{linkback.pk}">{_time(linkback.created_at)}</a>'
            f""
            f'<div class="words">{linkback.body_html}</div></li>'
        )
    out.append("</ol>")
    return mark_safe("".join(out))


def continued_html(chain: Iterable[Node]) -> SafeString:
    """The ancestors of a page's first comment, a line each."""
    lines = []
    for node in chain:
        name = "a comment that is not shown" if node.is_placeholder else _bare_name(node.comment.author_name)
        lines.append(f'<li><a href="/comment/{node.comment.pk}/">{name}</a></li>')
    return mark_safe(f'<ol class="continued">{"".join(lines)}</ol>' if lines else "")


_ONLY_YOU = '<p class="waits">Waits for a moderator. Only you can see this.</p>'


def _typesetter(page: Page) -> Callable[[Node], str]:
    """Sets one comment of this page; what is the same for all of them is looked up once."""
    host_id = page.post.author_id
    is_open = not page.why_closed
    moderates = page.viewer.is_moderator

    def item(node: Node) -> str:
        comment = node.comment
        pk = comment.pk
        number = f'<span class="number">{node.number}.</span> ' if node.number else ""
        if node.is_placeholder:
            words = _PLACEHOLDERS.get(comment.status, _OTHER_PLACEHOLDER)
            return f'<li id="comment-{pk}" class="gone"><p>{number}{words}</p>'
        by_host = comment.author_id is not None and comment.author_id == host_id
        parent = node.parent
        answers = ""
        if parent is not None:
            name = _bare_name(parent.author_name) if parent.status == "approved" else "a comment that is gone"
            answers = f' in reply to <a href="#comment-{parent.pk}">{name}</a>'
        if comment.status == "pending":
            note, doors = _ONLY_YOU, ""
        else:
            note = ""
            doors = f'<a href="?replytocom={pk}#respond">Reply</a> ' if is_open else ""
            if not node.is_own:
                doors += f'<a href="/comment/{pk}/report/">Report</a>'
        if node.is_own:
            doors += f'<a href="/comment/{pk}/own/">Edit or withdraw</a>'
        if moderates:
            doors += f' <a href="/moderation/comment/{pk}/">Moderate</a>'
        return (
            f'<li id="comment-{pk}" class="comment{" host" if by_host else ""}{" own" if node.is_own else ""}">'
            f"<article><h3>{number}{_face(comment.author_name, comment.author_url)}"
            f"{' <b>Author</b>' if by_host else ''} says:</h3>"
            f'<p class="when"><a href="#comment-{pk}">{_time(comment.created_at)}</a>'
            f"{' · edited' if comment.edited_at and not note else ''}{answers}</p>{note}"
            f'<div class="words">{comment.body_html}</div><p class="doors">{doors}</p></article>'
        )

    return item


# People write more than once, and most comments are read more than once: what is made of a name or a time is kept.


@lru_cache(maxsize=10_000)
def _bare_name(name: str) -> str:
    # Set apart, so that a name written from right to left does not turn the line around.
    return f"<bdi>{escape(name)}</bdi>"


@lru_cache(maxsize=10_000)
def _name(name: str, url: str) -> str:
    if url and is_web_address(url):
        return f'<a href="{escape(url)}" rel="nofollow ugc noopener">{_bare_name(name)}</a>'
    return _bare_name(name)


@lru_cache(maxsize=10_000)
def _face(name: str, url: str) -> str:
    return initial(name) + _name(name, url)


def initial(name: str) -> str:
    """A round letter in place of a portrait: nobody is asked anything about anybody."""
    letter = next((c for c in name if c.isalnum()), "·").upper()[:1]
    return f'<i class="hue{sum(name.encode()) % HUES}" aria-hidden="true">{escape(letter)}</i>'


def words_html(written: Any) -> SafeString:
    """A text as it was rendered and cleaned when it was stored: a comment's, an article's, a clause's."""
    return mark_safe(written.body_html)


def preview_html(body: str) -> SafeString:
    """What a text that is being written will look like: rendered as `submission` renders it."""
    return mark_safe(rendering.body_html(body, "markdown"))


def initial_html(name: str) -> SafeString:
    """The same letter for templates."""
    return mark_safe(initial(name))


@lru_cache(maxsize=20_000)
def _time(stored: datetime) -> str:
    local = timezone.localtime(moment(stored))
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    words = f"{_MONTHS[local.month]} {local.day}, {local.year} at {hour}:{local.minute:02} {half}"
    return f'<time datetime="{local:%Y-%m-%dT%H:%M%z}">{words}</time>'


_MONTHS = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
