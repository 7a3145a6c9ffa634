"""A mail from the rows that it is owed by: its words in two forms, its headers and its ways out.

It is the same at each attempt, so that a mail program that gets one twice shows one.
"""

import re
from collections.abc import Sequence
from email.header import Header
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from comments import guidelines
from comments.models import Comment, Kind, MailPreferences, Notification, ReceivedMail
from storied.letters import absolute, compose, host
from storied.text import clean_line

from . import addresses, receipts
from .answering import offer_answering
from .quotes import title_of
from .wording import LETTERS, digest
from .writers import writer_of

ANCESTORS_NAMED = 20  # in References: enough for a mail program to find the thread


_LETTERS = {**LETTERS, Kind.RECEIVED: receipts.letter}


def message_id_of(rows: Sequence[Notification]) -> str:
    """The same at each attempt, so that a mail program that gets one twice shows one.

    Signed, so that a report of a mail that did not arrive is believed only from where it was sent to.
    """
    first = min(rows, key=lambda row: row.pk)
    about = f"comment.{first.comment_id}" if first.comment_id else f"article.{first.post_id or 0}"
    said = f"{'digest' if first.bundle else about}.{first.pk}"
    return f"<{said}.{addresses.signature(f'{said}:{first.who}')}@{host()}>"


_MESSAGE_ID = re.compile(r"<((?:digest|(?:comment|article)\.\d{1,18})\.(\d{1,18}))\.([a-z2-7]{16})@", re.A)


def mail_named_in(text: str) -> Notification | None:
    """The mail that a report is about, by our identifier in it; None where nobody could have it from us."""
    for found in list(_MESSAGE_ID.finditer(text))[:10]:
        row = Notification.objects.filter(pk=int(found[2])).first()
        if row is not None and addresses.is_signed(f"{found[1]}:{row.who}", found[3]):
            return row
    return None


def mail(rows: Sequence[Notification], preferences: MailPreferences, address: str) -> EmailMultiAlternatives:
    """The whole mail, ready to be sent."""
    letter = digest(rows) if rows[0].bundle else _LETTERS[Kind(rows[0].kind)](rows[0])
    is_plain = preferences.plain_subject or settings.STORIED_PLAIN_SUBJECTS
    ending = _way_out(rows, preferences)
    letter.links = _ways_out(rows, preferences, ending)
    answer_to = _answer_address(rows)
    if answer_to:
        offer_answering(letter, writer_of(rows[0]).name)
    return compose(
        letter,
        address,
        is_plain=is_plain,
        bounces_to=addresses.for_bounces(rows[0]) if addresses.are_used() else "",
        answers_to=answer_to,
        headers=_headers(rows, ending, preferences, is_plain),
    )


def _answer_address(rows: Sequence[Notification]) -> str:
    """Where an answer goes; nowhere for mail that is about many things or none that could be answered."""
    row, version = rows[0], guidelines.current()
    if row.bundle or row.kind not in _OF_A_THREAD or not addresses.are_used() or writer_of(row) is None:
        return ""
    return addresses.for_answers(row, version.number if version else 0)


_OF_A_THREAD = frozenset({Kind.REPLY, Kind.THREAD, Kind.ARTICLE})
_END_WORDS = {"subscription": "No more mail about this"}


def _way_out(rows: Sequence[Notification], preferences: MailPreferences) -> tuple[str, str] | None:
    """What one click ends, and its address: this wish, this kind of mail, or, for many in one, what comes so often.

    None for what nobody subscribes to: a link that was asked for, what became of an answer, word to the owner of what
    was looked up. It is no list's mail, and a button of a mail program must not end everything else.
    """
    row = rows[0]
    if row.bundle and len({preferences.RULED_BY.get(Kind(each.kind)) for each in rows}) > 1:
        return row.bundle, absolute(reverse("notifications:end_kind", args=[preferences.token, row.bundle]))
    if row.subscription is not None and not row.bundle:
        return "subscription", absolute(reverse("notifications:end", args=[row.subscription.token]))
    field_name = preferences.RULED_BY.get(Kind(row.kind))
    if field_name is None:
        return None
    return field_name, absolute(reverse("notifications:end_kind", args=[preferences.token, field_name]))


