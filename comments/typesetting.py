"""Sets a page of a discussion as HTML: one pass over its rows, joined strings, no template for each comment.

Besides `storied.markup`, this is the only place that declares HTML safe: every value is escaped here, but the body,
which `rendering` has cleaned when it was stored.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from storied.markup import is_web_address

from . import care, rendering
from .discussion import Page, Row, is_in_search
from .models import Comment
from .seen import Seen

# Deeper replies are set side by side with their parents: their "in reply to" says where they belong, and no browser
# has to nest five thousand lists.
DEEPEST_LIST = 6
HUES = 8

# Text, or the same as it goes over the line.
Piece = str | bytes

_PLACEHOLDERS = {
    Comment.Status.REMOVED: "This comment was removed by a moderator.",
    Comment.Status.WITHDRAWN: "This comment was withdrawn by its author.",
    Comment.Status.PENDING: "This comment waits for a moderator.",
}
_OTHER_PLACEHOLDER = "This comment is not shown."


def together(pieces: Iterable[Piece]) -> SafeString:
    """What `discussion_pieces` gives, as one text for a template."""
    return mark_safe("".join([piece if isinstance(piece, str) else piece.decode() for piece in pieces]))


def discussion_pieces(
    page: Page, threads: list[Piece], respond: str, news: str = "", remembering: str = ""
) -> list[Piece]:
    """The whole discussion: heading, comments, ways to other pages, linkbacks, and the place to answer.

    In pieces, the threads among them as they come: joining a long discussion is left to who sends it. `news` says above
    the comments what is new among them, `remembering` below them how that is known.
    """
    comments, linkbacks = page.discussion.comment_count, page.discussion.linkback_count
    count = comments + linkbacks
    if not count and not threads and page.why_closed:
        return []
    title = f"{_many(count, 'Response')} to “{escape(str(page.post))}”" if count else "No responses yet"
    counted = (
        f'<p class="counted">{_many(comments, "comment")}, {_many(linkbacks, "linkback")}</p>' if linkbacks else ""
    )
    elsewhere = f' data-elsewhere="{Seen.of(pk for pk, _who in page.elsewhere)}"' if page.elsewhere else ""
    unquoted = "" if is_in_search(page.post, page.rules) else " data-nosnippet"
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
    return [
        f'<section class="discussion" id="comments" aria-labelledby="responses"{elsewhere}{unquoted}>'
        '<header class="discussion-head">',
        f'<h2 id="responses">{title}</h2>{counted}<p class="jump"><a href="#respond">{page.why_closed or jump}</a></p>',
        f'{news}</header><div class="discussion-body">{pager if page.number > 1 else ""}{continued}',
        *_list(page, threads),
        f"{pager}{linked}{respond}{remembering}</div></section>",
    ]


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


def _list(page: Page, threads: list[Piece]) -> list[Piece]:
    if not threads:
        return []
    start = f' start="{page.roots_before + 1}"' if page.roots_before else ""
    return [f'<ol class="thread" role="list"{start}>', *threads, "</ol>"]


def threads(page: Page) -> dict[int, str]:
    """The HTML of each thread on a page, by its tree, in reading order."""
    done: dict[int, str] = {}
    out: list[str] = []
    tree, above, open_lists, number = None, 0, 1, page.roots_before
    item, private = _typesetter(page), page.private
    for row in page.rows:
        level = row.level if row.level < DEEPEST_LIST else DEEPEST_LIST - 1
        if row.tree_id != tree:
            if out:
                done[tree] = _closed(out, open_lists)
            # A page that begins inside a thread opens just one list; its ancestors are named above it.
            tree, above, open_lists, out = row.tree_id, level, 1, []
        elif level - above >= open_lists:
            out.append('<ol class="replies" role="list">')
            open_lists += 1
        else:
            depth = level - above + 1 if level > above else 1
            out.append(_ENDS[open_lists - depth])
            open_lists = depth
        if row.level or row.pk in private:
            out.append(item(row, ""))
        else:
            number = number + 1 if page.numbers is None else page.numbers.get(tree, 0)
            out.append(item(row, f'<span class="number">{number}.</span> '))
    if out:
        done[tree] = _closed(out, open_lists)
    return done


# A comment's end, and those of so many lists with the comments that they stand in.
_ENDS = ["</li>" + "</ol></li>" * lists for lists in range(DEEPEST_LIST)]


def _closed(out: list[str], open_lists: int) -> str:
    out.append(_ENDS[open_lists - 1])
    return "".join(out)


def with_marks(thread: Piece, new: Iterable[tuple[int, int | None]]) -> bytes:
    """A thread with these comments, in reading order, marked as new; each leads to the one that follows it, if any.

    Put into what was typeset for everybody: no text can hold what is looked for, since texts have no ids.
    """
    html = thread.encode() if isinstance(thread, str) else thread
    pieces, done = [], 0
    for number, following in new:
        item = b'<li id="comment-%d" class="comment' % number
        in_class = html.index(item, done) + len(item)
        in_heading = html.index(b"<h3>", in_class) + len(b"<h3>")
        pieces += [html[done:in_class], b" new", html[in_class:in_heading], b'<strong class="is-new">New</strong> ']
        done = in_heading
        if following is not None:
            after_doors = html.index(b"</p></article>", html.index(b'<p class="doors">', in_heading))
            link = b' <a class="next-new" href="#comment-%d">Next new</a>' % following
            pieces += [html[done:after_doors], link]
            done = after_doors
    return b"".join([*pieces, html[done:]])


def with_folds(thread: Piece, folded: Iterable[int]) -> bytes:
    """A thread with these comments, in reading order, folded; each can be opened where it stands."""
    html = thread.encode() if isinstance(thread, str) else thread
    pieces, done = [], 0
    for number in folded:
        start = html.index(b"<article>", html.index(b'<li id="comment-%d" class="comment' % number, done))
        start += len(b"<article>")
        end = html.index(b"</article>", html.index(b'<p class="doors">', start))
        pieces += [html[done:start], _FOLD, html[start:end], b"</details>"]
        done = end
    return b"".join([*pieces, html[done:]])


_FOLD = b'<details class="folded"><summary>A comment by somebody you have muted</summary>'


def linkbacks_html(linkbacks: Iterable[Any]) -> SafeString:
    """Pingbacks, trackbacks and webmentions, numbered on their own."""
    out = ['<ol class="linkbacks" role="list">']
    for number, linkback in enumerate(linkbacks, start=1):
        out.append(
            f'<li id="comment-{linkback.pk}" class="linkback"><span class="number">{number}.</span> '
            f"<h4>{_name(linkback.author_name, linkback.author_url)} <span>says:</span></h4> "
            f'<a href="#comment-{linkback.pk}">{_time(linkback.written_at[:_TO_THE_MINUTE])}</a>'
            f'<div class="words"{_direction(linkback.body_html)}>{linkback.body_html}</div></li>'
        )
    out.append("</ol>")
    return mark_safe("".join(out))


def continued_html(chain: Iterable[Row]) -> SafeString:
    """The ancestors of a page's first comment, a line each."""
    lines = []
    for row in chain:
        name = _bare_name(row.author_name) if row.status == "approved" else "a comment that is not shown"
        lines.append(f'<li><a href="/comment/{row.pk}/">{name}</a></li>')
    return mark_safe(f'<ol class="continued">{"".join(lines)}</ol>' if lines else "")


