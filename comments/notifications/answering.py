"""That a mail can simply be answered: what it says of it, and by which words the mail is known in an answer."""

from django.urls import reverse

from storied.letters import Letter, absolute

# How mails about comments begin, before a title: by these words an answer's quoted part is found.
BEGINNINGS = (
    "There is a reply to your comment below “", "A thread that you follow below “", "There is a new comment below “",
    "There is a reply for you.", "A conversation that you follow goes on.",
    "There is something new in what you follow.",
)  # fmt: skip
AGREED_BY_MAIL = "By answering this mail you agree to follow the Commenting Guidelines"


def offer_answering(letter: Letter, name: str) -> None:
    """Says that the mail can simply be answered, as whom, and what that agrees to."""
    words = (
        "You can also simply answer this mail. What you write above it is published as a reply, under the name "
        f"{name}, by the same rules as on the site. Your address is not shown; please leave out your signature."
    )
    letter.answering = [(words, ""), (AGREED_BY_MAIL, absolute(reverse("guidelines:current")))]
