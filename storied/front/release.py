"""A mark of what pages are made of besides the database: the code, its parts, and the settings."""

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

from django.conf import settings

_FOLDERS = ("storied", "posts", "comments", "templates", "static")
_OF_PAGES = (".py", ".html", ".css", ".js", ".svg", ".txt")


@cache
def release() -> str:
    """The mark of what this process runs; two that run the same at the same address have the same.

    Where one is left behind by an update, its pages are not given to the others.
    """
    mark = hashlib.blake2b(digest_size=12)
    root = Path(settings.BASE_DIR)
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in _OF_PAGES:
                facts = path.stat()
                mark.update(f"{path.relative_to(root)} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    for lock in root.glob("requirements*.txt"):
        mark.update(lock.read_bytes())
    said = {name: value for name, value in os.environ.items() if name.startswith("STORIED_") or name == "DATABASE_URL"}
    mark.update(f"{sys.version} {settings.SITE_URL} {sorted(said.items())}".encode())
    return mark.hexdigest()