_ONLY_YOU = '<p class="waits">Waits for a moderator. Only you can see this.</p>'


def _care_note() -> str:
    """What readers are told above a comment that speaks of danger, in the owner's words."""
    return f'<p class="care-note">{escape(care.current().note)} <a href="{reverse("care:help")}">Get help now</a></p>'


def _typesetter(page: Page) -> Callable[[Row, str], str]:
    """Sets one comment of this page; what is the same for all of them is looked up once."""
    host_id, known, own = page.post.author_id, page.known, page.own
    is_open, moderates = not page.why_closed, page.moderates
    noted, care_note = page.noted, _care_note() if page.noted else ""

    def item(row: Row, number: str) -> str:
        (
            pk, parent_id, _tree, _left, _level, state, author_id, name, url, body, written_at, _guest_key
        ) = row  # fmt: skip
        if state is not None and page.is_gone(row):
            return _placeholder(row, number)
        is_own, note = pk in own, care_note if pk in noted else ""
        pk = str(pk)  # a number is written out once, not five times
        host = host_mark = edited = answers = own_class = ""
        if author_id is not None and author_id == host_id and row.is_signed_by_name:
            host, host_mark = " host", " <b>Author</b>"
        parent = known.get(parent_id)
        if parent is not None:
            is_there = parent.state is None or parent.status == "approved"
            parent_name = _bare_name(parent.author_name) if is_there else "a comment that is gone"
            answers = f' in reply to <a href="#comment-{parent_id}">{parent_name}</a>'
        doors = f'<a href="?replytocom={pk}#respond">Reply</a> ' if is_open else ""
        if state is not None:
            edited = " · edited" if row.is_edited else ""
            if row.status == "pending":
                note, edited, doors = _ONLY_YOU, "", ""
            elif row.is_locked and is_open:
                doors = "<span>No more replies here</span> "
        if is_own:
            own_class = " own"
            doors += f'<a href="/comment/{pk}/own/">Edit or withdraw</a>'
        else:
            doors += f'<a href="/comment/{pk}/report/">Report</a>'
        if moderates:
            doors += f' <a href="/moderation/comment/{pk}/">Moderate</a>'
        return (
            f'<li id="comment-{pk}" class="comment{host}{own_class}"><article>'
            f"<h3>{number}{_face(name, url)}{host_mark} says:</h3>"
            f'<p class="when"><a href="#comment-{pk}">{_time(written_at[:_TO_THE_MINUTE])}</a>'
            f"{edited}{answers}</p>{note}"
            f'<div class="words"{_direction(body)}>{body}</div><p class="doors">{doors}</p></article>'
        )

    return item


