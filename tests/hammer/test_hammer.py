"""Many at once on the same articles, a worker killed in the middle: nothing acknowledged is lost, nothing bends.

The server is the production server with several processes; the talk is HTTP. What is known afterwards is compared
with what was acknowledged: each comment once, under the right parent, no half of anything, trees and counts right, and
mail owed to whom it is owed to, once.
"""

import random
import re
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from tests import prepared

from . import owed
from .server import Server, server
from .visitor import Gone, Visitor

pytestmark = pytest.mark.hammer

SECONDS = 12
ENOUGH, PATIENCE = 150, 120  # so many comments, if need be in so many more seconds: the machine may be busy
WRITERS = 8
MEMBERS = (0, 1)  # of the writers; the others are guests
WITH_MAIL = (2, 3)  # guests who want to hear of replies
ARTICLES = 4
PASSWORD = "a long pass phrase for tests"
SET_UP = f"""
from django.core.management import call_command
from datetime import UTC, datetime
from posts.models import Post
from storied.accounts.models import User
from comments.models import Discussion
people = {{"owner": "owner", "mod": "moderator", "all": "member", "threads": "member"}}
for name, role in (people | {{f"member{{seed}}": "member" for seed in {MEMBERS}}}).items():
    call_command("person", role, f"{{name}}@example.org", name=f"{{name}} of us", password="{PASSWORD}")
owner = User.objects.get(email="owner@example.org")
for n in range({ARTICLES}):
    Post.objects.create(author=owner, title=f"Article {{n}}", slug=f"article-{{n}}", body="Words.",
                        status="published", published_at=datetime(2026, 1, 15, tzinfo=UTC))
"""
# One reader follows all articles, another the threads that began them.
FOLLOWERS = """
from comments.models import Comment
from comments.notifications import Recipient, subscriptions
from posts.models import Post
from storied.accounts.models import User
everything, threads = (Recipient(User.objects.get(email=f"{name}@example.org").pk) for name in ("all", "threads"))
for post in Post.objects.all():
    subscriptions.follow_article(post, everything)
for root in Comment.objects.all():
    subscriptions.follow_thread(root, threads)
"""


@pytest.fixture
def database_url(tmp_path):
    with prepared.database_for_servers(tmp_path) as address:
        yield address


@pytest.fixture
def running(tmp_path, database_url):
    with server(tmp_path, database_url) as running:
        running.manage("shell", "--no-imports", "-c", SET_UP)
        yield running


class Record:
    """What the server has acknowledged, and what nobody can know because the line broke."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.parents: dict[int, int | None] = {}
        self.articles: dict[int, int] = {}
        self.texts: dict[int, str] = {}
        self.moves: dict[int, int | None] = {}
        self.gone: dict[int, str] = {}
        self.doubtful: set[str] = set()
        self.touched_in_doubt: set[int] = set()
        self.errors: list[str] = []
        # The first comment below each article, which stays where it is.
        self.roots: dict[int, int] = {}

    def add(self, pk: int, article: int, parent: int | None, text: str) -> None:
        with self.lock:
            self.parents[pk], self.articles[pk], self.texts[pk] = parent, article, text

    def goes_on(self, until: float) -> bool:
        now = time.monotonic()
        return now < until or (len(self.texts) < ENOUGH and now < until + PATIENCE)

    def may_change(self, pk: int) -> bool:
        return pk not in self.gone and pk not in self.roots.values()


def begin(running: Server, record: Record) -> None:
    """A member writes the first comment below each article, and readers begin to follow."""
    with Visitor(running.address) as member:
        person = as_whom(member, MEMBERS[0])
        for article in range(1, ARTICLES + 1):
            text = f"The first below {article}"
            fields = person | {"body": text, "parent": "", "stamp": stamp_of(member, article)}
            status, headers, page = member.ask("POST", f"/discussion/{article}/submit/", fields)
            assert status == 302, page
            record.roots[article] = number_in(headers["Location"])
            record.add(record.roots[article], article, None, text)
    running.manage("shell", "--no-imports", "-c", FOLLOWERS)


def as_whom(visitor: Visitor, seed: int) -> dict[str, str]:
    """What this writer's form says of them."""
    of_all = {"guidelines_version": "1", "homepage": ""}
    if seed in MEMBERS:
        visitor.log_in(f"member{seed}@example.org", PASSWORD)
        return of_all | {"csrfmiddlewaretoken": visitor.token()}
    asks = {"replies_by_mail": "on"} if seed in WITH_MAIL else {}
    return of_all | asks | {"name": f"Guest {seed}", "email": f"guest{seed}@example.org"}


