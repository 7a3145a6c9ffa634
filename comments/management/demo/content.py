"""The demo's files, read into plain rows."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
PICTURES = FOLDER / "pictures"


@dataclass(frozen=True, kw_only=True)
class DemoPerson:
    """Somebody with an account; comments name them by `key`."""

    key: str
    role: str
    name: str
    email: str


@dataclass(frozen=True, kw_only=True)
class DemoComment:
    """One comment, written `minutes_after` its article (or `minutes_ago`, if that is given) by an account or a guest.

    `reason` and `clause` are what a moderator said, `held_because` is the code of a house rule,
    `reported_by` the key of the account that reported it under the clause `reported_as`.
    """

    key: str
    body: str
    parent: str = ""
    account: str = ""
    name: str = ""
    email: str = ""
    url: str = ""
    minutes_after: int = 0
    minutes_ago: int | None = None
    kind: str = "comment"
    status: str = "approved"
    reason: str = ""
    clause: str = ""
    held_because: str = ""
    reported_by: str = ""
    reported_as: str = ""
    report_note: str = ""


@dataclass(frozen=True, kw_only=True)
class DemoPost:
    """An article with its discussion. A picture is the name of a file in the folder of pictures."""

    slug: str
    title: str
    body: str
    days_ago: int
    discussion: str = "open"
    categories: tuple[str, ...] = ()
    excerpt: str = ""
    editors_note: str = ""
    picture: str = ""
    picture_alt: str = ""
    comments: tuple[DemoComment, ...] = field(default=(), repr=False)


@dataclass(frozen=True, kw_only=True)
class DemoClause:
    """A clause of the demo's guidelines."""

    id: str
    title: str
    short: str
    body: str


@dataclass(frozen=True, kw_only=True)
class DemoBlog:
    """Everything of the demo; posts are in the order of their publication."""

    name: str
    tagline: str
    categories: tuple[tuple[str, str], ...]  # slug, name
    people: tuple[DemoPerson, ...]
    about: dict[str, str]
    guidelines_introduction: str
    guidelines_summary: str
    clauses: tuple[DemoClause, ...]
    posts: tuple[DemoPost, ...]


def read(folder: Path = FOLDER) -> DemoBlog:
    """The demo as its files tell it; a field that does not exist raises TypeError."""
    blog = _toml(folder / "blog.toml")
    guidelines = blog["guidelines"]
    posts = [_post(_toml(path)) for path in sorted((folder / "posts").glob("*.toml"))]
    return DemoBlog(
        name=blog["name"],
        tagline=blog["tagline"],
        categories=tuple((category["slug"], category["name"]) for category in blog["categories"]),
        people=tuple(DemoPerson(**person) for person in blog["people"]),
        about=blog["about"],
        guidelines_introduction=guidelines["intro"].strip(),
        guidelines_summary=guidelines["summary_of_changes"],
        clauses=tuple(DemoClause(**{**clause, "body": clause["body"].strip()}) for clause in guidelines["clauses"]),
        posts=tuple(sorted(posts, key=lambda post: -post.days_ago)),
    )


def _post(row: dict[str, Any]) -> DemoPost:
    comments = tuple(DemoComment(**{**comment, "body": comment["body"].strip()}) for comment in row.pop("comments", ()))
    categories = tuple(row.pop("categories", ()))
    return DemoPost(**{**row, "body": row["body"].strip()}, categories=categories, comments=comments)


def _toml(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)
