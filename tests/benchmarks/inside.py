"""What has to be done inside the project's own Python: `python -m tests.benchmarks.inside fill|site|count|queries …`.

Runs beside a server, with the server's settings; says what it found as one line of JSON.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import django

HEADERS = {"HTTP_ACCEPT_ENCODING": "gzip"}


def fill(*names: str) -> dict[str, Any]:
    """Articles of these shapes."""
    from . import generator, loading

    loaded = loading.load((name, generator.discussion(generator.shape(name))) for name in names)
    settle()
    return vars(loaded)


def site(articles: str, comments_each: str) -> dict[str, Any]:
    """A whole site, and how fast it was loaded; some of its articles by name."""
    from . import generator, loading

    many = generator.articles(int(articles), int(comments_each))
    loaded = loading.load((f"article-{number}", places) for number, places in many)
    before = time.perf_counter()
    settle()
    settled = time.perf_counter() - before
    some = dict(list(loaded.posts.items())[:: max(1, len(loaded.posts) // 10)])
    return {"posts": some, "comments": loaded.comments, "seconds": loaded.seconds, "settled": settled}


def index(most: str) -> dict[str, Any]:
    """Puts the newest comments into the search, as they would be had they been written."""
    from comments.models import Comment
    from comments.searching import documents
    from storied import search

    newest = Comment.objects.select_related("post").order_by("-pk")[: int(most)]
    before = time.perf_counter()
    done = search.index(documents(newest.iterator(chunk_size=2_000)))
    return {"documents": done, "seconds": time.perf_counter() - before}


def check() -> dict[str, Any]:
    """Whether every tree and count is right, as `manage.py check_tree` says; that raises where they are not."""
    from django.core.management import call_command

    before = time.perf_counter()
    call_command("check_tree", stdout=sys.stderr)
    return {"seconds": time.perf_counter() - before}


def count(*post_pks: str) -> dict[str, int]:
    from comments.models import Comment

    return {pk: Comment.objects.filter(post=int(pk)).approved().count() for pk in post_pks}


def own_bytes(*post_pks: str) -> dict[str, int]:
    """The bytes of a discussion's own texts, as stored in HTML."""
    from comments.models import Comment

    texts = Comment.objects.values_list("body_html", flat=True)
    return {pk: sum(len(html.encode()) for html in texts.filter(post=int(pk)).iterator()) for pk in post_pks}


def rules(*changes: str) -> dict[str, Any]:
    """Changes house rules on the running site: `comments_a_page=1000`."""
    from comments.models import HouseRules

    return vars(HouseRules.change(dict(change.split("=") for change in changes), by=None))


def hold(begin: str, end: str) -> list[int]:
    """Makes that many held comments that many; the numbers of all, mixed."""
    from . import piles

    numbers = piles.held(int(begin), int(end))
    settle()
    return numbers


def moderate() -> dict[str, str]:
    """Somebody who moderates, and what there is to do beside held comments."""
    from . import piles

    return {"clause": piles.others(), "email": piles.MODERATOR, "password": piles.PASSWORD}


def decided(action: str, clause: str, *pks: str) -> int:
    """On how many of these comments that decision stands, with one entry of the log."""
    from django.db.models import Count

    from comments.models import ModerationLogEntry
    from comments.status import TRANSITIONS

    state = TRANSITIONS[action][1]
    entries = ModerationLogEntry.objects.decisions().filter(comment__in=pks, comment__status=state)
    made = entries.filter(action=action, new=state, clause=clause).order_by()
    return made.values("comment").annotate(entries=Count("pk")).filter(entries=1).count()


def queries_of_moderator(*addresses: str) -> dict[str, int]:
    """The queries of pages of the desk, the second time in this process."""
    from storied.accounts.models import User

    from . import piles

    moderator = User.objects.get(email=piles.MODERATOR)
    return {address: said["then"] for address, said in _counted(addresses, moderator).items()}


def queries(*addresses: str) -> dict[str, Any]:
    """The queries of a page, the first time in this process and the second."""
    return _counted(addresses)


def _counted(addresses: Sequence[str], somebody: Any = None) -> dict[str, Any]:
    from django.conf import settings
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    found = {}
    for address in addresses:
        client = Client(SERVER_NAME=settings.ALLOWED_HOSTS[0])
        if somebody is not None:
            client.force_login(somebody)
        numbers = []
        for _ in range(2):
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(address, **HEADERS)
            assert answer.status_code == 200, (address, answer.status_code)
            numbers.append(len(captured))
        found[address] = {"first": numbers[0], "then": numbers[1], "sql": [q["sql"] for q in captured.captured_queries]}
    return found


def settle() -> None:
    """Statistics as a database that has run for a while has them."""
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")


COMMANDS: dict[str, Callable[..., Any]] = {
    command.__name__: command
    for command in (
        fill,
        site,
        index,
        check,
        count,
        own_bytes,
        rules,
        hold,
        moderate,
        decided,
        queries_of_moderator,
        queries,
    )
}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