def _ways_out(
    rows: Sequence[Notification], preferences: MailPreferences, ending: tuple[str, str] | None
) -> list[tuple[str, str]]:
    """What stands at the end of every mail: less of this, nothing of this thread, all settings."""
    row = rows[0]
    ways = [(_END_WORDS.get(ending[0], "No more mail of this kind"), ending[1])] if ending else []
    if row.kind in _OF_A_THREAD and not row.bundle:
        mute = reverse("notifications:mute", args=[preferences.token, row.comment_id])
        ways.append(("Mute this thread", absolute(mute)))
    # A stranger may have typed the address.
    if row.kind in {Kind.CONFIRM, Kind.PROOF}:
        ways.append(
            (
                "Never send mail to this address",
                absolute(reverse("notifications:end_kind", args=[preferences.token, "all"])),
            )
        )
    else:
        ways.append(("All your mail settings", absolute(reverse("notifications:by_link", args=[preferences.token]))))
    return ways


def _headers(
    rows: Sequence[Notification], ending: tuple[str, str] | None, preferences: MailPreferences, is_plain: bool
) -> dict[str, str]:
    row = rows[0]
    headers = {"Message-ID": message_id_of(rows)}
    if ending is None:
        return headers
    headers |= {
        "Precedence": "list",
        "List-Unsubscribe": _list_unsubscribe(row, ending, preferences),
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    post = row.comment.post if row.comment is not None else row.post
    if row.bundle or post is None:
        headers["List-Id"] = f"<mail.{host()}>"
        return headers
    headers["List-Id"] = _list_id(post, is_plain)
    place = row.comment.get_absolute_url() if row.comment is not None else post.get_absolute_url()
    headers["List-Archive"] = f"<{absolute(place)}>"
    if row.comment is not None and row.kind in _OF_A_THREAD:
        ancestors = _mails_before(row)
        headers["In-Reply-To"] = ancestors[-1]
        headers["References"] = " ".join(ancestors)
    return headers


def _list_unsubscribe(row: Notification, ending: tuple[str, str], preferences: MailPreferences) -> str:
    """By one POST, and by a mail for programs that can only write."""
    what, address = ending
    if not addresses.are_used():
        return f"<{address}>"
    is_wish = what == "subscription"
    to = addresses.to_end_wish(row.subscription) if is_wish else addresses.to_end_kind(preferences, what)
    return f"<{address}>, <mailto:{to}?subject=unsubscribe>"


def _list_id(post: Any, is_plain: bool) -> str:
    identifier = f"<article-{post.pk}.{host()}>"
    if is_plain:
        return identifier
    phrase = clean_line(title_of(post)).replace('"', "'").replace("\\", "")[:60]
    if phrase.isascii():
        return f'"{phrase}" {identifier}'
    words = Header(phrase, "utf-8", header_name="List-Id").encode(linesep="\n").replace("\n", "")
    return f"{words} {identifier}"


def _mails_before(row: Notification) -> list[str]:
    """Identifiers of the article and of the comments above, as this person got them, or sent them, where they did."""
    comment = row.comment
    above = Comment.objects.filter(tree_id=comment.tree_id, lft__lt=comment.lft, rght__gt=comment.rght)
    ancestors = list(above.order_by("-lft").values_list("pk", flat=True)[:ANCESTORS_NAMED])[::-1]
    theirs = Notification.objects.filter(who=row.who, bundle="", state="sent").exclude(message_id="")
    about = theirs.filter(kind__in=_OF_A_THREAD, comment_id__in=ancestors)
    known = dict(
        ReceivedMail.objects.filter(who=row.who, comment_id__in=ancestors).values_list("comment_id", "message_id")
    )
    known |= dict(about.values_list("comment_id", "message_id"))
    told = theirs.filter(kind=Kind.POST, post_id=comment.post_id).values_list("message_id", flat=True).first()
    article = told or f"<article.{comment.post_id}@{host()}>"
    return [article, *(known.get(pk) or f"<comment.{pk}@{host()}>" for pk in ancestors)]
