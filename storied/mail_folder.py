"""Mail while developing: a folder with one file a mail, and what is in it."""

import email
import email.policy
import time
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

_numbers = count()


class FolderBackend(BaseEmailBackend):
    """Writes each mail into EMAIL_FILE_PATH, readable by any mail program."""

    def __init__(self, file_path: str | Path = "", **options: Any) -> None:
        super().__init__(**options)
        self._folder = Path(file_path or settings.EMAIL_FILE_PATH)

    def send_messages(self, email_messages: Any) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{time.time_ns():020}-{next(_numbers):04}.eml"
            half = self._folder / f".{name}"
            half.write_bytes(message.message().as_bytes())
            half.rename(self._folder / name)
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    """One mail of the folder."""

    name: str
    message: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def date(self) -> str:
        return str(self.message["Date"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return part.get_content() if part else ""

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return part.get_content() if part else ""


def newest(most: int = 100) -> list[Mail]:
    """The mails of the folder, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    names = sorted((path.name for path in folder.glob("*.eml")), reverse=True) if folder.is_dir() else []
    return [mail for name in names[:most] if (mail := read(name)) is not None]


def read(name: str) -> Mail | None:
    """The mail in the file of that name; None if there is none."""
    path = Path(settings.EMAIL_FILE_PATH) / name
    if path.parent != Path(settings.EMAIL_FILE_PATH) or path.suffix != ".eml" or not path.is_file():
        return None
    return Mail(name, email.message_from_bytes(path.read_bytes(), policy=email.policy.default))
