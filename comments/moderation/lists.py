"""The lists that the rules go by: watched words and blocks, looked at before they are saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.validators import EmailValidator, ValidationError
from django.db import transaction

from comments import permissions
from comments.exceptions import CommentsError
from comments.models import Block, Comment, DeskLogEntry, WatchedWords
from comments.spam import words
from comments.viewers import Viewer

# How many of the newest comments a list is tried on before it is saved.
TRIED_ON = 200

LANGUAGES = {
    "": "Any language", "en": "English", "ar": "Arabic", "zh": "Chinese", "cs": "Czech", "da": "Danish",
    "nl": "Dutch", "fi": "Finnish", "fr": "French", "de": "German", "el": "Greek", "he": "Hebrew", "hi": "Hindi",
    "hu": "Hungarian", "it": "Italian", "ja": "Japanese", "ko": "Korean", "no": "Norwegian", "fa": "Persian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "es": "Spanish", "sv": "Swedish",
    "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip


@dataclass(frozen=True)
class Tried:
    """What a list would have done to one of the newest comments."""

    comment: Comment
    matches: list[words.Match]


def lists_of(language: str) -> dict[str, str]:
    """The words of a language by action."""
    stored = dict(WatchedWords.objects.filter(language=language).values_list("action", "words"))
    return {action: stored.get(action, "") for action in WatchedWords.Action.values}


def try_words(language: str, lists: dict[str, str], text: str) -> tuple[list[words.Match], list[Tried]]:
    """What these lists find in a text and in the newest comments; UnfitWords where a line cannot be watched for."""
    checked = tuple((language, action, words.checked_lines(lines)) for action, lines in sorted(lists.items()))
    newest = Comment.objects.comments().order_by("-pk").select_related("post")[:TRIED_ON]
    tried = [Tried(comment, words.found(_everything(comment), checked)) for comment in newest]
    return words.found(text, checked), [one for one in tried if one.matches]


def _everything(comment: Comment) -> str:
    return "\n".join([comment.body, comment.author_name, comment.author_url, comment.author_email])


def save_words(language: str, lists: dict[str, str], viewer: Viewer) -> None:
    """Puts the lists of a language in force."""
    permissions.ensure(permissions.why_not_change_rules(viewer))
    if language not in LANGUAGES:
        raise CommentsError("There is no such language here.")
    checked = {action: words.checked_lines(lines) for action, lines in lists.items()}
    before = lists_of(language)
    with transaction.atomic():
        for action, lines in checked.items():
            if lines == before[action]:
                continue
            WatchedWords.objects.update_or_create(
                language=language, action=action, defaults={"words": lines, "changed_by": viewer.user}
            )
            old, new = set(before[action].splitlines()), set(lines.splitlines())
            DeskLogEntry.note(
                viewer.user, "watch_words", f"words {language}".strip(), LANGUAGES[language],
                list=action, added=sorted(new - old), taken_away=sorted(old - new),
            )  # fmt: skip


def languages_in_use() -> list[str]:
    """The languages that have words, by name."""
    used = set(WatchedWords.objects.exclude(words="").values_list("language", flat=True))
    return sorted(used, key=lambda code: LANGUAGES.get(code, code))


# --- Blocks -------------------------------------------------------------------------------------------------


def block(
    kind: str, value: str, effect: str, viewer: Viewer, *, note: str = "", until: datetime | None = None
) -> Block:
    """Holds, sets aside or refuses what comes from an address, domain or network; one on the same is replaced."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    if kind not in Block.Kind.values or effect not in Block.Effect.values:
        raise CommentsError("There is no such block.")
    value = _checked_value(kind, value)
    with transaction.atomic():
        made, _ = Block.objects.update_or_create(
            kind=kind, value=value,
            defaults={
                "effect": effect, "note": note, "until": until, "by": viewer.user, "by_name": viewer.user.display_name,
            },
        )  # fmt: skip
        DeskLogEntry.note(
            viewer.user, "block", f"block {made.pk}", made.shown, note,
            kind=kind, effect=effect, until=until.isoformat() if until else "",
        )  # fmt: skip
    return made


def unblock(block_id: int, viewer: Viewer) -> None:
    """Takes a line off the block lists; one that is gone already is a quiet no-op."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    with transaction.atomic():
        found = Block.objects.filter(pk=block_id).first()
        if found is not None:
            DeskLogEntry.note(viewer.user, "unblock", f"block {found.pk}", found.shown, kind=found.kind)
            found.delete()


def blocks() -> Sequence[Any]:
    """The block lists, with what is over at the end."""
    return sorted(Block.objects.select_related("by"), key=lambda one: (not one.is_in_force, one.kind, one.value))


def _checked_value(kind: str, value: str) -> str:
    value = value.strip().lower()
    if kind == Block.Kind.ADDRESS:
        try:
            EmailValidator()(value)
        except ValidationError:
            raise CommentsError("This is not an e-mail address.", code="no_address", field="value") from None
    elif kind == Block.Kind.DOMAIN:
        value = _domain(value)
    elif not (len(value) == 32 and set(value) <= set("0123456789abcdef")):
        raise CommentsError("This is not a network as comments carry it.", code="no_network", field="value")
    return value


def _domain(value: str) -> str:
    host = value.split("://")[-1].split("/")[0].split("@")[-1].split(":")[0].strip(".")
    host = host.removeprefix("www.")
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        host = ""
    if (
        "." not in host
        or len(host) > 253
        or not all(part and part.replace("-", "").isalnum() for part in host.split("."))
    ):
        raise CommentsError("This is not a domain. It should be like example.org.", code="no_domain", field="value")
    return host
