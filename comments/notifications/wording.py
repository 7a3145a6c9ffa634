"""What mails say, kind by kind; those to moderators stand in `desk_wording`."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from comments import private_links
from comments.models import Appeal, Comment, Kind, ModerationLogEntry, Notification
from comments.status import clause_named
from storied.letters import Letter, absolute, titled

from . import desk_wording, proving, subscriptions
from .quotes import Quote, lines_of, quote_of, title_of


def _about_a_comment(row: Notification) -> Letter:
    comment, title = row.comment, title_of(row.comment.post)
    if row.kind == Kind.REPLY:
        opening, why = f"There is a reply to your comment below “{title}”.", "You get this because you wrote there."
        plain = "There is a reply for you."
    elif row.kind == Kind.THREAD:
        opening, why = f"A thread that you follow below “{title}” goes on.", "You get this because you follow it."
        plain = "A conversation that you follow goes on."
    else:
        opening, why = f"There is a new comment below “{title}”.", "You get this because you follow the article."
        plain = "There is something new in what you follow."
    return Letter(
        subject=f"Re: {titled(title)}",
        plain_subject="Something new for you",
        opening=opening,
        plain_opening=plain,
        sentences=["To read it where it stands, and to answer, follow the link; it works without logging in."],
        button=("Read and answer", absolute(comment.get_absolute_url())),
        quotes=[quote_of(comment)],
        why=why,
    )


def _about_a_decision(row: Notification) -> Letter:
    comment, title = row.comment, title_of(row.comment.post)
    entry = ModerationLogEntry.objects.get(pk=row.decision_id)
    is_gentle = _is_gentle(entry.template)
    said, plain = _DECIDED.get(entry.new, _LOOKED_AT)
    if is_gentle:
        said, plain = _LOOKED_AT
    elif entry.action in {"restore", "restore_below"}:
        said = "Your comment below “{}” is back in its place."
    letter = Letter(
        subject=titled(f"About your comment on “{title}”"),
        plain_subject="News for you",
        opening=said.format(title),
        plain_opening=plain,
        button=("See your comment", absolute(private_links.own_page_of(comment))),
        why="You get this because you wrote there.",
    )
    if entry.reason:
        letter.quotes.append(Quote("A moderator", "wrote to you", "", lines_of(entry.reason)))
    if entry.new == Comment.Status.APPROVED:
        letter.sentences.append("Thank you for it. The link leads to it, and lets you edit or withdraw it.")
        return letter
    letter.sentences.append(
        "The link leads to your comment with the whole decision. It is yours alone: there you can read your text, "
        "see what you can do now, and answer."
    )
    if entry.action == "remove_below":
        letter.sentences.insert(
            0,
            "The conversation that it stood in was taken away as a whole. That is no judgement of what you wrote.",
        )
        return letter
    number, clause = clause_named("" if is_gentle else entry.clause)
    if clause:
        letter.sentences.append(f"It is about clause {number} of the Commenting Guidelines: “{clause}”.")
    return letter


def _about_a_second_look(row: Notification) -> Letter:
    """The answer to a writer who asked for one, where the decision stays."""
    comment, title = row.comment, title_of(row.comment.post)
    asked = Appeal.objects.get(decision_id=row.decision_id)
    return Letter(
        subject=titled(f"About your comment on “{title}”"),
        plain_subject="News for you",
        opening=f"A moderator has looked once more at your comment below “{title}”.",
        plain_opening="You asked for a second look. Here is the answer.",
        sentences=["The decision stays. The link leads to your comment with all that was said about it."],
        button=("See your comment", absolute(private_links.own_page_of(comment))),
        quotes=[Quote("A moderator", "wrote to you", "", lines_of(asked.answer))] if asked.answer else [],
        why="You get this because you asked for a second look.",
    )


def _about_a_move(row: Notification) -> Letter:
    comment, title = row.comment, title_of(row.comment.post)
    where = "under the one that it answers" if comment.parent_id is not None else "by itself, at the top level"
    return Letter(
        subject=titled(f"About your comment on “{title}”"),
        plain_subject="News for you",
        opening=f"A moderator has put your comment below “{title}” {where}.",
        plain_opening="What you wrote has another place now.",
        sentences=["Nothing in it was changed. Its replies went along, and its address is the same."],
        button=("See it in its place", absolute(comment.get_absolute_url())),
        why="You get this because you wrote there.",
    )


def _about_a_greeting(row: Notification) -> Letter:
    """It does not say the name: whoever took it off wants it in no more places."""
    comment, title = row.comment, title_of(row.comment.post)
    return Letter(
        subject=titled(f"About your reply on “{title}”"),
        plain_subject="A question",
        opening=f"Somebody whom you answered below “{title}” no longer wants their name to stand there.",
        plain_opening="There is a question for you about something that you wrote.",
        sentences=[
            "Your reply begins with that name. The link leads to it, and lets you take the name out of the greeting "
            "with one click. It is yours to decide: nobody changes your words for you."
        ],
        button=("See your reply", absolute(private_links.own_page_of(comment))),
        why="You get this because you wrote there.",
    )


def _is_gentle(template: str) -> bool:
    """Whether a refusal with these words is to be told without a word of rules: asked of whoever knows them."""
    return _gentle is not None and _gentle(template)


_gentle: Callable[[str], bool] | None = None


def gentle_words_are_known_by(judge: Callable[[str], bool]) -> None:
    """Names who knows the moderators' words: they and mail stand beside each other, and neither knows the other."""
    global _gentle
    _gentle = judge


