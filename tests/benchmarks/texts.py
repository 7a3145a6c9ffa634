"""Words for generated comments: between 40 and 900 characters, the same for the same seed."""

import random

_WORDS = (
    "morning evening kettle garden river window table letter bread winter summer neighbour street bicycle lamp paper "
    "quiet honest slow bright heavy gentle careful wooden borrowed empty crowded early late small long narrow distant "
    "walk write answer carry mend water listen wait forget remember begin finish cook plant borrow return follow leave "
    "because although while before after until unless whenever perhaps nearly never always sometimes often again still "
    "friend sister doctor teacher baker driver child stranger visitor reader author page article question story "
    "with without under over between behind beside about around through the a my your our this that every another"
).split()
_FORMS = ("{}", "{}", "{}", "{}", "*{}*", "> {}\n\nI keep coming back to this.", "- {}\n- and the other way round")
_SHORTEST, _LONGEST = 40, 900  # characters
FIRST_NAMES = (
    "Ada Bruno Clara Dmitri Elif Fatima Georg Hana Ines Jonas Kira Leo Mira Nils Olga Pavel Quinn Rosa Sven Tilda Uwe "
    "Vera Wim Xenia Yusuf Zoe"
).split()


def texts(chance: random.Random, count: int) -> list[str]:
    """That many different texts in the small Markdown of comments, most of them short."""
    found: dict[str, None] = {}
    while len(found) < count:
        wanted = min(_LONGEST, _SHORTEST + int(chance.expovariate(1 / 260)))
        found[_text(chance, wanted)] = None
    return list(found)


def sentence(chance: random.Random, words: int) -> str:
    said = " ".join(chance.choice(_WORDS) for _ in range(words))
    return f"{said[0].upper()}{said[1:]}."


def _text(chance: random.Random, wanted: int) -> str:
    paragraphs: list[str] = []
    length = 0
    while length < wanted:
        said = " ".join(sentence(chance, chance.randint(5, 16)) for _ in range(chance.randint(1, 3)))
        if length + len(said) > _LONGEST:
            break
        if len(paragraphs) == 0 or chance.random() < 0.4:
            paragraphs.append(said)
        else:
            paragraphs[-1] += f" {said}"
        length = sum(map(len, paragraphs))
    text = "\n\n".join(paragraphs)
    form = chance.choice(_FORMS).format(paragraphs[0])
    return form + text[len(paragraphs[0]) :] if len(form) + len(text) - len(paragraphs[0]) <= _LONGEST else text
