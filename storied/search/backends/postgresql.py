"""A stored generated `tsvector` with a GIN index: the database itself keeps it in step with its row."""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from ..documents import MATCH_BEGINS, MATCH_ENDS
from ..snippets import Span, matches
from ..terms import Question, Term, Terms

# What a match in the title (A) weighs against one in the body (B), in the order D, C, B, A; with 1, long
# documents weigh a little less.
_RANK = "ts_rank('{0.1, 0.2, 0.25, 1.0}', document.words, %s, 1)"


def _folded_characters() -> tuple[dict[str, str], list[str]]:
    """What is indexed as another character: accented letters as plain ones, punctuation as a space.

    PostgreSQL's parser keeps accents, and takes an address or a file name for a single word, so that a word
    inside it would not be found. One character for one, so that places in the text stay.
    """
    letters, gaps = dict(zip("ȘșȚț", "sstt", strict=True)), []
    for number in [*range(0x21, 0x7F), *range(0xA0, 0x180), *range(0x1EA0, 0x1EFA), *range(0x2010, 0x205F)]:
        character = chr(number)
        category = unicodedata.category(character)
        plain = unicodedata.normalize("NFD", character)[0]
        if category[0] in "PSZ":
            gaps.append(character)
        elif category[0] == "L" and plain != character and plain.isascii():
            letters[character] = plain.lower()
    return letters, gaps


_LETTERS, _GAPS = _folded_characters()
_FOLD = str.maketrans(_LETTERS | dict.fromkeys(_GAPS, " "))


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


def wipe(cursor: Any) -> None:
    """Nothing to do: the words stand in the row, and what is left of a deleted row is vacuumed away."""


def count(cursor: Any, question: Question, most: int) -> int:
    """How many documents match, counted up to `most`."""
    tsquery, parameters = _tsquery(question.terms, question.language)
    where, more = _where(question, tsquery, parameters)
    cursor.execute(f"SELECT COUNT(*) FROM (SELECT 1 {where} LIMIT %s) AS found", [*more, most])  # noqa: S608
    return cursor.fetchone()[0]


def ranked_ids(cursor: Any, question: Question, limit: int, offset: int) -> list[int]:
    """One page of the documents that match, best first, and the newest first among equals."""
    tsquery, parameters = _tsquery(question.terms, question.language)
    where, more = _where(question, tsquery, parameters)
    rank = _RANK.replace("%s", tsquery)
    cursor.execute(
        f"SELECT document.id {where} "
        f"ORDER BY {rank} DESC, document.published_at DESC, document.id DESC LIMIT %s OFFSET %s",
        [*more, *parameters, limit, offset],
    )
    return [row[0] for row in cursor.fetchall()]


def marked_bodies(cursor: Any, question: Question, bodies: Mapping[int, str]) -> dict[int, list[Span]]:
    """Where the matches stand in these bodies, by the id of their document."""
    if not bodies:
        return {}
    tsquery, parameters = _tsquery(Terms(question.terms.wanted, ()), question.language)
    options = f'HighlightAll=true, StartSel="{MATCH_BEGINS}", StopSel="{MATCH_ENDS}"'
    cursor.execute(
        f"SELECT id, ts_headline({_configuration(question.language)}, body, {tsquery}, %s) "  # noqa: S608
        "FROM unnest(%s::bigint[], %s::text[]) AS document (id, body)",
        [*parameters, options, list(bodies), [body.translate(_FOLD) for body in bodies.values()]],
    )
    found = {}
    for row_id, marked in cursor.fetchall():
        text, spans = matches(marked)
        # The places hold for the body as it was written only while nothing was left out.
        found[row_id] = spans if len(text) == len(bodies[row_id]) else []
    return found


def _configuration(language: str) -> str:
    return f"'pg_catalog.{language}'::regconfig"


def _folding(column: str) -> str:
    """The column with _FOLD applied, in SQL: letters only where there are any, for translate() is slow."""
    before, after = ("".join(side) for side in (_LETTERS.keys(), _LETTERS.values()))
    folded = (
        f"CASE WHEN {column} COLLATE \"C\" ~ '{_one_of(_LETTERS)}' "
        f"THEN translate({column}, '{before}', '{after}') ELSE {column} END"
    )
    return f"regexp_replace(({folded}) COLLATE \"C\", '{_one_of(_GAPS)}', ' ', 'g')"


def _one_of(characters: Iterable[str]) -> str:
    # By number, so that none of them means something to the expression or ends the literal.
    return "[" + "".join(f"\\u{ord(character):04x}" for character in characters) + "]"


def _column(language: str) -> str:
    title, body = (f"to_tsvector({_configuration(language)}, {_folding(column)})" for column in ("title", "body"))
    return f"GENERATED ALWAYS AS (setweight({title}, 'A') || setweight({body}, 'B')) STORED"


def _fingerprint(language: str) -> str:
    return f"{language} {hashlib.sha256(_column(language).encode()).hexdigest()[:16]}"


def _where(question: Question, tsquery: str, parameters: list[Any]) -> tuple[str, list[Any]]:
    sql = f"FROM search_searchdocument AS document WHERE document.words @@ ({tsquery}) AND document.published_at <= %s"
    parameters = [*parameters, question.now]
    if question.kinds is None:
        return sql, parameters
    return f"{sql} AND document.kind = ANY(%s)", [*parameters, question.kinds]


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
