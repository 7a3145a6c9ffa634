"""A stored generated `tsvector` with a GIN index: the database itself keeps it in step with its row."""

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import Any

from ..documents import MATCH_BEGINS, MATCH_ENDS
from ..snippets import Span, matches
from ..terms import Term, Terms

# What a match in the title (A) weighs against one in the body (B), in the order D, C, B, A; with 1, long
# documents weigh a little less.
_RANK = "ts_rank('{0.1, 0.2, 0.25, 1.0}', document.words, %s, 1)"


def _folded_characters() -> dict[str, str]:
    """What is indexed as another character: accented letters as plain ones, punctuation as a space.

    PostgreSQL's parser keeps accents, and takes an address or a file name for a single word, so that a word
    inside it would not be found. One character for one, so that places in the text stay.
    """
    folded = {}
    for number in [*range(0x21, 0x7F), *range(0xA0, 0x180), *range(0x1EA0, 0x1EFA), *range(0x2010, 0x205F)]:
        character = chr(number)
        category = unicodedata.category(character)
        plain = unicodedata.normalize("NFD", character)[0]
        if category[0] in "PSZ":
            folded[character] = " "
        elif category[0] == "L" and plain != character and plain.isascii():
            folded[character] = plain.lower()
    # Romanian, with the comma below that the ranges above leave out.
    return folded | dict(zip("ȘșȚț", "sstt", strict=True))


_FOLDED = _folded_characters()
_FOLD = str.maketrans(_FOLDED)


def create(cursor: Any, language: str) -> None:
    """Makes the index over all documents there are."""
    column = _column(language)
    cursor.execute(f"ALTER TABLE search_searchdocument ADD COLUMN words tsvector {column}")
    cursor.execute(f"COMMENT ON COLUMN search_searchdocument.words IS '{_fingerprint(language)}'")
    cursor.execute("CREATE INDEX search_words ON search_searchdocument USING gin (words)")


def drop(cursor: Any) -> None:
    """Takes the index away and leaves the documents."""
    cursor.execute("DROP INDEX IF EXISTS search_words")
    cursor.execute("ALTER TABLE search_searchdocument DROP COLUMN IF EXISTS words")


def stands(cursor: Any, language: str) -> bool:
    """Whether the index is whole and in this language."""
    cursor.execute(
        "SELECT col_description(attrelid, attnum), to_regclass('search_words') IS NOT NULL FROM pg_attribute "
        "WHERE attrelid = 'search_searchdocument'::regclass AND attname = 'words' AND NOT attisdropped"
    )
    return cursor.fetchone() == (_fingerprint(language), True)


def lock(cursor: Any) -> None:
    """Has other writers wait until the transaction ends; readers read on."""
    cursor.execute("LOCK TABLE search_searchdocument IN SHARE ROW EXCLUSIVE MODE")


def count(cursor: Any, terms: Terms, kinds: Sequence[str] | None, language: str, most: int) -> int:
    """How many documents match, counted up to `most`."""
    tsquery, parameters = _tsquery(terms, language)
    where, more = _where(tsquery, parameters, kinds)
    cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 {where} LIMIT %s) AS found", [*more, most])  # noqa: S608
    return cursor.fetchone()[0]


def ranked_ids(
    cursor: Any, terms: Terms, kinds: Sequence[str] | None, language: str, limit: int, offset: int
) -> list[int]:
    """One page of the documents that match, best first, and the newest first among equals."""
    tsquery, parameters = _tsquery(terms, language)
    where, more = _where(tsquery, parameters, kinds)
    rank = _RANK.replace("%s", tsquery)
    cursor.execute(
        f"SELECT document.id {where} "
        f"ORDER BY {rank} DESC, document.published_at DESC, document.id DESC LIMIT %s OFFSET %s",
        [*more, *parameters, limit, offset],
    )
    return [row[0] for row in cursor.fetchall()]


def marked_bodies(cursor: Any, terms: Terms, ids: Sequence[int], language: str) -> dict[int, list[Span]]:
    """Where the matches stand in the bodies of these documents."""
    if not ids:
        return {}
    tsquery, parameters = _tsquery(Terms(terms.wanted, ()), language)
    configuration = _configuration(language)
    options = f'HighlightAll=true, StartSel="{MATCH_BEGINS}", StopSel="{MATCH_ENDS}"'
    cursor.execute(
        f"SELECT id, length(body), ts_headline({configuration}, {_folding('body')}, {tsquery}, %s) "  # noqa: S608
        "FROM search_searchdocument WHERE id = ANY(%s)",
        [*parameters, options, list(ids)],
    )
    found = {}
    for row_id, length, marked in cursor.fetchall():
        text, spans = matches(marked)
        # The places hold for the body as it was written only while nothing was left out.
        found[row_id] = spans if len(text) == length else []
    return found


def _configuration(language: str) -> str:
    return f"'pg_catalog.{language}'::regconfig"


def _folding(column: str) -> str:
    literals = ("".join(side).replace("'", "''") for side in (_FOLDED.keys(), _FOLDED.values()))
    before, after = (literal.replace("%", "%%") for literal in literals)
    return f"translate({column}, '{before}', '{after}')"


def _column(language: str) -> str:
    # Executed without parameters, hence with single percent signs.
    title, body = (
        f"to_tsvector({_configuration(language)}, {_folding(column).replace('%%', '%')})"
        for column in ("title", "body")
    )
    return f"GENERATED ALWAYS AS (setweight({title}, 'A') || setweight({body}, 'B')) STORED"


def _fingerprint(language: str) -> str:
    return f"{language} {hashlib.sha256(_column(language).encode()).hexdigest()[:16]}"


def _where(tsquery: str, parameters: list[Any], kinds: Sequence[str] | None) -> tuple[str, list[Any]]:
    sql = f"FROM search_searchdocument AS document WHERE document.words @@ ({tsquery})"
    if kinds is None:
        return sql, parameters
    return f"{sql} AND document.kind = ANY(%s)", [*parameters, list(kinds)]


def _tsquery(terms: Terms, language: str) -> tuple[str, list[Any]]:
    """The terms as an expression and its parameters; PostgreSQL takes each text as words, never as syntax."""
    parts, parameters = [], []
    for negation, group in (("", terms.wanted), ("!! ", terms.unwanted)):
        for term in group:
            function = "to_tsquery" if term.is_beginning else "phraseto_tsquery"
            parts.append(f"{negation}{function}({_configuration(language)}, %s::text)")
            parameters.append(_text(term))
    return f"({' && '.join(parts)})", parameters


def _text(term: Term) -> str:
    words = [word.translate(_FOLD) for word in term.words]
    if not term.is_beginning:
        return " ".join(words)
    # Words are of letters and digits only, so that no quote can end early.
    return " <-> ".join([*(f"'{word}'" for word in words[:-1]), f"'{words[-1]}':*"])
