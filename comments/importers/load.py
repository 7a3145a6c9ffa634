"""Writes the records of an export: besides `submission`, the only place where comments are born.

The file is read twice: first whole, to know that it is whole, then to write it, one article with its
discussion in each transaction. So a damaged file changes nothing, a stopped import leaves only whole
discussions and goes on when it is started again, and a visitor's comment never waits longer than for one
article. Nothing is announced.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Protocol

from django.db import reset_queries, transaction

from . import ledger as kinds
from .articles import CategoryShelf, PostWriter
from .discussions import DiscussionWriter, comment_kind, reserve_numbers, wanted_number
from .ledger import Ledger
from .people import People
from .records import SourceAuthor, SourceCategory, SourcePost, SourceRecord, UnreadableFile

_POST_KINDS = {"post": kinds.ARTICLES, "page": kinds.PAGES}
_NO_PLACE = {
    "attachment": "pictures and other files are not copied",
    "nav_menu_item": "menus have no place here",
    "revision": "earlier versions are not copied",
}
_IN_THE_BIN = {"trash": "lay in the bin", "auto-draft": "an empty draft that the old software made by itself"}

Progress = Callable[[str, int], None]


class Export(Protocol):
    """What a reader of any format offers: `site` is the blog's name for good, `found` counts items and comments
    independently of the records.
    """

    site: str
    found: dict[str, int]
    read_bytes: int

    def records(self) -> Iterator[SourceRecord]: ...


@dataclass
class _Survey:
    """What has to be known of the whole file before its first row can be written."""

    authors: list[SourceAuthor] = field(default_factory=list)
    categories: list[SourceCategory] = field(default_factory=list)
    picture_alts: dict[str, str] = field(default_factory=dict)
    highest_number: int = 0


def load(export: Export, *, format_name: str, dry_run: bool = False, progress: Progress | None = None) -> Ledger:
    """Imports the file; `progress` is told what is being done and how many bytes of the file are read.

    Raises UnreadableFile before anything is written. A dry run does everything and takes it back.
    """
    tell = progress or (lambda doing, read: None)
    ledger = Ledger()
    survey = _survey(export, ledger, lambda: tell("Checking the file", export.read_bytes))
    if not export.site:
        raise UnreadableFile("The file does not tell the address of the site it comes from.")
    with _rehearsal() if dry_run else nullcontext():
        _write(export, f"{format_name}:{export.site}"[:200], survey, ledger, dry_run, tell)
    return ledger


def _survey(export: Export, ledger: Ledger, tell: Callable[[], None]) -> _Survey:
    survey = _Survey()
    for record in export.records():
        match record:
            case SourceAuthor():
                ledger.found[kinds.AUTHORS] += 1
                survey.authors.append(record)
            case SourceCategory():
                ledger.found[kinds.CATEGORIES] += 1
                survey.categories.append(record)
            case SourcePost():
                _count(record, ledger)
                if record.picture_alt:
                    survey.picture_alts[record.source_id] = record.picture_alt
                numbers = (wanted_number(comment) or 0 for comment in record.comments)
                survey.highest_number = max(survey.highest_number, *numbers, 0)
                tell()
            case _:
                ledger.found[kinds.TERMS] += 1
    return survey


def _count(record: SourcePost, ledger: Ledger) -> None:
    ledger.found[_POST_KINDS.get(record.kind, kinds.OTHER_ITEMS)] += 1
    for comment in record.comments:
        ledger.found[comment_kind(comment)] += 1


def _write(export: Export, source: str, survey: _Survey, ledger: Ledger, dry_run: bool, tell: Progress) -> None:
    if not dry_run:
        # A sequence does not go back with a transaction, and a dry run leaves no trace.
        reserve_numbers(survey.highest_number)
    people = People(survey.authors, source, ledger)
    with transaction.atomic():
        shelf = CategoryShelf(survey.categories, ledger)
    posts = PostWriter(source, people, shelf, survey.picture_alts, ledger)
    discussions = DiscussionWriter(source, people, ledger)
    for record in export.records():
        if isinstance(record, SourcePost):
            with transaction.atomic():
                _write_post(record, posts, discussions, ledger)
            # With DEBUG on, Django would keep every statement, texts and all.
            reset_queries()
            tell("Importing", export.read_bytes)
        elif not isinstance(record, SourceAuthor | SourceCategory):
            ledger.skip(kinds.TERMS, "Storied has categories only" if record.kind == "tag" else "menus and the like")
    people.settle()


def _write_post(record: SourcePost, posts: PostWriter, discussions: DiscussionWriter, ledger: Ledger) -> None:
    kind = _POST_KINDS.get(record.kind, kinds.OTHER_ITEMS)
    reason = _why_not(record)
    if reason:
        ledger.skip(kind, reason)
        for comment in record.comments:
            ledger.skip(comment_kind(comment), f"its article was skipped: {reason}")
        return
    post = posts.write(record, kind)
    discussions.write(post, record.comments, is_open=record.comments_open)


def _why_not(record: SourcePost) -> str:
    if record.kind not in _POST_KINDS:
        return _NO_PLACE.get(record.kind, f"items of the type “{record.kind[:40]}” are not known here")
    if record.status in _IN_THE_BIN:
        return _IN_THE_BIN[record.status]
    return "" if record.source_id else "has no number, so that a second import would double it"


@contextmanager
def _rehearsal() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
