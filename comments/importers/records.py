"""What any export is made of: plain, immutable rows that know neither Django nor the file they came from."""

from dataclasses import dataclass, field
from datetime import datetime


class UnreadableFile(Exception):
    """The file cannot be read as an export; the message says why in one sentence."""


@dataclass(frozen=True, slots=True)
class SourceAuthor:
    """Somebody with an account on the old site. `source_id` is empty where the export does not tell it."""

    source_id: str
    login: str
    email: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class SourceCategory:
    slug: str
    name: str
    parent_slug: str = ""


@dataclass(frozen=True, slots=True)
class SourceTerm:
    """A tag, or a term of another kind, that Storied has no place for: it is counted, not kept."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class SourceComment:
    """One comment as it was stored; nothing in it is safe to show.

    `author_id` is the account on the old site ("" for visitors); `parent_id` is "" for top-level comments.
    `written_at` is in UTC; `written_local` is the old site's wall clock, for rows whose UTC time is missing.
    """

    source_id: str
    parent_id: str = ""
    author_id: str = ""
    author_name: str = ""
    author_email: str = ""
    author_url: str = ""
    written_at: datetime | None = None
    written_local: datetime | None = None
    content: str = ""
    status: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class SourcePost:
    """An article, a page, a file or something else that the old software kept as one, with its comments.

    `path` is the old address without its host, decoded; `picture_id` is the file shown with an article,
    `picture_alt` a file's own description.
    """

    source_id: str
    kind: str
    status: str
    title: str = ""
    slug: str = ""
    path: str = ""
    author_login: str = ""
    published_at: datetime | None = None
    published_local: datetime | None = None
    content: str = ""
    excerpt: str = ""
    has_password: bool = False
    is_sticky: bool = False
    comments_open: bool = True
    picture_id: str = ""
    picture_alt: str = ""
    categories: tuple[SourceCategory, ...] = ()
    comments: tuple[SourceComment, ...] = field(default=(), repr=False)


SourceRecord = SourceAuthor | SourceCategory | SourceTerm | SourcePost
