"""A set of phrases tried on texts before it is saved."""

from dataclasses import dataclass

from comments.models import Comment

from .grammar import LANGUAGES, LISTS
from .matching import Found, explain, look
from .phrasebook import book

__all__ = ["LANGUAGES", "LISTS", "TRIED_ON", "Tried", "try_phrases"]

TRIED_ON = 200  # newest comments


@dataclass(frozen=True)
class Tried:
    """What a set finds: in the sample, sentence by sentence, with what was left out and why; and in comments."""

    sentences: list[tuple[str, list[Found]]]
    comments: list[tuple[Comment, list[Found]]]

    @property
    def found_count(self) -> int:
        return sum(any(not one.left_out for one in found) for _sentence, found in self.sentences)


def try_phrases(language: str, phrases: str, sample: str) -> Tried:
    """Each line of the sample stands for a whole comment. PhraseError for a set that cannot be read."""
    books = ((language, book(phrases)),)
    lines = [line.strip() for line in sample.splitlines() if line.strip()]
    sentences = [(line, list(explain(line, books))) for line in lines]
    newest = Comment.objects.comments().only("body", "author_name").order_by("-pk")[:TRIED_ON]
    found = [(comment, list(look(comment.body, books))) for comment in newest]
    return Tried(sentences, [pair for pair in found if pair[1]])
