"""The comments of one article or page of the old site."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from comments import rendering, searching, status, tree
from comments.models import Comment, Discussion
from posts.models import Post
from storied import markup, search
from storied.text import clean_line, clean_text, whole_number

from . import ledger as kinds
from .ledger import Ledger
from .moments import moment
from .people import People, fit_email, fit_name
from .records import SourceComment
from .threads import arrange

_KINDS = {
    "": Comment.Kind.COMMENT,
    "comment": Comment.Kind.COMMENT,
    "pingback": Comment.Kind.PINGBACK,
    "trackback": Comment.Kind.TRACKBACK,
    "webmention": Comment.Kind.WEBMENTION,
}
_NOT_FOR_READERS = {
    "note": "private notes of editors are not shown to readers",
    "order_note": "notes on a shop's orders are not shown to readers",
}
_STATUSES = {
    "1": Comment.Status.APPROVED,
    "approved": Comment.Status.APPROVED,
    "0": Comment.Status.PENDING,
    "hold": Comment.Status.PENDING,
    "spam": Comment.Status.SPAM,
    "trash": Comment.Status.REMOVED,
    "post-trashed": Comment.Status.REMOVED,
}
T = TypeVar("T")
_HELD_THERE = {"code": "imported", "detail": ""}  # it waited for a moderator on the old site
_BATCH = 500
_TRIES = 5
# Beyond this an old number is a slip or a trap: the next comment's number would have to be greater still.
_HIGHEST_NUMBER = 2**31 - 1
# Unclosed tags cost bleach the square of their number: 3,000 take half a second.
_MOST_TAGS = 3_000


def comment_kind(comment: SourceComment) -> str:
    """Under which heading of the ledger a comment goes."""
    kind = _KINDS.get(_told_kind(comment))
    return kinds.LINKBACKS if kind not in {None, Comment.Kind.COMMENT} else kinds.COMMENTS


def wanted_number(comment: SourceComment) -> int | None:
    """The comment's old number, if it can be kept, so that `#comment-123` still leads to it."""
    number = whole_number(comment.source_id, digits=11)
    return number if number and 0 < number <= _HIGHEST_NUMBER else None


def reserve_numbers(highest: int) -> None:
    """Has the database number further comments beyond `highest`: none takes an old comment's number.

    PostgreSQL's sequence is set under a lock that keeps others from drawing a number, and never back.
    """
    if not highest:
        return
    table = Comment._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            name = connection.ops.quote_name(table)
            cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")
            cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
            sequence = cursor.fetchone()[0]
            cursor.execute("SELECT setval(%s, GREATEST(nextval(%s), %s))", [sequence, sequence, highest])
        elif connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = MAX(seq, %s) WHERE name = %s", [highest, table])
            if not cursor.rowcount:
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, highest])


