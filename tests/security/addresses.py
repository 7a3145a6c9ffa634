"""All addresses of the site, filled in with what there is."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from comments import private_links


def patterns(resolver: Any = None, before: str = "", names: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """(the whole route, its qualified name) of every pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + _route(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*names, entry.namespace) if entry.namespace else names
            yield from patterns(entry, route, inner)
        elif isinstance(entry, URLPattern):
            yield route, ":".join([*names, entry.name or ""])


def _route(pattern: Any) -> str:
    return str(pattern).lstrip("^").replace("\\Z", "").rstrip("$")


def filled(house: Any) -> list[tuple[str, str]]:
    """(address, name) of every pattern, with the ids of things that exist."""
    import re

    comment = house.comments["approved"]
    values = {
        "pk": comment.pk, "post_pk": house.post.pk, "number": 1, "token": private_links.token_of(comment.pk),
        "name": "pending", "slug": "open", "year": house.post.published_at.year,
        "month": f"{house.post.published_at.month:02}", "path": "some/old/path/", "object_id": house.post.pk,
        "content_type_id": 1, "app_label": "posts", "url": "nothing", "uidb36": "1", "key": "1-abc",
        "final_catch_all_url": "x", "language": "en", "old": 1, "new": 1, "kind": "replies", "secret": "guessed",
    }  # fmt: skip
    found = []
    for route, name in patterns():
        address = re.sub(r"\(\?P<(\w+)>(?:\[[^\]]*\]|[^()\[\]])*\)", lambda m: str(values[m[1]]), route)
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values[m[1]]), address)
        address = re.sub(r"\(\?:?[^)]*\)|[\^$\\?]", "", address)
        found.append((f"/{address}", name))
    return found
