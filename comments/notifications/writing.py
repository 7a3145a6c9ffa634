"""A mail from the rows that it is owed by: its words in two forms, its headers and its ways out.

It is the same at each attempt, so that a mail program that gets one twice shows one.
"""

from collections.abc import Sequence
from email.header import Header
from email.utils import formataddr, parseaddr
from typing import Any

import css_inline
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse

from comments.models import Comment, Kind, MailPreferences, Notification
from storied.text import clean_line

from .wording import LETTERS, absolute, digest, host, title_of

ANCESTORS_NAMED = 20  # in References: enough for a mail program to find the thread
_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def message_id_of(rows: Sequence[Notification]) -> str:
    """The same at each attempt, so that a mail program that gets one twice shows one."""
    first = min(rows, key=lambda row: row.pk)
    if first.bundle:
        return f"<digest.{first.pk}@{host()}>"
    about = f"comment.{first.comment_id}" if first.comment_id else f"article.{first.post_id or 0}"
    return f"<{about}.{first.pk}@{host()}>"


def mail(rows: Sequence[Notification], preferences: MailPreferences, address: str) -> EmailMultiAlternatives:
    """The whole mail, ready to be sent."""
    letter = digest(rows) if rows[0].bundle else LETTERS[Kind(rows[0].kind)](rows[0])
    is_plain = preferences.plain_subject or settings.STORIED_PLAIN_SUBJECTS
    ending = _way_out(rows, preferences)
    letter.links = _ways_out(rows, preferences, ending)
    context = {
        "letter": letter, "is_plain": is_plain, "opening": letter.plain_opening if is_plain else letter.opening,
        "site_name": settings.STORIED_SITE_NAME, "site_url": settings.SITE_URL,
    }  # fmt: skip
    made = EmailMultiAlternatives(
        subject=clean_line(letter.plain_subject if is_plain else letter.subject),
        body=render_to_string("emails/letter.txt", context),
        from_email=_sender(is_plain),
        to=[address],
        headers=_headers(rows, ending[1]),
    )
    made.attach_alternative(_inliner.inline(render_to_string("emails/letter.html", context)), "text/html")
    return made


_OF_A_THREAD = frozenset({Kind.REPLY, Kind.THREAD, Kind.ARTICLE})
_END_WORDS = {"subscription": "No more mail about this", "all": "No more mail at all"}


def _way_out(rows: Sequence[Notification], preferences: MailPreferences) -> tuple[str, str]:
    """What one click ends, and its address: this wish, this kind of mail, or, for many in one, all of it."""
    row = rows[0]
    if row.bundle and len({preferences.RULED_BY[Kind(each.kind)] for each in rows}) > 1:
        return "all", absolute(reverse("notifications:end_kind", args=[preferences.token, "all"]))
    if row.subscription is not None and not row.bundle:
        return "subscription", absolute(reverse("notifications:end", args=[row.subscription.token]))
    field_name = preferences.RULED_BY.get(Kind(row.kind), "all")
    return field_name, absolute(reverse("notifications:end_kind", args=[preferences.token, field_name]))


def _ways_out(
    rows: Sequence[Notification], preferences: MailPreferences, ending: tuple[str, str]
) -> list[tuple[str, str]]:
    """What stands at the end of every mail: less of this, nothing of this thread, all settings."""
    row = rows[0]
    ways = [(_END_WORDS.get(ending[0], "No more mail of this kind"), ending[1])]
    if row.kind in _OF_A_THREAD and not row.bundle:
        mute = reverse("notifications:mute", args=[preferences.token, row.comment_id])
        ways.append(("Mute this thread", absolute(mute)))
    if row.kind == Kind.CONFIRM:
        ways.append(
            (
                "Never send mail to this address",
                absolute(reverse("notifications:end_kind", args=[preferences.token, "all"])),
            )
        )
    else:
        ways.append(("All your mail settings", absolute(reverse("notifications:by_link", args=[preferences.token]))))
    return ways


def _sender(is_plain: bool) -> str:
    """The site's own address, under the site's name unless that would say too much."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return address if is_plain else formataddr((clean_line(name or settings.STORIED_SITE_NAME), address))


def _headers(rows: Sequence[Notification], way_out: str) -> dict[str, str]:
    row = rows[0]
    headers = {
        "Message-ID": message_id_of(rows),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "Precedence": "list",
        "List-Unsubscribe": f"<{way_out}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    post = row.comment.post if row.comment is not None else row.post
    if row.bundle or post is None:
        headers["List-Id"] = f"<mail.{host()}>"
        return headers
    headers["List-Id"] = _list_id(post)
    place = row.comment.get_absolute_url() if row.comment is not None else post.get_absolute_url()
    headers["List-Archive"] = f"<{absolute(place)}>"
    if row.comment is not None and row.kind in _OF_A_THREAD:
        ancestors = _mails_before(row)
        headers["In-Reply-To"] = ancestors[-1]
        headers["References"] = " ".join(ancestors)
    return headers


def _list_id(post: Any) -> str:
    phrase = clean_line(title_of(post)).replace('"', "'").replace("\\", "")[:60]
    if phrase.isascii():
        return f'"{phrase}" <article-{post.pk}.{host()}>'
    words = Header(phrase, "utf-8").encode(linesep="", maxlinelen=10_000).replace("\n", "")
    return f"{words} <article-{post.pk}.{host()}>"


def _mails_before(row: Notification) -> list[str]:
    """Identifiers of the article and of the comments above, as this person got them where they did."""
    comment = row.comment
    above = Comment.objects.filter(tree_id=comment.tree_id, lft__lt=comment.lft, rght__gt=comment.rght)
    ancestors = list(above.order_by("-lft").values_list("pk", flat=True)[:ANCESTORS_NAMED])[::-1]
    got = dict(
        Notification.objects.filter(who=row.who, comment_id__in=ancestors, bundle="", state="sent")
        .exclude(kind__in=[Kind.DECISION, Kind.ALERT, Kind.CONFIRM])
        .values_list("comment_id", "message_id")
    )
    article = f"<article.{comment.post_id}@{host()}>"
    return [article, *(got.get(pk) or f"<comment.{pk}@{host()}>" for pk in ancestors)]
