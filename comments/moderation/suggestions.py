"""Top-level comments that look like replies: they greet somebody who wrote before them. Suggested, never done alone."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from django.db.models import Q

from comments.models import Comment
from posts.models import Post

# How much of a text may be a greeting.
_BEGINNING = 120
_MOST_WORDS_IN_A_NAME = 4
# Who greets somebody rarely means a comment of another season; a page of cards looks no further, in time and rows.
_NOT_LONGER_AGO = timedelta(days=90)
_MOST_EARLIER = 500

_GREETING = (
    r"(?:hi|hello|hey|hiya|dear|good (?:morning|evening|day|afternoon)|thanks?(?: you)?(?: so much| very much)?|"
    r"hallo|lieber?|guten (?:tag|morgen|abend)|danke|salut|bonjour|cher|chère|merci|hola|querid[oa]|gracias|ciao|"
    r"car[oa]|grazie)"
)
_NAME = r"(?P<name>[^\W\d_][^,;:!?\n@–—…]{0,60}?)"
_END = r"\s*(?:[,;:!?\n–—…]|\s-+\s|--|\.(?:\s|$)|$)"
# "Hi Ann," — "@Ann" — "Ann, thank you" — "Ann – you are right".
_SAYS_NAME = (
    re.compile(rf"^\W{{0,3}}{_GREETING}\b[\s,]+@?{_NAME}{_END}", re.IGNORECASE),
    re.compile(r"^\W{0,3}@(?P<name>[^\W_][^\s,;:!?\n@]{0,60}(?: [^\W\d_][^\s,;:!?\n@]{0,30}){0,3})"),
    re.compile(rf"^{_NAME}\s*(?:[,:–—!]|\s-+\s|--)\s*\S", re.IGNORECASE),
)
# Who speaks to all answers nobody in particular.
_EVERYBODY = frozenset(
    {
        "all", "everyone", "everybody", "friends", "friend", "folks", "guys", "people", "readers", "reader", "there",
        "you", "both", "anyone", "someone", "somebody", "again", "dear", "so", "much", "yes", "no", "well", "also",
        "and", "but", "first", "thanks", "thank", "hi", "hello", "sorry", "ok", "okay", "alle", "allerseits",
        "zusammen", "leute", "freunde", "ihr", "tous", "todos", "tutti",
    }
)  # fmt: skip
_TAG = re.compile(r"<[^>]*(?:>|$)")
_JOINED = re.compile(r"(?:\s*[,/]\s*|\s+)(?:and|&|\+|und|et|y|e|or)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class Earlier:
    """A comment that stood there before."""

    pk: int
    name: str
    author_id: int | None
    created_at: datetime
    text: str = ""


@dataclass(frozen=True)
class Suggestion:
    """That a comment be moved under an earlier one: the name as it was greeted, and whose comment it would be."""

    comment_id: int
    under_id: int
    greeted: str
    under_name: str


def greeted_names(text: str) -> list[str]:
    """Whom the beginning of a text may speak to, the likeliest first; empty where it is nobody, or several."""
    beginning = text.lstrip()[:_BEGINNING]
    for pattern in _SAYS_NAME:
        match = pattern.match(beginning)
        if match is None:
            continue
        name = match["name"].strip(" .*_'\"’")
        if _JOINED.search(f" {name} ") or _goes_on_with_names(beginning[match.end("name") :]):
            return []
        words, parts = _folded(name).split(), name.split()
        if not words or words[0] in _EVERYBODY or words[-1] in {"all", "everyone", "everybody"}:
            continue
        if pattern is not _SAYS_NAME[2]:
            return _names_in(name)
        # "Some words of mine, said quietly" greets nobody: a name that opens a sentence has no small words.
        if len(parts) <= _MOST_WORDS_IN_A_NAME and not any(part[0].islower() for part in parts[1:]):
            return [" ".join(parts)]
    return []


def _names_in(said: str) -> list[str]:
    """ "Mary Ann for your words" may be Mary Ann, but not Mary: a name ends where a small word follows."""
    words = said.split()
    most = min(len(words), _MOST_WORDS_IN_A_NAME)
    ends = [length for length in range(most, 0, -1) if length == len(words) or not words[length][0].isupper()]
    return [" ".join(words[:length]) for length in ends]


def _goes_on_with_names(rest: str) -> bool:
    """ "Ann, Judy and Michelle, …" greets three."""
    return (
        re.match(r"\s*,\s*[^\W\d_]\w*(?:\s*,|\s+(?:and|&|und|et|y)\s+[^\W\d_]\w*\s*[,–—!:.\n-])", rest, re.IGNORECASE)
        is not None
    )


def parent_for(
    text: str, at: datetime, earlier: Sequence[Earlier], *, by: int | None = None, by_name: str = "", host: str = ""
) -> tuple[Earlier, str] | None:
    """The earlier comment that a text seems to answer, with the name it greets: the last one by that name before it.

    Nobody answers themselves, and who greets the host speaks of the article. `by` and `by_name` are the writer's.
    """
    candidates = [one for one in earlier if one.created_at < at]
    for greeted in greeted_names(text):
        if host and _is_called(host, greeted):
            return None
        theirs = [one for one in candidates if _is_called(one.name, greeted)]
        exactly = [one for one in theirs if _folded(one.name) == _folded(greeted)]
        theirs = [one for one in exactly or theirs if not _wrote(one, by, by_name)]
        if not theirs:
            continue
        if not exactly and len({_folded(one.name) for one in theirs}) > 1:
            # "Ann" where Ann Miller and Ann Smith have written: nobody can say which.
            return None
        return max(theirs, key=lambda one: (one.created_at, one.pk)), greeted
    return None


def _wrote(one: Earlier, by: int | None, by_name: str) -> bool:
    if by is not None and one.author_id is not None:
        return one.author_id == by
    return _folded(one.name) == _folded(by_name)


def _is_called(name: str, greeted: str) -> bool:
    """Whether a name is the greeted one, or begins with it: "Ann" is Ann Miller, but not Anna."""
    name, greeted = _folded(name), _folded(greeted)
    return name == greeted or name.startswith(f"{greeted} ") or name.startswith(f"{greeted}-")


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().strip(" .,!").split())


def _plain(comment: Comment) -> str:
    """The first words, line by line, whatever they were written in."""
    return unescape(_TAG.sub("\n", comment.body_html[: 4 * _BEGINNING])).strip()


def suggested(comments: Iterable[Comment]) -> dict[int, Suggestion]:
    """Where the misplaced ones among these comments seem to belong, by number: two queries for a page of cards."""
    greeting = {}
    for comment in comments:
        if comment.parent_id is None and not comment.is_linkback:
            names = greeted_names(_plain(comment))
            if names:
                greeting[comment.pk] = (comment, names)
    if not greeting:
        return {}
    wanted = Q()
    for comment, names in greeting.values():
        first = names[-1]
        # SQLite folds the case of ASCII alone.
        called = Q()
        for spelt in {first, first.lower(), first.upper(), first.title()}:
            called |= Q(author_name__istartswith=spelt)
        since = comment.created_at - _NOT_LONGER_AGO
        wanted |= Q(post=comment.post_id, created_at__lt=comment.created_at, created_at__gte=since) & called
    rows = Comment.objects.filter(wanted, status=Comment.Status.APPROVED, kind=Comment.Kind.COMMENT)
    rows = rows.order_by("-created_at").values_list("post_id", "pk", "author_name", "author_id", "created_at")
    by_post: dict[Any, list[Earlier]] = {}
    for post_id, pk, name, author_id, created_at in rows[:_MOST_EARLIER]:
        by_post.setdefault(post_id, []).append(Earlier(pk, name, author_id, created_at))
    posts = Post.objects.filter(pk__in={comment.post_id for comment, _names in greeting.values()})
    hosts = {pk: (author, name) for pk, author, name in posts.values_list("pk", "author", "author__display_name")}
    found = {}
    for comment, _names in greeting.values():
        host_id, host = hosts[comment.post_id]
        answer = parent_for(
            _plain(comment), comment.created_at, by_post.get(comment.post_id, []), by=comment.author_id,
            by_name=comment.author_name, host="" if comment.author_id == host_id else host,
        )  # fmt: skip
        if answer is not None:
            under, greeted = answer
            found[comment.pk] = Suggestion(comment.pk, under.pk, greeted, under.name)
    return found
