"""Everything that is kept about one person, for that person: one zip with JSON for programs and a page for people.

The shape of data.json: an object with `format` ("storied-export"), `version` (1; it changes when a name or a meaning
does, not when something is added), `made_at`, `site`, and one name for each section of `sections`: an object for
`person` and `mail_preferences`, a list of objects for all others. Times are ISO 8601 in UTC; null where there is none.

Comments are read in chunks, each by the same number of queries, and written to a file as they come.
"""

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils import timezone

from .belongings import Belongings
from .parts import CHUNK, Record, in_utc, sections

VERSION = 1


def zip_of(theirs: Belongings) -> IO[bytes]:
    """An open file, at its beginning, that is gone when it is closed."""
    made = tempfile.TemporaryFile()  # noqa: SIM115 (whoever gets it closes it)
    head = {
        "format": "storied-export", "version": VERSION, "made_at": in_utc(timezone.now()),
        "site": {"name": settings.STORIED_SITE_NAME, "address": settings.SITE_URL},
    }  # fmt: skip
    with tempfile.TemporaryFile() as page, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        with packed.open("data.json", "w", force_zip64=True) as data:
            _write(theirs, head, data, page)
        page.seek(0)
        with packed.open("readable.html", "w", force_zip64=True) as readable:
            shutil.copyfileobj(page, readable)
    made.seek(0)
    return made


def _write(theirs: Belongings, head: Record, data: IO[bytes], page: IO[bytes]) -> None:
    """Both forms in one pass."""
    data.write(json.dumps(head, ensure_ascii=False, indent=1)[:-2].encode())
    page.write(
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<style>\n{_style()}</style>\n'.encode()
    )
    page.write(render_to_string("privacy/export/head.html", {"head": head, "made_at": timezone.now()}).encode())
    for section in sections(theirs):
        data.write(f",\n {json.dumps(section.name)}: ".encode() + (b"" if section.is_one else b"["))
        page.write(render_to_string("privacy/export/section.html", {"title": section.title}).encode())
        count = 0
        for some in _chunks(section.records):
            lines = [json.dumps(record, ensure_ascii=False) for record in some]
            data.write(((",\n  " if count else "") + ",\n  ".join(lines)).encode())
            context = {"records": [_lines(record) for record in some], "is_one": section.is_one}
            page.write(render_to_string("privacy/export/records.html", context).encode())
            count += len(some)
        data.write(b"" if section.is_one else b"]")
        page.write(render_to_string("privacy/export/end.html", {"count": count}).encode())
    data.write(b"\n}\n")
    page.write(b"</main></body></html>\n")


def _style() -> str:
    """The page stands alone on somebody's disk, so its style is in it."""
    return Path(finders.find("css/export.css")).read_text("utf-8")


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    records = iter(records)
    while some := list(islice(records, CHUNK)):
        yield some


def _lines(record: Record) -> list[tuple[str, str, Any]]:
    """A record for the page: (what it is, how it is shown, what it says), without what is empty."""
    found = []
    for name, value in record.items():
        label = name.replace("_", " ").replace("email", "e-mail").capitalize()
        if isinstance(value, dict) and value.keys() == {"title", "address"}:
            found.append((label, "words", f"{value['title']} ({value['address']})"))
        elif (name in {"at", "until"} or name.endswith("_at")) and value:
            found.append((label, "words", f"{datetime.fromisoformat(value):%B %-d, %Y, %H:%M} UTC"))
        elif isinstance(value, dict) and value:
            found.append((label, "records", [_lines(value)]))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            found.append((label, "records", [_lines(one) for one in value]))
        elif isinstance(value, list) and value:
            found.append((label, "words", ", ".join(map(str, value))))
        elif isinstance(value, bool):
            found.append((label, "words", "yes" if value else "no"))
        elif value not in (None, "", [], {}):
            found.append((label, "text" if name in {"text", "words", "answer"} else "words", str(value)))
    return found
