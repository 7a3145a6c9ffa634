"""Names the clauses of the guidelines in pages."""

from datetime import datetime
from typing import Any

from django import template

from comments import guidelines

register = template.Library()

_OTHER_GROUNDS = {"worried": "Worried about this person", "other": "Something else"}


@register.simple_tag
def clause_title(clauses: Any, key: str, at: Any = None) -> str:
    """The title of the clause that was named, as it stood at that time or as it stands, or a report's other ground.

    `clauses` is what `guidelines.clauses_for_choice()` gave the page.
    """
    if key in _OTHER_GROUNDS:
        return _OTHER_GROUNDS[key]
    named = clauses.named if isinstance(clauses, guidelines.Choices) else guidelines.clause_named
    clause = named(key, at if isinstance(at, datetime) else None)
    if clause is None:
        return key
    return clause.title if clause.is_in_force else f"{clause.title} (version {clause.version})"
