"""Whom the first words of a text speak to, and how they would read without the name."""

import re
import unicodedata

# How much of a text may be a greeting.
BEGINNING = 120
_MOST_WORDS_IN_A_NAME = 4
_GREETING = (
    r"(?:hi|hello|hey|hiya|dear|good (?:morning|evening|day|afternoon)|thanks?(?: you)?(?: so much| very much)?|"
    r"hallo|lieber?|guten (?:tag|morgen|abend)|danke|salut|bonjour|cher|chère|merci|hola|querid[oa]|gracias|ciao|"
    r"car[oa]|grazie|welcome(?: back)?|(?:herzlich )?willkommen|bienvenue|bienvenid[oa]|benvenut[oa]|oh|ah|ach|sorry)"
)
_NAME = r"(?P<name>[^\W\d_][^,;:!?\n@–—…]{0,60}?)"
_END = r"\s*(?:[,;:!?\n–—…]|\s-+\s|--|\.(?:\s|$)|$)"
# "Hi Ann," — "@Ann" — "Ann, thank you" — "Ann – you are right".
_SAYS_NAME = (
    re.compile(rf"^\W{{0,3}}{_GREETING}\b[\s,]+@?{_NAME}{_END}", re.IGNORECASE),
    re.compile(r"^\W{0,3}@(?P<name>[^\W_][^\s,;:!?\n@]{0,60}(?: [^\W\d_][^\s,;:!?\n@]{0,30}){0,3})"),
    re.compile(rf"^{_NAME}\s*(?:[,:–—!]|\s-+\s|--)\s*\S", re.IGNORECASE),
)
# Who speaks to all answers nobody in particular.
_EVERYBODY = frozenset(
    {
        "all", "everyone", "everybody", "friends", "friend", "folks", "guys", "people", "readers", "reader", "there",
        "you", "both", "anyone", "someone", "somebody", "again", "dear", "so", "much", "yes", "no", "well", "also",
        "and", "but", "first", "thanks", "thank", "hi", "hello", "sorry", "ok", "okay", "alle", "allerseits",
        "zusammen", "leute", "freunde", "ihr", "tous", "todos", "tutti",
    }
)  # fmt: skip
_JOINED = re.compile(r"(?:\s*[,/]\s*|\s+)(?:and|&|\+|und|et|y|e|or)\s+", re.IGNORECASE)


def greeted_names(text: str) -> list[str]:
    """Whom the beginning of a text may speak to, the likeliest first; empty where it is nobody, or several."""
    beginning = text.lstrip()[:BEGINNING]
    for pattern in _SAYS_NAME:
        match = pattern.match(beginning)
        if match is None:
            continue
        name = match["name"].strip(" .*_'\"’")
        if _JOINED.search(f" {name} ") or _goes_on_with_names(beginning[match.end("name") :]):
            return []
        words, parts = folded(name).split(), name.split()
        if not words or words[0] in _EVERYBODY or words[-1] in {"all", "everyone", "everybody"}:
            continue
        if pattern is not _SAYS_NAME[2]:
            return _names_in(name)
        # "Some words of mine, said quietly" greets nobody: a name that opens a sentence has no small words.
        if len(parts) <= _MOST_WORDS_IN_A_NAME and not any(part[0].islower() for part in parts[1:]):
            return [" ".join(parts)]
    return []


def _names_in(said: str) -> list[str]:
    """ "Mary Ann for your words" may be Mary Ann, but not Mary: a name ends where a small word follows."""
    words = said.split()
    most = min(len(words), _MOST_WORDS_IN_A_NAME)
    ends = [length for length in range(most, 0, -1) if length == len(words) or not words[length][0].isupper()]
    return [" ".join(words[:length]) for length in ends]


def _goes_on_with_names(rest: str) -> bool:
    """ "Ann, Judy and Michelle, …" greets three."""
    return (
        re.match(r"\s*,\s*[^\W\d_]\w*(?:\s*,|\s+(?:and|&|und|et|y)\s+[^\W\d_]\w*\s*[,–—!:.\n-])", rest, re.IGNORECASE)
        is not None
    )


def without_name(text: str, name: str) -> str | None:
    """The text with this name taken out of its first greeting; None where it does not greet it, or others with it.

    "Hi Judy, …" begins with "Hi, …" then, "Judy, thank you" with "Thank you", and "Dear Judy" with "Dear reader".
    """
    called = next((greeted for greeted in greeted_names(text) if is_called(name, greeted)), None)
    start = text.find(called, 0, len(text) - len(text.lstrip()) + BEGINNING) if called else -1
    if called is None or start < 0:
        return None
    before, after = text[:start].rstrip(" \t,@*_"), text[start + len(called) :].lstrip("*_")
    if folded(before).endswith("dear"):
        return f"{before} reader{after}"
    if before.strip():
        return before + after
    rest = after.lstrip(" \t,:;!–—-")
    return rest[:1].upper() + rest[1:] or None


def is_called(name: str, greeted: str) -> bool:
    """Whether a name is the greeted one, or begins with it: "Ann" is Ann Miller, but not Anna."""
    name, greeted = folded(name), folded(greeted)
    return name == greeted or name.startswith(f"{greeted} ") or name.startswith(f"{greeted}-")


def folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().strip(" .,!").split())
