"""The Commenting Guidelines: what is in force, how versions differ, who agreed to which, and the next one's draft.

`published` publishes and finds, `differences` compares, `consent` asks for agreement and keeps it, `drafts` writes the
next version, `source` reads and writes all of it as one Markdown text, `guards` has the database refuse changes.
"""

from .consent import CHECKBOX_SENTENCE, SENTENCE, Owed, earlier, owed, record, require_current
from .differences import Change, Difference, between
from .published import (
    Choice,
    Choices,
    Clause,
    clause_named,
    clauses_for_choice,
    current,
    number_of,
    publish,
    version_with_clauses,
    versions,
)

__all__ = [
    "CHECKBOX_SENTENCE",
    "SENTENCE",
    "Change",
    "Choice",
    "Choices",
    "Clause",
    "Difference",
    "Owed",
    "between",
    "clause_named",
    "clauses_for_choice",
    "current",
    "earlier",
    "number_of",
    "owed",
    "publish",
    "record",
    "require_current",
    "version_with_clauses",
    "versions",
]
