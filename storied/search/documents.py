"""What can be found, as the apps hand it over."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

# Put around a match by the database, and taken out of every text before it is stored: two characters for
# private use, so that nobody's text can pretend to be a match.
MATCH_BEGINS = "\ue000"
MATCH_ENDS = "\ue001"

# Characters. PostgreSQL refuses a document whose distinct words take more than a megabyte.
LONGEST_BODY = 100_000
LONGEST_TITLE = 300
LONGEST_AUTHOR = 150

# NUL and half characters cannot be stored in PostgreSQL.
_NEVER_STORED = re.compile(f"[\x00\ud800-\udfff{MATCH_BEGINS}{MATCH_ENDS}]")


@dataclass(frozen=True, slots=True)
class Document:
    """One public thing that can be found: a post, a page or a comment.

    `post_id` says which post it belongs to (its own id for a post or page); `body` is plain text.
    """

    kind: str
    object_id: int
    post_id: int
    title: str
    author: str
    body: str
    published_at: datetime

    def storable(self) -> "Document":
        """The same, with texts that every database takes: on one line, composed, and not too long."""
        return replace(
            self,
            title=_one_line(self.title, LONGEST_TITLE),
            author=_one_line(self.author, LONGEST_AUTHOR),
            body=_one_line(self.body, LONGEST_BODY),
        )


Source = Callable[[], Iterable[Document]]
_sources: list[Source] = []


def register_source(source: Source) -> Source:
    """Has `rebuild` ask `source` for all that it has published; call it in ready(), or as a decorator."""
    if source not in _sources:
        _sources.append(source)
    return source


def all_documents() -> Iterator[Document]:
    """Everything that the registered sources have published, read as it is asked for."""
    for source in _sources:
        yield from source()


def _one_line(text: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", _NEVER_STORED.sub("", text))
    return " ".join(text.split())[:longest].rstrip()
