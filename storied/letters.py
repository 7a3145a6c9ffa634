"""A mail of this site: what it says, and the two forms in which it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.header import Header
from email.utils import formataddr, parseaddr
from typing import Any
from urllib.parse import urlsplit

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from .text import clean_line

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


@dataclass
class Letter:
    """What a mail says. `opening` is all that a preview shows, and `plain_opening` stands there for who asks for it."""

    subject: str
    plain_subject: str
    opening: str
    plain_opening: str
    button: tuple[str, str] | None = None
    # To be typed into a page.
    code: str = ""
    # Other things to do, smaller, in words with their addresses; each leads to a page that asks once more.
    choices: list[tuple[str, str]] = field(default_factory=list)
    choices_are: str = "Or at once, without logging in; you are asked once more"
    sentences: list[str] = field(default_factory=list)
    # What somebody wrote: see `comments.notifications.quotes.Quote`.
    quotes: list[Any] = field(default_factory=list)
    why: str = ""
    # How the mail can be answered, where it can: sentences, each with an address or none.
    answering: list[tuple[str, str]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


class _Mail(EmailMultiAlternatives):
    def message(self) -> Any:
        made = super().message()
        if not self.subject.isascii():
            # Django folds it as if it began the line: what is long would begin with an empty one.
            made.replace_header("Subject", Header(self.subject, "utf-8", header_name="Subject"))
        return made


def compose(
    letter: Letter,
    to: str,
    *,
    is_plain: bool | None = None,
    bounces_to: str = "",
    answers_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> EmailMultiAlternatives:
    """The whole mail, ready to be sent; `is_plain` where the address's owner decides what a preview says."""
    is_plain = settings.STORIED_PLAIN_SUBJECTS if is_plain is None else is_plain
    context = {
        "letter": letter, "is_plain": is_plain, "opening": letter.plain_opening if is_plain else letter.opening,
        "site_name": settings.STORIED_SITE_NAME, "site_url": settings.SITE_URL,
    }  # fmt: skip
    sender = _sender(is_plain)
    made = _Mail(
        subject=clean_line(letter.plain_subject if is_plain else letter.subject),
        body=render_to_string("emails/letter.txt", context),
        from_email=bounces_to or sender,
        to=[to],
        reply_to=[answers_to] if answers_to else None,
        headers={
            "From": sender, "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", **(headers or {})
        },
    )  # fmt: skip
    made.attach_alternative(_inliner.inline(render_to_string("emails/letter.html", context)), "text/html")
    return made


def _sender(is_plain: bool) -> str:
    """The site's own address, under the site's name unless that would say too much."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return address if is_plain else formataddr((clean_line(name or settings.STORIED_SITE_NAME), address))


def titled(words: str) -> str:
    """The subject of a mail, which begins with the site's name."""
    return f"[{settings.STORIED_SITE_NAME}] {words}"


def absolute(path: str) -> str:
    """The whole address, in letters that a header may have."""
    site = urlsplit(settings.SITE_URL)
    at = f"{host()}:{site.port}" if site.port else host()
    return f"{site.scheme}://{at}{site.path}{path}"


def host() -> str:
    """The site's host, as identifiers and addresses name it."""
    return (urlsplit(settings.SITE_URL).hostname or "localhost").encode("idna").decode()