def stamp_of(visitor: Visitor, article: int) -> str:
    return re.search(r'name="stamp" value="([^"]+)"', visitor.get(address_of(article)))[1]


def number_in(address: str) -> int:
    """Of the comment to whose place, or whose own page, an answer leads."""
    return int(re.search(r"(\d+)/?$", address)[1])


def write(running: Server, record: Record, seed: int, until: float) -> None:
    """Somebody who writes comments and replies, and withdraws some."""
    chance = random.Random(seed)
    with Visitor(running.address) as visitor:
        try:
            _write(visitor, record, seed, chance, until)
        except Exception as error:
            record.errors.append(repr(error))


def _write(visitor: Visitor, record: Record, seed: int, chance: random.Random, until: float) -> None:
    stamps: dict[int, str] = {}
    number = 0
    person = as_whom(visitor, seed)
    while record.goes_on(until):
        number += 1
        article = chance.randint(1, ARTICLES)
        if article not in stamps:
            stamps[article] = stamp_of(visitor, article)
        with record.lock:
            here = [pk for pk, at in record.articles.items() if at == article and pk not in record.gone]
        answered = chance.random()
        parent = None
        if answered < 0.15:
            parent = record.roots[article]
        elif answered < 0.75 and here:
            parent = chance.choice(here[-20:])
        text = f"Comment {seed}-{number}"
        fields = person | {"body": text, "parent": parent or "", "stamp": stamps[article]}
        try:
            status, headers, page = visitor.ask("POST", f"/discussion/{article}/submit/", fields)
        except Gone:
            record.doubtful.add(text)
            continue
        if status == 422 and "no longer public" in page:
            continue  # the parent was removed a moment ago: refused in words
        if status != 302:
            record.errors.append(f"submit: {status} {page[:3000]}")
            continue
        pk = number_in(headers["Location"])
        record.add(pk, article, parent, text)
        if chance.random() < 0.1:
            try:
                status, _headers, page = visitor.ask("POST", f"/comment/{pk}/own/withdraw/", person)
            except Gone:
                record.touched_in_doubt.add(pk)
                continue
            if status == 302:
                with record.lock:
                    record.gone.setdefault(pk, "withdrawn")
            elif status != 403:
                record.errors.append(f"withdraw: {status} {page[:3000]}")


def moderate(running: Server, record: Record, seed: int, until: float) -> None:
    """A moderator who moves and removes."""
    chance = random.Random(seed)
    with Visitor(running.address) as moderator:
        try:
            _moderate(moderator, record, chance, until)
        except Exception as error:
            record.errors.append(repr(error))


