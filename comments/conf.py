"""The house rules: every threshold, hold, throttle and time trap, with its default and the reason for it.

The owner changes them in the site (Moderation, House rules). What the owner has not changed comes from the
environment (`STORIED_RULES="flood_per_minute=0,min_seconds=0"`), and what that does not name from here.
"""

from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from storied.markup import is_web_address

# Of one comment, and on one page, whatever the rules say.
MOST_CHARACTERS, MOST_ON_A_PAGE = 20_000, 2_000


def _rule(default: Any, label: str, reason: str, *, most: int | None = None, is_long: bool = False) -> Any:
    return field(default=default, metadata={"label": label, "reason": reason, "most": most, "is_long": is_long})


@dataclass(frozen=True)
class Rules:
    """One value per rule. 0 switches a number's rule off."""

    discussions_are_open: bool = _rule(True, "Comments are open", "Closes every discussion at once when switched off.")
    close_after_days: int = _rule(
        0, "Close discussions after so many days", "0 never closes: people find an old article when they need it.",
        most=36_500,
    )  # fmt: skip
    guests_may_write: bool = _rule(True, "Guests may comment", "Without an account most people dare more.")
    guests_give_email: bool = _rule(
        True, "Guests give an e-mail address", "It is never shown; a moderator can answer a question privately."
    )
    guests_may_give_site: bool = _rule(True, "Guests may give their site", "People visit each other’s blogs.")
    hold_everything: bool = _rule(False, "Hold every comment", "For days when all has to be read first.")
    hold_newcomers: bool = _rule(True, "Hold newcomers", "Until one comment of theirs has been approved.")
    max_links: int = _rule(
        2, "Hold comments with more links than", "Spam carries links; two leave room for a source and one’s own page.",
        most=100,
    )  # fmt: skip
    max_characters: int = _rule(
        10_000, "Longest comment, in characters",
        "A long letter has 6,000; hostile text of this length is still rendered in well under a second. "
        f"Never more than {MOST_CHARACTERS:,}.",
        most=MOST_CHARACTERS,
    )  # fmt: skip
    min_seconds: int = _rule(
        2, "Hold what is submitted faster than, in seconds", "Nobody reads, writes and submits in that time.", most=60
    )
    form_hours: int = _rule(
        72, "A form can be submitted for so many hours", "Long enough for a night’s sleep over a hard text.", most=8_760
    )
    flood_per_minute: int = _rule(4, "Most comments a minute from one person", "A quick exchange has two.", most=1_000)
    flood_per_hour: int = _rule(30, "Most comments an hour from one person", "A whole evening’s talk.", most=10_000)
    flood_per_network: int = _rule(
        20, "Most comments a minute from one network", "A class in one school may write at once.", most=10_000
    )
    flags_to_hold: int = _rule(
        3, "Hold a comment after so many reports", "One reader may err, three strangers rarely agree.", most=100
    )
    edit_minutes: int = _rule(
        15, "A published comment can be edited for so many minutes",
        "Time for second thoughts. 0 leaves it as it is, to be withdrawn or added to.", most=525_600,
    )  # fmt: skip
    comments_a_page: int = _rule(
        200, "Comments on a page",
        f"An old phone scrolls 200 without effort; most discussions stay whole. Never more than {MOST_ON_A_PAGE:,}.",
        most=MOST_ON_A_PAGE,
    )  # fmt: skip
    agree_by_checkbox: bool = _rule(
        False, "Ask for a tick beside the guidelines",
        "Otherwise the sentence under the form says that submitting is agreeing.",
    )  # fmt: skip
    resubmissions: int = _rule(
        3, "A refused comment can be written anew so many times", "After that only a second look is left.", most=100
    )
    appeal_days: int = _rule(
        7, "A second look is answered within so many days",
        "Whoever asks for one is told until when. 0 offers none.", most=365,
    )  # fmt: skip
    sealed_days: int = _rule(
        30, "A removed passage is kept sealed for so many days",
        "As long as it can be put back, and its author can see it. Then it is gone for good. 0 keeps none.",
        most=3_650,
    )  # fmt: skip
    keep_refused_days: int = _rule(
        365, "Keep what was declined or removed for so many days",
        "Long enough to answer for a decision. Then the text is gone for good, and the decision stays. 0 keeps it.",
        most=36_500,
    )  # fmt: skip
    keep_spam_days: int = _rule(
        30, "Keep spam for so many days", "Long enough to find what was taken for spam by mistake. 0 keeps it.",
        most=36_500,
    )  # fmt: skip
    keep_withdrawn_days: int = _rule(
        30, "Keep withdrawn comments for so many days",
        "Nobody sees them; a moderator may still have to know what others replied to. 0 keeps them.", most=36_500,
    )  # fmt: skip
    keep_wordings_days: int = _rule(
        365, "Keep earlier wordings of a comment for so many days",
        "What stood there before an edit, for moderators. 0 keeps them.", most=36_500,
    )  # fmt: skip
    keep_networks_days: int = _rule(
        30, "Keep where a comment came from for so many days",
        "Never an address: a scrambled mark of a whole network, by which floods are slowed. 0 keeps it.", most=36_500,
    )  # fmt: skip
    keep_mail_days: int = _rule(
        90, "Keep the list of mails that were sent for so many days", "For whoever asks whether one was. 0 keeps it.",
        most=36_500,
    )  # fmt: skip
    keep_read_days: int = _rule(
        365, "Keep what members have read for so many days",
        "Which comments of a discussion they have seen, for the mark on new ones; counted from their last visit to it. "
        "Everybody can end it for themselves. 0 keeps it.", most=36_500,
    )  # fmt: skip
    keep_drafts_days: int = _rule(
        30, "Keep what members have not sent yet for so many days",
        "What they began to write below an article, for them alone; counted from when they last wrote on it. "
        "0 keeps it.",
        most=36_500,
    )  # fmt: skip
    keep_unproved_days: int = _rule(
        30, "Keep accounts whose address was never confirmed for so many days",
        "Somebody else’s address may have been typed. 0 keeps them.", most=36_500,
    )  # fmt: skip
    erase_after_days: int = _rule(
        7, "Wait so many days before somebody is erased who asked for it",
        "Time to think again: nothing that is erased comes back. 0 erases within minutes.", most=60,
    )  # fmt: skip
    quick_exit: bool = _rule(
        False, "Show a way to leave quickly on each page",
        "For readers who may be watched at home: a button, and Shift three times. It replaces the page in the "
        "browser’s history, but not the pages before it. Off at first: on other blogs it would only worry people.",
    )  # fmt: skip
    quick_exit_to: str = _rule(
        "https://www.bbc.com/weather",
        "Where the way out leads",
        "A page that anybody might be reading. Nothing is asked of it before.",
    )
    discreet_title: str = _rule(
        "",
        "What tabs and the browser’s history call every page",
        "One neutral word such as Notes, for readers who share a screen. Left empty, each page has its own name, which "
        "helps people with many tabs, a screen reader or a search engine.",
    )
    comments_in_search: bool = _rule(
        True, "Search engines may show comments",
        "Off, they are asked not to quote them, and to list neither a discussion’s further pages nor links to one "
        "comment. Each article can be stricter, in the admin.",
    )  # fmt: skip
    refused_crawlers: str = _rule(
        "GPTBot ClaudeBot Google-Extended Applebot-Extended CCBot Bytespider Amazonbot meta-externalagent",
        "Crawlers that may not read the site",
        "Names, with spaces between them. These gather texts to train machines; what is said here was said to people. "
        "It is a request in robots.txt, which only the polite follow.",
    )
    privacy_words: str = _rule(
        "",
        "On the privacy page, in your words",
        "Who you are, who runs the server, and whom to ask. An empty line begins a new paragraph.",
        is_long=True,
    )
    usual_wait: str = _rule(
        "",
        "How long a held comment waits, in your words",
        "Whoever waits should know for how long. Left empty, the page says how long the last ones waited.",
    )

    @property
    def longest(self) -> int:
        """How many characters a comment may have."""
        return self.max_characters or MOST_CHARACTERS

    @property
    def page_size(self) -> int:
        """How many comments stand on a page."""
        return self.comments_a_page or MOST_ON_A_PAGE

    @property
    def way_out(self) -> str:
        """Where a quick way out leads; empty where the owner wants none."""
        if not self.quick_exit:
            return ""
        return self.quick_exit_to if is_web_address(self.quick_exit_to) else Rules.quick_exit_to

    @property
    def name_of_pages(self) -> str:
        """What tabs and history call every page; empty where each has its own name."""
        return self.discreet_title.strip()

    def with_changes(self, changes: dict[str, Any]) -> "Rules":
        """These rules with some of them changed; unknown names and unfit values are left out."""
        if not changes:
            return self
        fit = {}
        for rule in fields(self):
            if rule.name in changes:
                try:
                    fit[rule.name] = _as(rule, changes[rule.name])
                except ValueError:
                    continue
        return replace(self, **fit)