_LOOKED_AT = ("A moderator has written to you about your comment below “{}”.", "There is a letter for you.")
_DECIDED = {
    Comment.Status.APPROVED: ("Your comment below “{}” is published.", "What you sent is published."),
    Comment.Status.REJECTED: ("Your comment below “{}” was not published.", "A decision has been made."),
    Comment.Status.REMOVED: ("Your comment below “{}” was taken down.", "A decision has been made."),
}


def _about_a_post(row: Notification) -> Letter:
    title = title_of(row.post)
    return Letter(
        subject=titled(title),
        plain_subject="Something new for you",
        opening=f"There is a new article: “{title}”.",
        plain_opening="There is something new to read.",
        sentences=["The link leads to it, and to what people say about it."],
        button=("Read it", absolute(row.post.get_absolute_url())),
        quotes=[Quote(row.post.author.display_name, "begins", "", lines_of(row.post.summary))]
        if row.post.summary
        else [],
        why="You get this because you asked to hear of new articles.",
    )


def _question(row: Notification) -> Letter:
    """The one mail that goes to an address that nobody has proved: it holds nothing that a stranger typed."""
    wish = row.subscription
    title = f"“{title_of(wish.post)}”" if wish.post is not None else settings.STORIED_SITE_NAME
    what = {
        "replies": f"replies to your comment below {title}, and what moderators decide about it",
        "thread": f"a thread below {title}",
        "article": f"the discussion of {title}",
        "posts": f"new articles on {settings.STORIED_SITE_NAME}",
    }[wish.scope]
    return Letter(
        subject=titled(f"Do you want mail about {title}?"),
        plain_subject="A question",
        opening=f"Do you want mail about {title}?",
        plain_opening="Somebody asked us to send mail to this address.",
        sentences=[
            f"Somebody asked us to send mail to this address: about {what}.",
            "If that was you, please say so by the link; it is good for a week, and until then nothing is sent.",
            "If it was not, you need not do anything: no mail will follow.",
        ],
        button=(
            "Yes, send me mail",
            absolute(reverse("notifications:confirm", args=[subscriptions.confirmation_token(wish)])),
        ),
        why="You get this because somebody typed this address into a form.",
    )


def _link_to_ones_own(row: Notification) -> Letter:
    """What somebody asked for who typed this address; it says nothing of what was written with it."""
    return Letter(
        subject=titled("The link that you asked for"),
        plain_subject="The link that you asked for",
        opening="Here is the link that you asked for. It is good for a day, and once.",
        plain_opening="Here is the link that you asked for. It is good for a day, and once.",
        sentences=[
            "It leads to what was written with this address, and to what mail you want.",
            "If you did not ask for it, you need not do anything. Whoever typed your address sees nothing of yours.",
        ],
        button=("To what is yours", absolute(reverse("comments:prove", args=[proving.link_token(row.proof)]))),
        why="You get this because somebody typed this address into a form.",
    )


LETTERS = {
    Kind.REPLY: _about_a_comment, Kind.THREAD: _about_a_comment, Kind.ARTICLE: _about_a_comment,
    Kind.DECISION: _about_a_decision, Kind.ANSWER: _about_a_second_look, Kind.ALERT: desk_wording.about_what_waits,
    Kind.APPEAL: desk_wording.about_an_appeal, Kind.POST: _about_a_post, Kind.CONFIRM: _question,
    Kind.PROOF: _link_to_ones_own, Kind.UNMASK: desk_wording.about_an_unmasking, Kind.GREETING: _about_a_greeting,
    Kind.CARE: desk_wording.about_somebody_in_danger, Kind.MOVED: _about_a_move,
}  # fmt: skip


def digest(rows: Sequence[Notification]) -> Letter:
    """Everything that is due for one person, in one mail; one thing alone is told as it would be at once."""
    if all(row.kind == Kind.ALERT for row in rows):
        return desk_wording.alert(rows)
    if all(row.kind == Kind.CARE for row in rows):
        return desk_wording.in_danger(rows)
    many = len(rows)
    if many == 1:
        return LETTERS[Kind(rows[0].kind)](rows[0])
    quotes: list[Quote] = []
    for row in rows:
        letter = LETTERS[Kind(row.kind)](row)
        # Whose comment it is and where it stands says enough; of all else it is said first what happened.
        above = () if row.kind in _COMMENTS else (letter.opening, letter.plain_opening)
        for quote in letter.quotes or [Quote("", "", "", [])]:
            quotes.append(_among_others(quote, letter, *above))
    since = {"daily": "since yesterday", "weekly": "this week", "hourly": "in the last hour"}[rows[0].bundle]
    return Letter(
        subject=titled(f"What is new {since} ({many})"),
        plain_subject=f"What is new ({many})",
        opening=f"There are {many} things that you asked to hear of {since}.",
        plain_opening=f"There are {many} things for you.",
        sentences=["Each stands below with the link that leads to it; all of them work without logging in."],
        button=("To the site", absolute("/")),
        quotes=quotes,
        why="You get this because you asked for everything in one mail.",
    )


_COMMENTS = frozenset({Kind.REPLY, Kind.THREAD, Kind.ARTICLE})


def _among_others(quote: Quote, letter: Letter, above: str = "", plain_above: str = "") -> Quote:
    """What a letter quotes, in a mail that holds other letters too."""
    words, address = letter.button or ("", "")
    address = quote.address or address
    return replace(quote, above=above, plain_above=plain_above, link=words, address=address, choices=letter.choices)
