"""How often the shipped phrases are wrong.

`manage.py shell -c "from tests.comments.care import evaluation; evaluation.main()"` prints it. Each sentence is a whole
comment. Those of `en.txt` and `de.txt` were written before anything was tuned, and are parted by a digest of their own
letters: one half was looked at while tuning, of the other only the counts. Those of `*.second.txt` were written after
that and looked at once, those of `*.third.txt` last. comments/care/README.md has the first counts, too.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

SENTENCES = Path(__file__).parent / "sentences"
LANGUAGES = {"en": "English", "de": "German"}
PARTS = ("tuned", "held out", "second", "third")


@dataclass(frozen=True)
class Sentence:
    text: str
    is_concern: bool
    part: str


@dataclass
class Count:
    concern: int = 0
    missed: int = 0
    harmless: int = 0
    false_alarms: int = 0


def sentences(language: str) -> list[Sentence]:
    """The labelled sentences of a language."""
    found = []
    for part in ("", "second", "third"):
        name = f"{language}.{part}.txt" if part else f"{language}.txt"
        for line in (SENTENCES / name).read_text("utf-8").splitlines():
            if line[:2] in {"+ ", "- "}:
                text = line[2:]
                half = "tuned" if hashlib.sha256(text.encode()).digest()[0] & 1 else "held out"
                found.append(Sentence(text, line[0] == "+", part or half))
    return found


def is_found(text: str, language: str) -> bool:
    from comments.care.grammar import shipped
    from comments.care.matching import look
    from comments.care.phrasebook import book

    return bool(look(text, [(language, book(shipped(language)))]))


def counts(language: str) -> dict[str, Count]:
    """Misses and false alarms by part."""
    counted = {part: Count() for part in PARTS}
    for sentence in sentences(language):
        count, found = counted[sentence.part], is_found(sentence.text, language)
        if sentence.is_concern:
            count.concern += 1
            count.missed += not found
        else:
            count.harmless += 1
            count.false_alarms += found
    return counted


def main() -> None:
    print("| language | sentences | of concern | missed | harmless | false alarms |")
    print("|---|---|---:|---:|---:|---:|")
    for language, name in LANGUAGES.items():
        for part, count in counts(language).items():
            missed = f"{count.missed} ({count.missed / count.concern:.0%})"
            false = f"{count.false_alarms} ({count.false_alarms / count.harmless:.0%})"
            print(f"| {name} | {part} | {count.concern} | {missed} | {count.harmless} | {false} |")
    if "--show" in sys.argv:
        for language in LANGUAGES:
            for sentence in sentences(language):
                if is_found(sentence.text, language) != sentence.is_concern and sentence.part == "tuned":
                    print("missed:" if sentence.is_concern else "false alarm:", sentence.text)
