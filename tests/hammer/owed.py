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
    there: Rows = {row["key"]: (row["kind"], row["comment_id"], row["decision_id"]) for row in found["rows"]}
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
    return sorted(wrong)


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
    asked = {wish["comment_id"]: wish["who"] for wish in found["wishes"] if wish["scope"] == "replies"}
    due: Rows = {}
    for decision in found["decisions"]:
        pk = decision["comment_id"]
        author = comments[pk]["author_id"]
        who = asked.get(pk) if author is None else f"account:{author}"
        if who is not None and author != decision["actor_id"]:
            due[f"decision:{decision['pk']}:{who}"] = ("decision", pk, decision["pk"])
    return due
