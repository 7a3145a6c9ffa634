"""The one writer and the one reader of the searchable copy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from storied import rows

from .backends import backend_for
from .documents import Document, all_documents
from .language import search_language
from .snippets import Part, snippet
from .terms import Question, parse

MOST_COUNTED = 1_000  # hits; nobody reads further, and counting on costs time
MOST_AT_ONCE = 100  # hits on one page
_BATCH = 500  # rows in one statement


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. `snippet` is plain text in parts: (words, whether they match)."""

    kind: str
    object_id: int
    post_id: int
    title: str
    author: str
    published_at: datetime
    snippet: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits; `total` stops at MOST_COUNTED, and then `is_capped` says so.

    `was_asked` is False where the text held nothing to look for, such as "-this" alone.
    """

    total: int
    hits: list[Hit]
    is_capped: bool = False
    was_asked: bool = True


def query(text: str, *, kinds: Iterable[str] | None = None, limit: int = 20, offset: int = 0) -> Results:
    """What is public and matches `text`, best first. Nothing a person types is an error."""
    language = search_language()
    terms = parse(text, language)
    if not terms:
        return Results(total=0, hits=[], was_asked=False)
    kinds = None if kinds is None else sorted({kinds} if isinstance(kinds, str) else set(kinds))
    if kinds == []:
        return Results(total=0, hits=[])
    question = Question(terms, language, kinds, timezone.now())
    offset = max(0, offset)
    limit = max(0, min(limit, MOST_AT_ONCE, MOST_COUNTED - offset))
    backend = backend_for(connection)
    with connection.cursor() as cursor:
        total = backend.count(cursor, question, MOST_COUNTED + 1)
        ids = []
        if limit and offset < total:
            ids = backend.ranked_ids(cursor, question, limit, offset)
        found = _documents().in_bulk(ids) if ids else {}
        bodies = {row_id: row.body for row_id, row in found.items()}
        spans = backend.marked_bodies(cursor, question, bodies)
    hits = [_hit(found[row_id], spans.get(row_id, [])) for row_id in ids if row_id in found]
    return Results(total=min(total, MOST_COUNTED), hits=hits, is_capped=total > MOST_COUNTED)


def index(documents: Iterable[Document]) -> int:
    """Makes these documents findable, or findable as they are now; returns how many."""
    count = 0
    # No savepoint inside somebody else's transaction: it all stands or falls with that.
    with transaction.atomic(savepoint=False):
        for batch in _batches(documents):
            count += _write(batch)
    return count


def remove(kind: str, ids: Iterable[int]) -> None:
    """Makes these things of one kind impossible to find; unknown ones are no error."""
    with transaction.atomic():
        for batch in _batches(sorted(set(ids))):
            _documents().filter(kind=kind, object_id__in=batch).delete()


def wipe() -> None:
    """Takes the words of what was removed out of the index itself, where it may keep them for a while."""
    with connection.cursor() as cursor:
        backend_for(connection).wipe(cursor)


def remove_post(post_id: int) -> None:
    """Makes a post, and all that belongs to it, impossible to find."""
    _documents().filter(post_id=post_id).delete()


def rebuild(documents: Iterable[Document] | None = None) -> int:
    """Indexes everything anew, from `documents` or from the registered sources; returns how many.

    Readers find the old state until it is done; after a change of language they wait. `documents` should be
    lazy: what is read before the lock may stop being public before it is written.
    """
    backend, language = backend_for(connection), search_language()
    with transaction.atomic():
        with connection.cursor() as cursor:
            backend.lock(cursor)
            _documents().all().delete()
            if not backend.stands(cursor, language):
                backend.drop(cursor)
                backend.create(cursor, language)
        return index(all_documents() if documents is None else documents)


def _documents() -> Any:
    # Asked for by name, so that apps can import this package before the models are loaded.
    return apps.get_model("search", "SearchDocument").objects


_COLUMNS = ("kind", "object_id", "post_id", "title", "author", "body", "published_at")
# By hand: a comment that is published waits in line with others until this is done.
_PUT_ONE = (
    f"INSERT INTO search_searchdocument ({', '.join(_COLUMNS)}) "  # noqa: S608
    f"VALUES ({', '.join(['%s'] * len(_COLUMNS))}) "
    f"ON CONFLICT (kind, object_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _COLUMNS[2:])}"
)


def _write(batch: list[Document]) -> int:
    objects = _documents()
    if len(batch) == 1:
        document = batch[0].storable()
        values = [getattr(document, name) for name in _COLUMNS[:-1]]
        rows.execute(_PUT_ONE, [*values, connection.ops.adapt_datetimefield_value(document.published_at)])
        return 1
    # The last word on a thing counts; in one order, so that two writers cannot block each other for ever.
    latest = {(document.kind, document.object_id): document.storable() for document in batch}
    objects.bulk_create(
        [objects.model(**{name: getattr(latest[key], name) for name in _COLUMNS}) for key in sorted(latest)],
        update_conflicts=True,
        unique_fields=_COLUMNS[:2],
        update_fields=_COLUMNS[2:],
    )
    return len(latest)


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    items = iter(items)
    while batch := list(islice(items, _BATCH)):
        yield batch


def _hit(row: Any, spans: list[tuple[int, int]]) -> Hit:
    return Hit(
        kind=row.kind,
        object_id=row.object_id,
        post_id=row.post_id,
        title=row.title,
        author=row.author,
        published_at=row.published_at,
        snippet=snippet(row.body, spans),
    )
