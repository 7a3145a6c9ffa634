"""What the privacy page says: what is kept, what for and for how long, from the settings and the house rules."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings

from comments import proofs
from comments.conf import Rules
from comments.notifications.subscriptions import CONFIRMED_WITHIN


@dataclass(frozen=True)
class Kept:
    """One line: what it is, what for, and until when; nothing where it is not kept here."""

    what: str
    why: str
    how_long: str


def kept(rules: Rules) -> list[tuple[str, list[Kept]]]:
    """The lines in their groups, in the order in which people meet them."""
    return [
        ("When you read", _of_readers()),
        ("When you write", _of_writers(rules)),
        ("When something is not published", _of_what_is_not_published(rules)),
        ("When you want mail", _of_mail(rules)),
        ("When you have an account", _of_accounts(rules)),
    ]


def days(number: int) -> str:
    """A span as people say it; 0 is without an end."""
    if not number:
        return "without an end"
    if number % 365 == 0:
        years = number // 365
        return "for a year" if years == 1 else f"for {years} years"
    return "for a day" if number == 1 else f"for {number} days"


def _span(time: timedelta) -> str:
    hours = round(time.total_seconds() / 3600)
    return days(time.days) if time.days else f"for {hours} hours"


def _of_readers() -> list[Kept]:
    return [
        Kept("Nothing", "Reading sets no cookie, and nobody counts who reads what.", ""),
        Kept(
            "What you have typed and not sent",
            "So that nothing is lost when a page closes. Without an account it stays in your own browser and is sent "
            "to nobody.",
            "until you send it, or close the tab; if you tick that, on this device until you send it, take the tick "
            "away, or say “Forget me on this device”",
        ),
        Kept(
            "Which comments you have seen",
            "So that new ones can be marked, and you find back to where you were. It stays in your own browser and is "
            "sent to nobody.",
            "for a year after your last visit, or until you forget it below a discussion",
        ),
        Kept(
            "Whom you mute without an account",
            "So that it can be folded: the name, and below which article. It stays in your own browser and is sent to "
            "nobody.",
            "until you read them again, below that article",
        ),
    ]


def _of_writers(rules: Rules) -> list[Kept]:
    email = "if you gave one" if not rules.guests_give_email else "which guests give"
    lines = [
        Kept("Your comment and the name with it", "Everybody can read them.", "until you withdraw or erase them"),
        Kept(
            f"Your e-mail address, {email}",
            "It is never shown to readers. By it you can find and erase what you wrote; a moderator who has a reason "
            "can look it up, and that stays on record.",
            "as long as the comment",
        ),
        Kept(
            "Your name, address and site, for the next time",
            "Only if you tick that. They stay in your own browser.",
            "until you take the tick away, or say “Forget me on this device”",
        ),
        Kept(
            "A scrambled mark of the network that you wrote from",
            "It slows floods of spam. Your address itself is never stored, nor which browser you wrote with.",
            days(rules.keep_networks_days),
        ),
        Kept(
            "A cookie with a random number",
            "So that this browser can edit and find what it wrote. It is set when you write, never when you read.",
            "until the browser is closed, or for a year if you ask for that",
        ),
        Kept(
            "Which guidelines you agreed to, by which words and when",
            "So that nobody can say later that you agreed to something else.",
            "as long as the place of the comment",
        ),
        Kept("What a comment said before you edited it", "For moderators alone.", days(rules.keep_wordings_days)),
    ]
    if rules.guests_may_give_site:
        lines.insert(2, Kept("Your site, if you gave one", "Your name links to it.", "as long as the comment"))
    return lines


def _of_what_is_not_published(rules: Rules) -> list[Kept]:
    return [
        Kept("What you have withdrawn", "A moderator may have to know what others replied to.",
             days(rules.keep_withdrawn_days)),
        Kept("What was declined or removed", "So that a decision can be answered for, and looked at again.",
             days(rules.keep_refused_days)),
        Kept("What was taken for spam", "So that a mistake can be put right.", days(rules.keep_spam_days)),
        Kept("Passages that a moderator took out", "Sealed, so that they can be put back.", days(rules.sealed_days))
        if rules.sealed_days
        else Kept("Passages that a moderator took out", "They are gone at once, and nobody can put them back.", ""),
        Kept(
            "What was decided, when and by which clause",
            "Moderation has to be answerable for. The words of a decision go with the text that it is about.",
            "without an end",
        ),
        Kept(
            "Notes and restrictions",
            "Moderators may note for each other what they should know about somebody. Only they read it; whoever runs "
            "this site can be asked what there is about you.",
            "until you are erased",
        ),
    ]  # fmt: skip


def _of_mail(rules: Rules) -> list[Kept]:
    return [
        Kept("Your address and what you asked for", "So that mail can come.", "until you end it and erase it"),
        Kept("An address that was typed and never confirmed", "It may be somebody else’s.", _span(CONFIRMED_WITHIN)),
        Kept("Which mails went to you, and when; not what they said", "For whoever asks whether one was sent.",
             days(rules.keep_mail_days)),
        Kept("A cookie, once you have followed the link to your comments", "It opens them without an account.",
             _span(proofs.PROVED_FOR)),
    ]  # fmt: skip


def _of_accounts(rules: Rules) -> list[Kept]:
    return [
        Kept("Name, address, site, and a scrambled password if you set one", "So that you can log in.",
             "until you erase the account"),
        Kept("A cookie while you are logged in", "It says who you are.",
             _span(timedelta(seconds=settings.SESSION_LIFE)) + " at the most"),
        Kept("When you logged in, and the name of your browser", "So that you can see and end it.",
             "until that log-in ends"),
        Kept("Names that you use below one article, whom you mute, and what you said is not yours",
             "Nobody else learns of any of it.",
             "until you erase the account"),
        Kept("Passkeys and authenticator apps that you add", "So that only you can log in.", "until you remove them"),
        Kept("Which comments of a discussion you have seen, and when and where you were last there",
             "So that new ones can be marked, and you find back, on all your devices. You can end it below any "
             "discussion.",
             days(rules.keep_read_days)),
        Kept("What you have begun to write and not sent",
             "So that nothing is lost, and you can go on writing on any of your devices. Nobody else sees it.",
             f"{days(rules.keep_drafts_days)}, or until you send or discard it"),
        Kept("Accounts whose address was never confirmed", "Somebody may have typed yours.",
             days(rules.keep_unproved_days)),
    ]  # fmt: skip