class DiscussionWriter:
    """Writes the comments of one post at a time, each once and under its parent."""

    def __init__(self, source: str, people: People, ledger: Ledger) -> None:
        self._source = source
        self._people = people
        self._ledger = ledger

    def write(self, post: Post, comments: Sequence[SourceComment], *, is_open: bool = True) -> None:
        """Stores what is new among the comments; what is there already stays as it is."""
        Discussion.objects.get_or_create(post=post, defaults={"is_open": is_open})
        new, left_out, stored = self._sorted_out(post, comments)
        if not new:
            return
        times = self._times(post, new)
        linkbacks = [comment for comment in new if comment_kind(comment) == kinds.LINKBACKS]
        # Linkbacks are listed apart: nothing stands under them, nor they under anything.
        left_out |= {comment.source_id: comment.parent_id for comment in linkbacks}
        arrangement = arrange(
            [comment for comment in new if comment.source_id not in left_out],
            sort_key=lambda comment: times[comment.source_id],
            stored=stored,
            left_out=left_out,
        )
        self._note(arrangement.without_parent, "reply without its parent in the file: it stands at the top level now")
        self._note(arrangement.in_circles, "comment that was its own ancestor: it stands at the top level now")
        order = [*arrangement.order, *((comment, "") for comment in linkbacks)]
        self._store(post, order, times, stored)
        status.recount(post.pk)

    def _sorted_out(
        self, post: Post, comments: Sequence[SourceComment]
    ) -> tuple[list[SourceComment], dict[str, str], dict[str, int]]:
        """The new ones; those left out, with their parents; the numbers of those under this post already."""
        keyed = {}
        for comment in comments:
            comment = comment if comment.source_id else _with_key(comment)
            if comment.source_id in keyed:
                self._ledger.merged[comment_kind(comment)] += 1
            else:
                keyed[comment.source_id] = comment
        known = self._known({*keyed, *(comment.parent_id for comment in keyed.values())} - {""})
        new, left_out = [], {}
        for key, comment in keyed.items():
            told = _told_kind(comment)
            if told not in _KINDS:
                reason = _NOT_FOR_READERS.get(told, f"comments of the type “{told[:40]}” are not known here")
                self._ledger.skip(kinds.COMMENTS, reason)
                left_out[key] = comment.parent_id
            elif key in known:
                self._ledger.merged[comment_kind(comment)] += 1
            else:
                new.append(comment)
        return new, left_out, {key: pk for key, (pk, post_id) in known.items() if post_id == post.pk}

    def _known(self, keys: set[str]) -> dict[str, tuple[int, int]]:
        known = {}
        for some in _batches(sorted(keys)):
            rows = Comment.objects.filter(source=self._source, source_id__in=some)
            for key, pk, post_id, kind in rows.values_list("source_id", "pk", "post_id", "kind"):
                # A linkback stored earlier is no parent either: it is never offered as one of this post.
                known[key] = (pk, post_id if kind == Comment.Kind.COMMENT else 0)
        return known

    def _times(self, post: Post, comments: Iterable[SourceComment]) -> dict[str, datetime]:
        times = {}
        for comment in comments:
            at = moment(comment.written_at, comment.written_local)
            if at is None:
                self._note(1, "comment had no date: it got its article's")
                at = post.published_at or post.created_at
            times[comment.source_id] = at
        # Exports know seconds, and reading order is the order of times: those of one second keep that of their
        # numbers (the shorter one is the smaller). No time stands twice afterwards.
        last: datetime | None = None
        for key in sorted(times, key=lambda key: (times[key], len(key), key)):
            if last is not None and times[key] <= last:
                times[key] = last + timedelta(milliseconds=1)
            last = times[key]
        return times

    def _store(
        self,
        post: Post,
        order: Sequence[tuple[SourceComment, str]],
        times: dict[str, datetime],
        stored: dict[str, int],
    ) -> None:
        taken = self._taken_numbers(comment for comment, _parent in order)
        built: dict[str, Comment] = {}
        whole: list[Comment] = []
        added: list[tuple[Comment, int | Comment]] = []
        in_new_threads: set[str] = set()
        for source, parent_key in order:
            comment = built[source.source_id] = self._built(post, source, times[source.source_id])
            number = wanted_number(source)
            if number in taken:
                self._note(1, "comment whose number is taken here: it got a new one, old links to it lead nowhere")
            else:
                comment.pk = number
            if not parent_key or parent_key in in_new_threads:
                comment.parent = built.get(parent_key)
                in_new_threads.add(source.source_id)
                whole.append(comment)
            else:
                added.append((comment, stored[parent_key] if parent_key in stored else built[parent_key]))
        _keep_a_place_for_parents(whole)
        _insert(whole)
        for comment, parent in added:
            tree.insert(comment, tree.lock_thread(parent if isinstance(parent, int) else parent.pk))
        for comment in built.values():
            self._enter(comment)
        if post.status == Post.Status.PUBLISHED:
            search.index(searching.documents(comment for comment in built.values() if comment.is_approved))

    def _built(self, post: Post, source: SourceComment, at: datetime) -> Comment:
        told = source.status.strip().lower()
        if told not in _STATUSES:
            self._note(1, f"comment with the unknown status “{clean_line(told)[:40]}”: it waits for a moderator")
        new_status = _STATUSES.get(told, Comment.Status.PENDING)
        was_public = new_status in {Comment.Status.APPROVED, Comment.Status.REMOVED}
        body = self._body(source.content)
        return Comment(
            post=post,
            kind=_KINDS[_told_kind(source)],
            status=new_status,
            author=self._people.by_id(source.author_id),
            author_name=fit_name(source.author_name),
            author_email=fit_email(source.author_email),
            author_url=self._address(source.author_url),
            body=body,
            body_format=Comment.BodyFormat.HTML,
            body_html=rendering.body_html(body, "html"),
            renderer_version=rendering.RENDERER_VERSION,
            created_at=at,
            published_at=at if was_public else None,
            reasons=[_HELD_THERE] if new_status == Comment.Status.PENDING else [],
            source=self._source,
            source_id=source.source_id,
        )

    def _body(self, content: str) -> str:
        body = clean_text(content)
        if body.count("<") <= _MOST_TAGS:
            return body
        self._note(1, f"comment with more than {_MOST_TAGS:,} tags: kept as plain text")
        return body.replace("&", "&amp;").replace("<", "&lt;")

    def _address(self, url: str) -> str:
        url = clean_line(url)
        if len(url) <= 200 and markup.is_web_address(url):
            return url
        if url not in {"", "http://", "https://"}:
            self._note(1, "comment with a site address that is none: the address was left out")
        return ""

    def _taken_numbers(self, comments: Iterable[SourceComment]) -> set[int]:
        wanted = [number for comment in comments if (number := wanted_number(comment)) is not None]
        taken: set[int] = set()
        for some in _batches(wanted):
            taken.update(Comment.objects.filter(pk__in=some).values_list("pk", flat=True))
        return taken

    def _enter(self, comment: Comment) -> None:
        if comment.is_linkback:
            self._ledger.imported[kinds.LINKBACKS] += 1
        else:
            self._ledger.imported[kinds.COMMENTS] += 1
            self._ledger.depths[comment.level] += 1
        self._ledger.years[timezone.localtime(comment.created_at).year] += 1

    def _note(self, count: int, sentence: str) -> None:
        if count:
            self._ledger.notes[sentence] += count


def _told_kind(comment: SourceComment) -> str:
    return clean_line(comment.kind).lower()


def _with_key(comment: SourceComment) -> SourceComment:
    """The comment under a key made of what it says, where the export gives no number."""
    said = "\x00".join((comment.author_name, str(comment.written_at), str(comment.written_local), comment.content))
    return replace(comment, source_id=f"sha256:{hashlib.sha256(said.encode()).hexdigest()}")


def _insert(comments: Sequence[Comment]) -> None:
    """Stores whole threads. Their numbers are made of time and chance: where old software gave thousands of comments
    one time, two may be the same, and others are drawn.
    """
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return tree.insert_many(comments)
        except IntegrityError:
            if not tries_left:
                raise


def _keep_a_place_for_parents(comments: Sequence[Comment]) -> None:
    """Gives what was never public a placeholder's place on the page where an approved reply hangs below."""
    for comment in reversed(comments):  # replies before their parents
        above = comment.parent
        if above is not None and comment.published_at is not None and above.published_at is None:
            above.published_at = above.created_at


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
