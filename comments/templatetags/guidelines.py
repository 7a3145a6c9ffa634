"""Names the clauses of the guidelines in pages."""

from datetime import datetime
from typing import Any

from django import template

from comments import guidelines

register = template.Library()


@register.simple_tag
def clause_named(clauses: Any, key: str, at: Any = None) -> guidelines.Choice | None:
    """The clause of that key, with its number, title and path: as it stood at a time, or as it stands.

    `clauses` is what `guidelines.clauses_for_choice()` gave the page.
    """
    named = clauses.named if isinstance(clauses, guidelines.Choices) else guidelines.clause_named
    return named(key, at if isinstance(at, datetime) else None)
