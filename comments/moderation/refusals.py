"""Words to begin a refusal with: one set a reason, shipped in plain English, changed and added to by the owner.

None says "violation"; the one for distress says nothing of rules at all. Spam gets no words, and no mail.
"""

import re
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from comments import permissions
from comments.exceptions import Refused
from comments.models import Comment, RefusalTemplate
from comments.viewers import Viewer

# Whoever is in a bad place is not to read of rules, however the owner words it.
NOT_IN_GENTLE_WORDS = ("violat", "breach", "infring", "offence", "offense", "guideline", "the rules", "against our")


@dataclass(frozen=True)
class Template:
    """`{name}`, `{article}` and `{clause}` stand for the author's name, the article's and the clause's title."""

    key: str
    title: str
    words: str
    clause: str = ""
    is_gentle: bool = False
    is_offered: bool = True
    is_shipped: bool = True
    is_changed: bool = False


SHIPPED = (
    Template(
        "unfitting", "It does not fit here",
        "Thank you for writing, {name}. We have not published this comment, because it does not fit what we agreed on "
        "here ({clause}). You can change it and submit it again, or ask for a second look.",
    ),
    Template(
        "unkind", "It may hurt somebody",
        "Thank you for writing, {name}. Some words in this comment may hurt the person they are meant for, or others "
        "who read along. If you say the same thing without them, we are glad to publish it.",
    ),
    Template(
        "private", "It tells private things about somebody",
        "Thank you for writing, {name}. This comment tells things about somebody that they might not want everybody to "
        "read, such as a name, a place or a workplace. Without these details we are glad to publish it.",
    ),
    Template(
        "method", "It describes a method",
        "Thank you for telling this, {name}. What you feel and went through is welcome here. We leave out details of "
        "how people harm themselves, since they can be dangerous for somebody who reads this on a bad day. Without "
        "that passage we are glad to publish your comment.",
    ),
    Template(
        "advice", "It gives advice that may harm",
        "Thank you for wanting to help, {name}. This comment gives advice that can be dangerous for some people, for "
        "example on medicines. If you tell what you did yourself and how it was for you, we are glad to publish it.",
    ),
    Template(
        "off_topic", "It is about something else",
        "Thank you for writing, {name}. This comment is not about “{article}”, and people who come here for that would "
        "have a hard time following. If it belongs to another article, please submit it there.",
    ),
    Template(
        "advertising", "It advertises something",
        "Thank you for writing, {name}. This comment reads as if it wanted to sell or promote something, and we "
        "publish nothing of the kind. If we misunderstood it, please tell us by asking for a second look.",
    ),
    Template(
        "twice", "It has been said already",
        "Thank you for writing, {name}. The same is here already, so we have not published it a second time.",
    ),
    Template(
        "distress", "Somebody is in distress",
        "Dear {name}, we have read what you wrote, and we are glad that you wrote it. It sounds as if you were going "
        "through something very hard. We have not put it up for everybody to read, to protect you and others who "
        "might read it on a bad day; it is not lost, and you have done nothing wrong. Please do not stay alone with "
        "it tonight: talk to somebody you trust, or to one of the lines that are there for exactly this. If you want "
        "to tell part of it here, you can write it anew at any time, and we will read it.",
        is_gentle=True,
    ),
)  # fmt: skip
_SHIPPED = {template.key: template for template in SHIPPED}


class NotGentle(Refused):
    code = "not_gentle"


def templates(*, offered_only: bool = False) -> list[Template]:
    """The shipped ones as the owner has changed them, then the owner's own: one query."""
    rows = {row.key: row for row in RefusalTemplate.objects.order_by("pk")}
    found = [_of_row(rows.pop(shipped.key), shipped) if shipped.key in rows else shipped for shipped in SHIPPED]
    found += [_of_row(row, None) for row in rows.values()]
    return [template for template in found if template.is_offered or not offered_only]


def find(key: str) -> Template | None:
    """The template of that key; None for one that there is not, or no longer."""
    if not key:
        return None
    row = RefusalTemplate.objects.filter(key=key).first()
    shipped = _SHIPPED.get(key)
    return _of_row(row, shipped) if row else shipped


def filled(template: Template, comment: Comment, clause_title: str = "", words: str = "") -> str:
    """The words for one comment: the template's, or those that a moderator made of them."""
    words = words or template.words
    if not clause_title:
        words = words.replace(" ({clause})", "")
    said = {"name": comment.author_name, "article": str(comment.post), "clause": clause_title}
    # In one go: a name that looks like a mark stays a name.
    return _MARK.sub(lambda found: said[found[1]], words)


_MARK = re.compile(r"\{(name|article|clause)\}")


def is_gentle(key: str) -> bool:
    """Whether what was refused with this template is to be told without a word of rules."""
    template = find(key)
    return template is not None and template.is_gentle


def save(viewer: Viewer, key: str, *, title: str, words: str, clause: str, is_gentle: bool, is_offered: bool) -> None:
    """The owner's wording of a template, or a new one."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    found = [part for part in NOT_IN_GENTLE_WORDS if is_gentle and part in words.lower()]
    if found:
        raise NotGentle(
            f"These words are for somebody who is in a bad place. Please say it without “{found[0]}…”.", field="words"
        )
    shipped = _SHIPPED.get(key)
    said: dict[str, Any] = {
        "title": title, "words": words, "clause": clause, "is_offered": is_offered,
        # What is shipped as gentle stays so: pages and mails depend on it.
        "is_gentle": is_gentle or bool(shipped and shipped.is_gentle), "changed_by": viewer.user,
    }  # fmt: skip
    with transaction.atomic():
        RefusalTemplate.objects.update_or_create(key=key, defaults=said)


def put_back(viewer: Viewer, key: str) -> None:
    """Forgets the owner's wording: a shipped template has its own words again, one of the owner's is gone."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    RefusalTemplate.objects.filter(key=key).delete()


def _of_row(row: RefusalTemplate, shipped: Template | None) -> Template:
    return Template(
        row.key, row.title, row.words, row.clause, row.is_gentle, row.is_offered,
        is_shipped=shipped is not None, is_changed=True,
    )  # fmt: skip