# Hebrew, Arabic and their relatives.
_FROM_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001eeff]")


def _direction(body: str) -> str:
    """Has a browser look where the text begins; where no letter runs from the right, it begins at the left anyway."""
    return "" if body.isascii() or _FROM_RIGHT_TO_LEFT.search(body) is None else ' dir="auto"'


def _placeholder(row: Row, number: str) -> str:
    words = _PLACEHOLDERS.get(row.status, _OTHER_PLACEHOLDER)
    if row.gone_note:
        words = f"This comment was removed {escape(row.gone_note)}."
    return f'<li id="comment-{row.pk}" class="gone"><p>{number}{words}</p>'


# People write more than once, and most comments are read more than once: what is made of a name or a time is kept.


@lru_cache(maxsize=3_000)
def _bare_name(name: str) -> str:
    # Set apart, so that a name written from right to left does not turn the line around.
    return f"<bdi>{escape(name)}</bdi>"


@lru_cache(maxsize=3_000)
def _name(name: str, url: str) -> str:
    if url and is_web_address(url):
        return f'<a href="{escape(url)}" rel="nofollow ugc noopener">{_bare_name(name)}</a>'
    return _bare_name(name)


@lru_cache(maxsize=3_000)
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


def with_number(pieces: list[str], number: int) -> SafeString:
    """What a template has made, with this number between its pieces."""
    return mark_safe(str(number).join(pieces))


_TO_THE_MINUTE = len("2024-06-01 06:40")


@lru_cache(maxsize=10_000)
def _time(minute: str) -> str:
    """A minute as it is stored, in UTC, in words of the site's own time."""
    local = datetime.fromisoformat(minute).replace(tzinfo=UTC).astimezone(timezone.get_default_timezone())
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    words = f"{_MONTHS[local.month]} {local.day}, {local.year} at {hour}:{local.minute:02} {half}"
    return f'<time datetime="{minute[:10]}T{minute[11:]}Z">{words}</time>'


_MONTHS = (
    "", "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
