"""What mails say to those who moderate."""

from collections.abc import Sequence
from dataclasses import replace

from django.urls import reverse

from comments import care, private_links
from comments.models import Comment, HouseRules, ModerationLogEntry, Notification
from storied.letters import Letter, absolute, titled

from .quotes import Quote, lines_of, quote_of, title_of


def about_what_waits(row: Notification) -> Letter:
    return alert([row])


def about_an_appeal(row: Notification) -> Letter:
    return Letter(
        subject=titled("A writer asks for a second look"),
        plain_subject="Something waits for you",
        opening="A writer asks for a second look at a decision.",
        plain_opening="Something waits for you.",
        sentences=["The link leads to what the writer says, to the comment, and to what was decided and by whom."],
        button=("Look at it", absolute(reverse("moderation:appeals"))),
        why="You get this because you moderate here.",
    )


def about_somebody_in_danger(row: Notification) -> Letter:
    return in_danger([row])


def in_danger(rows: Sequence[Notification]) -> Letter:
    """It quotes nothing: such words are read by who is ready for them, and not on a locked telephone."""
    many = len(rows)
    what = "What somebody has" if many == 1 else f"What {many} people have"
    return Letter(
        subject=titled("Somebody may need you"),
        plain_subject="Somebody may need you",
        opening=f"{what} written here may mean that they are in danger.",
        plain_opening="Somebody may need you.",
        sentences=[
            "The link leads to Care, with what led there; the words themselves are opened there by a click.",
            "If you can look after it, please say so there, so that the others know.",
        ],
        button=("To Care", absolute(reverse("moderation:care"))),
        why="You get this because you look after people here.",
    )


def alert(rows: Sequence[Notification]) -> Letter:
    many = len(rows)
    waiting = "A comment waits" if many == 1 else f"{many} comments wait"
    wait = HouseRules.current().usual_wait
    queue = absolute(reverse("moderation:home"))
    heavy = care.heavy_among([row.comment for row in rows])
    quotes = [_heavy(row.comment) if row.comment_id in heavy else _open(row, is_alone=many == 1) for row in rows]
    return Letter(
        subject=titled(f"{waiting} for a moderator"),
        plain_subject="Something waits for you",
        opening=f"{waiting} for a moderator.",
        plain_opening="Something waits for you.",
        sentences=[
            "The link leads to what waits, with the reasons why it was held and what was said around it."
            + (f" Writers have been told that it is looked at {wait}." if wait else "")
        ],
        button=(
            "Look at it",
            absolute(reverse("moderation:comment", args=[rows[0].comment_id])) if many == 1 else queue,
        ),
        choices=_decisions(rows[0]) if many == 1 and not heavy else [],
        quotes=quotes,
        why="You get this because you moderate here.",
    )


def _open(row: Notification, *, is_alone: bool) -> Quote:
    quote, desk = quote_of(row.comment), absolute(reverse("moderation:comment", args=[row.comment_id]))
    return replace(quote, address=desk, link="Look at it", choices=[] if is_alone else _decisions(row))


def _heavy(comment: Comment) -> Quote:
    """In place of words that are read by who is ready for them; what was not read is not decided on, either."""
    return Quote(
        comment.author_name,
        f"on “{title_of(comment.post)}”",
        absolute(reverse("moderation:comment", args=[comment.pk])),
        ["It may be heavy, and so it is not quoted here. The link leads to it; there it is opened by a click."],
        link="Look at it",
    )


def _decisions(row: Notification) -> list[tuple[str, str]]:
    """Links that decide, after a page that asks: good for a few days, for this moderator and this text alone."""
    words = (("approve", "Approve it"), ("reject", "Decline it"), ("mark_spam", "It is spam"))
    comment = row.comment
    return [
        (said, absolute(private_links.link_to_decide(comment.pk, comment.revision, action, row.user_id)))
        for action, said in words
        if row.user_id
    ]


def about_an_unmasking(row: Notification) -> Letter:
    """Who asked, about which comment and why; whose the name is stands nowhere."""
    entry = ModerationLogEntry.objects.get(pk=row.decision_id)
    return Letter(
        subject=titled("A moderator has looked up who wrote a comment"),
        plain_subject="Something was looked up",
        opening=f"A moderator has looked up whose name stands below a comment on “{title_of(row.comment.post)}”.",
        plain_opening="A moderator has looked something up.",
        sentences=["It is a name that a member uses only there. The link leads to the comment and its history."],
        button=("See the comment", absolute(reverse("moderation:comment", args=[row.comment_id]))),
        quotes=[Quote(entry.actor_name, "gave this reason", "", lines_of(entry.note))],
        why="You get this because this site is yours.",
    )
