"""What the outbox has to hold after the hammer: worked out from what happened, compared with what is there."""

import json
from collections import defaultdict
from typing import Any

from .server import Server

_DUMP = """
import json
from comments.models import Comment, ModerationLogEntry, Notification, Subscription
from comments.notifications.subscribers import TOLD_TO_THE_AUTHOR
told = ModerationLogEntry.objects.filter(action__in=TOLD_TO_THE_AUTHOR, actor_id__isnull=False)
rows = Notification.objects.exclude(kind="confirm")
print(json.dumps({
    "comments": list(Comment.objects.exclude(published_at=None).values(
        "pk", "parent_id", "post_id", "author_id", "guest_key")),
    "decisions": list(told.values("pk", "comment_id", "actor_id")),
    "wishes": list(Subscription.objects.values("scope", "who", "post_id", "comment_id")),
    "moves": list(ModerationLogEntry.objects.filter(action="move").order_by("pk").values(
        "pk", "comment_id", "actor_id", "new")),
    "states": list(ModerationLogEntry.objects.of_status().order_by("pk").values("pk", "comment_id", "new")),
    "rows": list(rows.values("key", "kind", "who", "comment_id", "decision_id")),
}))
"""
# key → (kind, comment, decision)
Rows = dict[str, tuple[str, int, int | None]]


def faults(running: Server, born_under: dict[int, int | None], before: set[int]) -> list[str]:
    """Every event without its row, and every row without its event; empty where all is right.

    `born_under` says below which comment each was written, since some were moved later; those in `before` were written
    before anybody asked to hear of comments.
    """
    found = json.loads(running.manage("shell", "--no-imports", "-c", _DUMP))
    due = _of_comments(found, born_under, before) | _of_decisions(found)
    there: Rows = {
        row["key"]: (row["kind"], row["comment_id"], row["decision_id"])
        for row in found["rows"] if not row["key"].startswith(_MOVED)
    }  # fmt: skip
    # Whoever follows a thread hears of what was written below a comment that had been moved into it, and nothing says
    # which those are: such a row has to be of a comment on the same article, and no more is known.
    threads = {(wish["who"], wish["post_id"]) for wish in found["wishes"] if wish["scope"] == "thread"}
    posts = {comment["pk"]: comment["post_id"] for comment in found["comments"]}
    perhaps = {
        row["key"] for row in found["rows"]
        if row["kind"] == "thread" and (row["who"], posts.get(row["comment_id"])) in threads
        and row["key"] == f"published:{row['comment_id']}:{row['who']}"
    }  # fmt: skip
    wrong = [f"{key} has no row" for key in due.keys() - there.keys()]
    wrong += [f"{key} has a row and was no event" for key in there.keys() - due.keys() - perhaps]
    wrong += [
        f"{key} is {there[key]} instead of {due[key]}" for key in due.keys() & there.keys() if due[key] != there[key]
    ]
    return sorted(wrong + _wrong_about_moves(found))


def _of_comments(found: dict[str, Any], born_under: dict[int, int | None], before: set[int]) -> Rows:
    comments = {comment["pk"]: comment for comment in found["comments"]}
    wishes: dict[tuple[str, int], list[str]] = defaultdict(list)
    for wish in found["wishes"]:
        wishes[wish["scope"], wish["post_id"] if wish["scope"] == "article" else wish["comment_id"]].append(wish["who"])
    due: Rows = {}
    for pk, comment in comments.items():
        if pk in before:
            continue
        parent = comments.get(born_under.get(pk, comment["parent_id"]))
        # The weakest first, so that the strongest stays.
        told = dict.fromkeys(wishes["article", comment["post_id"]], "article")
        if parent is not None:
            told |= dict.fromkeys(wishes["thread", parent["pk"]], "thread")
            if not parent["guest_key"] or parent["guest_key"] != comment["guest_key"]:
                told |= dict.fromkeys(wishes["replies", parent["pk"]], "reply")
            if parent["author_id"] is not None:
                told[f"account:{parent['author_id']}"] = "reply"
        told.pop(f"account:{comment['author_id']}", None)
        due |= {f"published:{pk}:{who}": (kind, pk, None) for who, kind in told.items()}
    return due


def _of_decisions(found: dict[str, Any]) -> Rows:
    comments = {comment["pk"]: comment for comment in found["comments"]}
    due: Rows = {}
    for decision in found["decisions"]:
        pk = decision["comment_id"]
        who = _writer(found, comments[pk])
        if who is not None and comments[pk]["author_id"] != decision["actor_id"]:
            due[f"decision:{decision['pk']}:{who}"] = ("decision", pk, decision["pk"])
    return due


def _writer(found: dict[str, Any], comment: dict[str, Any]) -> str | None:
    """Who wrote it, if they can be told of anything."""
    if comment["author_id"] is not None:
        return f"account:{comment['author_id']}"
    asked = {wish["comment_id"]: wish["who"] for wish in found["wishes"] if wish["scope"] == "replies"}
    return asked.get(comment["pk"])


_MOVED = "moved:"


def _wrong_about_moves(found: dict[str, Any]) -> list[str]:
    """Of what was moved its writer hears once, and whoever it answers by then, unless they have heard of it."""
    comments = {comment["pk"]: comment for comment in found["comments"]}
    told: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in found["rows"]:
        told[row["comment_id"], row["who"]].append(row["kind"])
    may_be: dict[str, tuple[str, int]] = {}
    writers: dict[int, str] = {}
    wrong = []
    for move in found["moves"]:
        comment = comments[move["comment_id"]]
        if not _was_public(found, move):
            continue
        writer = _writer(found, comment)
        if writer is not None and comment["author_id"] != move["actor_id"]:
            writers[comment["pk"]] = writer
            may_be[f"{_MOVED}{move['pk']}:{writer}"] = ("moved", comment["pk"])
        reader = _reader(found, comment, comments.get(int(move["new"].partition("under ")[2] or 0)))
        if reader is not None:
            may_be[f"{_MOVED}{move['pk']}:{reader}"] = ("reply", comment["pk"])
            if not told[comment["pk"], reader]:
                wrong.append(f"{reader} was not told that {comment['pk']} answers them")
    for row in found["rows"]:
        if row["key"].startswith(_MOVED) and may_be.get(row["key"]) != (row["kind"], row["comment_id"]):
            wrong.append(f"{row['key']}, of {row['kind']}, has a row and was no event")
    wrong += [
        f"{who} was told {told[pk, who].count('moved')} times that {pk} was moved"
        for pk, who in writers.items() if told[pk, who].count("moved") != 1
    ]  # fmt: skip
    wrong += [f"{who} was told twice of {pk}" for (pk, who), kinds in told.items() if kinds.count("reply") > 1]
    return wrong


def _was_public(found: dict[str, Any], move: dict[str, Any]) -> bool:
    before = [
        state["new"] for state in found["states"]
        if state["comment_id"] == move["comment_id"] and state["pk"] < move["pk"]
    ]  # fmt: skip
    return bool(before) and before[-1] == "approved"


def _reader(found: dict[str, Any], comment: dict[str, Any], parent: dict[str, Any] | None) -> str | None:
    """Who is answered by it there, if they want to know."""
    if parent is None:
        return None
    if parent["author_id"] is not None:
        return _writer(found, parent) if parent["author_id"] != comment["author_id"] else None
    return _writer(found, parent) if parent["guest_key"] != comment["guest_key"] else None