# How the owner's page puts them together.
RULE_GROUPS = (
    ("Who may write", ("discussions_are_open", "close_after_days", "guests_may_write", "guests_give_email",
                       "guests_may_give_site")),
    ("What a moderator reads first", ("hold_everything", "hold_newcomers", "max_links", "min_seconds",
                                      "flags_to_hold", "usual_wait")),
    ("How one writes", ("agree_by_checkbox", "max_characters", "form_hours", "edit_minutes", "flood_per_minute",
                        "flood_per_hour", "flood_per_network", "comments_a_page")),
    ("After a decision", ("resubmissions", "appeal_days", "sealed_days")),
    ("How long things are kept", ("keep_refused_days", "keep_spam_days", "keep_withdrawn_days", "keep_wordings_days",
                                  "keep_networks_days", "keep_mail_days", "keep_read_days", "keep_drafts_days",
                                  "keep_unproved_days", "erase_after_days", "privacy_words")),
    ("Discretion", ("quick_exit", "quick_exit_to", "discreet_title", "comments_in_search", "refused_crawlers")),
)  # fmt: skip


def _as(rule: Any, value: Any) -> Any:
    kind = type(rule.default)
    if kind is bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"1", "true", "yes", "on"}:
            return True
        if str(value).lower() in {"0", "false", "no", "off", ""}:
            return False
        raise ValueError(f"{rule.name} is on or off, not {value!r}")
    if kind is int:
        number = int(value)
        if number < 0 or (rule.metadata["most"] is not None and number > rule.metadata["most"]):
            raise ValueError(f"{rule.name} is a number from 0 to {rule.metadata['most']}, not {value!r}")
        return number
    return str(value)


@lru_cache(maxsize=8)
def _installed(items: tuple[tuple[str, str], ...]) -> Rules:
    known = {rule.name: rule for rule in fields(Rules)}
    values = {}
    for name, value in items:
        if name not in known:
            raise ImproperlyConfigured(f"STORIED_RULES names {name!r}, which is no house rule: {', '.join(known)}.")
        try:
            values[name] = _as(known[name], value)
        except ValueError as problem:
            raise ImproperlyConfigured(f"STORIED_RULES: {problem}.") from None
    return Rules(**values)


def installed_rules() -> Rules:
    """The rules of this installation before the owner changed anything in the site."""
    return _installed(tuple(sorted(settings.STORIED_RULES.items())))