def _moderate(moderator: Visitor, record: Record, chance: random.Random, until: float) -> None:
    moderator.log_in("mod@example.org", PASSWORD)
    token = moderator.token()
    while record.goes_on(until):
        time.sleep(0.01)
        with record.lock:
            known = [pk for pk in record.articles if record.may_change(pk)]
        if len(known) < 5:
            continue
        pk = chance.choice(known)
        try:
            if chance.random() < 0.5:
                same = [other for other in known if record.articles[other] == record.articles[pk]]
                under = chance.choice([None, *same])
                fields = {"csrfmiddlewaretoken": token, "under": under or ""}
                status, _headers, page = moderator.ask("POST", f"/moderation/comment/{pk}/move/", fields)
                if status == 302:
                    with record.lock:
                        record.moves[pk] = under
                elif status != 409:  # a circle: refused in words
                    record.errors.append(f"move: {status} {page[:3000]}")
            else:
                fields = {"csrfmiddlewaretoken": token, "one": f"remove:{pk}", "queue": "recent"}
                status, headers, page = moderator.ask("POST", "/moderation/decide/", fields)
                if status == 302 and "done=" in headers["Location"]:
                    with record.lock:
                        record.gone[pk] = "removed"
                elif status != 302:
                    record.errors.append(f"remove: {status} {page[:3000]}")
        except Gone:
            record.touched_in_doubt.add(pk)


def address_of(article: int) -> str:
    return f"/2026/01/article-{article - 1}/"


def rows(running: Server, database_url: str) -> list[tuple]:
    """(id, parent, post, text, status, published) of all comments, read beside the server."""
    query = "SELECT id, parent_id, post_id, body, status FROM comments_comment"
    if database_url.startswith("sqlite"):
        with sqlite3.connect(Path(database_url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()
    import psycopg

    with psycopg.connect(database_url) as connection:
        return connection.execute(query).fetchall()


def test_nothing_acknowledged_is_lost_and_nothing_bends(running, database_url):
    record = Record()
    begin(running, record)
    until = time.monotonic() + SECONDS
    threads = [threading.Thread(target=write, args=(running, record, seed, until)) for seed in range(WRITERS)]
    threads += [threading.Thread(target=moderate, args=(running, record, seed, until)) for seed in (100, 101)]
    for thread in threads:
        thread.start()
    time.sleep(SECONDS / 2)
    running.kill_a_worker()
    for thread in threads:
        thread.join()

    assert record.errors == [], running.log.read_text()[-3000:]
    assert len(record.texts) >= ENOUGH
    stored = rows(running, database_url)
    by_id = {pk: (parent, post, text, status) for pk, parent, post, text, status in stored}

    # Each acknowledged comment is there, once, with its text and below its article.
    assert set(record.texts) <= set(by_id)
    assert len({text for _, _, text, _ in by_id.values()}) == len(stored)
    for pk, text in record.texts.items():
        assert by_id[pk][1:3] == (record.articles[pk], text)
    # What nobody acknowledged is there whole or not at all.
    assert {text for _, _, text, _ in by_id.values()} - set(record.texts.values()) <= record.doubtful
    # Under the right parent: the one it was written under, or one that it was moved to.
    moved_in_doubt = record.touched_in_doubt
    for pk, parent in record.parents.items():
        if pk not in record.moves and pk not in moved_in_doubt:
            assert by_id[pk][0] == parent
    # Taken away as said.
    for pk in record.gone:
        assert by_id[pk][3] in {"removed", "withdrawn"}
    # Trees, intervals, depths and counts.
    assert "are right" in running.manage("check_tree")
    # One log entry for the birth of each, and one for each change of status.
    log = running.manage("shell", "--no-imports", "-c", LOG_CHECK)
    assert log.strip() == "0 0"
    # Mail is owed for each event that owes some, once, and for nothing else.
    assert owed.faults(running, record.parents, before={*record.roots.values()}) == []
    # And the pages still come.
    for article in range(1, ARTICLES + 1):
        with Visitor(running.address) as reader:
            assert "Responses to" in reader.get(address_of(article))


LOG_CHECK = """
from django.db.models import Count, Q
from comments.models import Comment, ModerationLogEntry
born = Comment.objects.annotate(n=Count("log", filter=Q(log__action="submit"))).exclude(n=1).count()
wrong = 0
for comment in Comment.objects.all():
    status = ""
    for entry in comment.log.exclude(action="move").order_by("pk"):
        wrong += entry.old != status
        status = entry.new
    wrong += status != comment.status
print(born, wrong)
"""
