"""What is kept about one person, part by part, for that person alone: records of plain values.

Comments are read in chunks, each by the same number of queries.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from comments import status, unsent
from comments.models import (
    AddressProof,
    Alias,
    Appeal,
    CareSignal,
    Comment,
    CommentRevision,
    EarlierAcceptance,
    Erasure,
    Flag,
    MailPreferences,
    ModerationLogEntry,
    ModeratorScope,
    Mute,
    Notification,
    NotMine,
    ReceivedMail,
    Redaction,
    Restriction,
    Subscription,
    Visit,
)
from comments.moderation.openness import told_entries
from comments.seen import Seen

from . import traces
from .belongings import Belongings

CHUNK = 200  # comments, or rows of anything else, in memory at once
Record = dict[str, Any]


@dataclass(frozen=True)
class Section:
    """One part: its name in JSON, its title for people, and its records; `is_one` where there is just one."""

    name: str
    title: str
    records: Iterable[Record]
    is_one: bool = False


def sections(theirs: Belongings) -> Iterator[Section]:
    """All parts, in the order in which people read them."""
    yield Section("person", "Who you are here", [_person(theirs)], is_one=True)
    yield Section("comments", "What you wrote", _comments(theirs))
    yield Section("reports", "What you reported", _reports(theirs))
    yield Section("restrictions", "What was decided about you", _restrictions(theirs))
    yield Section("mail_preferences", "What mail you want", [_preferences(theirs)], is_one=True)
    yield Section("subscriptions", "What you follow", _subscriptions(theirs))
    yield Section("visits", "Which discussions you have read", _visits(theirs))
    yield Section("unsent", "What you have begun to write and not sent", _unsent(theirs))
    yield Section("mails", "Mail that was sent to you", _mails(theirs))
    yield Section("mails_received", "Answers that you sent by mail", _received(theirs))
    yield Section("other_names", "Names that you use below one article only", _aliases(theirs))
    yield Section("muted", "Whom you muted", _mutes(theirs))
    yield Section("not_mine", "What you were offered and said is not yours", _not_mine(theirs))
    yield Section("proofs", "When you proved an address", _proofs(theirs))
    yield Section("sessions", "Where you are logged in", traces.sessions_of(theirs.account))
    yield Section("erasures", "Whether you asked to be erased", _erasures(theirs))


def in_utc(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _person(theirs: Belongings) -> Record:
    account = theirs.account
    if account is None:
        return {"account": None, "addresses": list(theirs.addresses)}
    scope = ModeratorScope.of(account)
    return {
        "account": account.pk,
        "name": account.display_name,
        "site": account.url,
        "about": account.about,
        "has_a_public_page": account.is_public,
        "email": account.email,
        "addresses": list(theirs.addresses),
        "role": account.role,
        "standing": account.standing,
        "moderates_articles": sorted(scope.posts),
        "joined_at": in_utc(account.date_joined),
        "last_logged_in_at": in_utc(account.last_login),
        "keys": traces.keys_of(account),
    }


def _comments(theirs: Belongings) -> Iterator[Record]:
    after = 0
    while True:
        rows = theirs.comments.filter(pk__gt=after).select_related("post", "acceptance__version").order_by("pk")
        comments = list(rows[:CHUNK])
        if not comments:
            return
        yield from _records_of(comments)
        after = comments[-1].pk


def _records_of(comments: list[Comment]) -> list[Record]:
    """A chunk: the comments and what hangs on them, by a fixed number of queries."""
    numbers = [comment.pk for comment in comments]
    wordings = _by_comment(CommentRevision.objects.filter(comment__in=numbers).order_by("number"))
    earlier = _by_comment(EarlierAcceptance.objects.filter(comment__in=numbers).select_related("version"))
    looks = _by_comment(Appeal.objects.filter(comment__in=numbers).order_by("pk"))
    passages = _by_comment(Redaction.objects.filter(comment__in=numbers).order_by("pk"))
    entries = _by_comment(told_entries(numbers).order_by("pk"))
    clauses = status.clauses_named({entry.clause for all_ in entries.values() for entry in all_} - {""})
    return [
        _comment(comment)
        | {
            "agreements": [_agreement(one) for one in [*earlier[comment.pk], *_present(comment)]],
            "earlier_wordings": [
                {"number": one.number, "text": one.body, "replaced_at": in_utc(one.replaced_at)}
                for one in wordings[comment.pk]
            ],
            "decisions": [_decision(entry, clauses) for entry in entries[comment.pk]],
            "second_looks": [
                {
                    "asked_at": in_utc(one.made_at), "words": one.words, "outcome": one.outcome, "answer": one.answer,
                    "decided_at": in_utc(one.decided_at),
                }
                for one in looks[comment.pk]
            ],
            "passages_taken_out": [
                {"what": one.get_what_display(), "at": in_utc(one.made_at), "put_back_at": in_utc(one.undone_at)}
                for one in passages[comment.pk]
            ],
        }
        for comment in comments
    ]  # fmt: skip


def _by_comment(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.comment_id].append(row)
    return found


def _comment(comment: Comment) -> Record:
    return {
        "number": comment.pk,
        "address": settings.SITE_URL + comment.get_absolute_url(),
        "article": {"title": comment.post.title, "address": settings.SITE_URL + comment.post.get_absolute_url()},
        "in_reply_to": comment.parent_id,
        "state": comment.status,
        "name": comment.author_name,
        "email": comment.author_email,
        "site": comment.author_url,
        "written_at": in_utc(comment.created_at),
        "published_at": in_utc(comment.published_at),
        "edited_at": in_utc(comment.edited_at),
        "text_format": comment.body_format,
        "text": comment.body,
        "held_because": [reason.get("code", "") for reason in comment.reasons],
        "network_mark": comment.network,
        "browser_mark": comment.guest_key,
    }


def _present(comment: Comment) -> list[Any]:
    acceptance = getattr(comment, "acceptance", None)
    return [acceptance] if acceptance is not None else []


def _agreement(acceptance: Any) -> Record:
    return {
        "version": acceptance.version.number, "sentence": acceptance.sentence, "way": acceptance.channel,
        "at": in_utc(acceptance.accepted_at),
    }  # fmt: skip


def _decision(entry: ModerationLogEntry, clauses: dict[str, tuple[int, str]]) -> Record:
    by = "you" if entry.by_author else "a moderator" if entry.actor_id is not None else "the house rules"
    number, title = clauses.get(entry.clause, (0, ""))
    return {
        "at": in_utc(entry.at), "what": entry.action, "by": by, "from": entry.old, "to": entry.new,
        "clause": f"{number}. {title}" if title else "", "words": entry.reason,
    }  # fmt: skip


def _reports(theirs: Belongings) -> Iterator[Record]:
    if theirs.account is None:
        return
    for flag in Flag.objects.filter(reporter=theirs.account).order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "comment": flag.comment_id, "reason": flag.reason, "words": flag.words, "at": in_utc(flag.created_at),
            "outcome": flag.outcome,
        }  # fmt: skip
    worries = CareSignal.objects.filter(key=f"account:{theirs.account.pk}").select_related("item").order_by("pk")
    for signal in worries.iterator(chunk_size=CHUNK):
        yield {
            "comment": signal.item.comment_id, "reason": "worried", "words": signal.words, "at": in_utc(signal.at),
            "outcome": "",
        }  # fmt: skip


def _restrictions(theirs: Belongings) -> Iterator[Record]:
    for row in Restriction.objects.filter(theirs.about).order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "kind": row.get_kind_display(), "words": row.words, "at": in_utc(row.at), "until": in_utc(row.until),
            "lifted_at": in_utc(row.lifted_at),
        }  # fmt: skip


def _preferences(theirs: Belongings) -> Record:
    names = ("replies", "follows", "decisions", "posts", "alerts", "care", "plain_subject")
    rows = MailPreferences.objects.filter(who__in=theirs.who).order_by("pk")
    return {
        "wishes": [
            {"of": row.email or "account", **{name: getattr(row, name) for name in names}}
            | {"stopped_at": in_utc(row.stopped_at)}
            for row in rows
        ]
    }


def _subscriptions(theirs: Belongings) -> Iterator[Record]:
    rows = Subscription.objects.filter(who__in=theirs.who).select_related("post").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        yield {
            "what": row.get_scope_display(), "article": row.post.title if row.post else "", "comment": row.comment_id,
            "address": row.email, "asked_at": in_utc(row.asked_at), "confirmed_at": in_utc(row.confirmed_at),
            "ended_at": in_utc(row.ended_at), "ended_because": row.end_reason, "network_mark": row.network,
        }  # fmt: skip


def _visits(theirs: Belongings) -> Iterator[Record]:
    rows = Visit.objects.filter(member=theirs.account).select_related("post").order_by("pk") if theirs.account else ()
    for row in rows:
        if row.post is None:
            yield {"what": "Nothing is remembered, as you wished", "last_at": in_utc(row.last_at)}
        else:
            seen = Seen.read(row.before) | Seen.read(row.during)
            comments = ", ".join(f"{first}–{last}" if last > first else str(first) for first, last in seen.runs)
            yield {
                "article": row.post.title,
                "last_at": in_utc(row.last_at),
                "numbers_of_comments": comments,
                "was_at": row.place,
            }


def _unsent(theirs: Belongings) -> Iterator[Record]:
    for row in unsent.of(theirs.account) if theirs.account else ():
        yield {
            "article": row.post.title, "in_reply_to": row.parent_id, "saved_at": in_utc(row.saved_at),
            "text": row.body,
        }  # fmt: skip


def _mails(theirs: Belongings) -> Iterator[Record]:
    for row in Notification.objects.filter(who__in=theirs.who).order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "about": row.get_kind_display(), "comment": row.comment_id, "owed_at": in_utc(row.created_at),
            "state": row.get_state_display(), "ended_at": in_utc(row.ended_at), "address": row.email,
        }  # fmt: skip


def _received(theirs: Belongings) -> Iterator[Record]:
    for row in ReceivedMail.objects.filter(who__in=theirs.who).order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "received_at": in_utc(row.received_at), "name": row.name, "comment": row.comment_id, "text": row.body,
            "refused_because": row.refusal,
        }  # fmt: skip


def _aliases(theirs: Belongings) -> Iterator[Record]:
    for row in Alias.objects.filter(user=theirs.account).exclude(user=None).select_related("post").order_by("pk"):
        yield {"name": row.name, "article": row.post.title}


def _mutes(theirs: Belongings) -> Iterator[Record]:
    for row in Mute.objects.filter(user=theirs.account).exclude(user=None).order_by("pk").iterator(chunk_size=CHUNK):
        yield {"name": row.name, "how": row.get_kind_display(), "since": in_utc(row.since)}


def _not_mine(theirs: Belongings) -> Iterator[Record]:
    rows = NotMine.objects.filter(user=theirs.account).exclude(user=None).select_related("comment__post").order_by("pk")
    for row in rows.iterator(chunk_size=CHUNK):
        yield {"comment": row.comment_id, "article": row.comment.post.title, "said_at": in_utc(row.said_at)}


def _proofs(theirs: Belongings) -> Iterator[Record]:
    for row in AddressProof.objects.filter(email__in=theirs.addresses).order_by("pk").iterator(chunk_size=CHUNK):
        yield {
            "address": row.email, "asked_at": in_utc(row.asked_at), "proved_at": in_utc(row.proved_at),
            "network_mark": row.network,
        }  # fmt: skip


def _erasures(theirs: Belongings) -> Iterator[Record]:
    rows = Erasure.objects.filter(account=theirs.account) if theirs.account else Erasure.objects.filter(account=None)
    if theirs.account is None:
        rows = rows.filter(email__in=theirs.addresses)
    for row in rows.order_by("pk"):
        yield {
            "how": row.get_how_display(), "address": row.email, "asked_at": in_utc(row.asked_at),
            "due_at": in_utc(row.due_at), "called_off_at": in_utc(row.cancelled_at),
        }  # fmt: skip
