"""What somebody wants to say, before anybody has judged it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comments.viewers import NOBODY, Viewer


@dataclass(frozen=True)
class Draft:
    """The text and all that came with it, in the shape the form has checked."""

    post: Any
    body: str
    parent_id: int | None = None
    viewer: Viewer = NOBODY
    name: str = ""
    # What stands instead of an account's name: one that is used only in this discussion. (When an edit is judged,
    # also what is left of a name that was taken off.)
    alias: str = ""
    email: str = ""
    url: str = ""
    network: str = ""
    # A guest's tick: mail about replies, once the address is confirmed.
    replies_by_mail: bool = False
    guidelines_version: int | None = None
    # The version up to which the writer was shown, word by word, how the guidelines have changed.
    changes_seen: int | None = None
    agreed: bool = True
    sentence: str = ""
    # How it came in, as its acceptance of the guidelines will say; only a form has a stamp.
    channel: str = "form"
    # By mail, but from another address than the one that was written to.
    is_from_elsewhere: bool = False
    honeypot: str = ""
    stamp: str = ""
    # Of members: which state of the text that is kept for them the form knew, and the opened page (see `unsent`).
    built_on: datetime | None = None
    page: str = ""

    @property
    def author(self) -> Any:
        return self.viewer.user if self.viewer.is_member else None

    @property
    def author_name(self) -> str:
        return self.alias or (self.author.display_name if self.author else self.name)

    @property
    def fingerprint(self) -> str:
        """The same for the same text by the same person at the same place, however often it is sent."""
        who = f"account {self.author.pk}" if self.author else f"guest {self.name.casefold()} {self.email.casefold()}"
        said = " ".join(self.body.split())
        digest = hashlib.sha256(f"{self.post.pk}\x1f{self.parent_id}\x1f{who}\x1f{said}".encode()).hexdigest()
        return digest[:32]  # 128 bits never meet by chance, and their index is the largest there is
