"""Taking one's name off what one wrote: the text, its place and its address stay, and it is its writer's as before."""

from collections.abc import Collection, Iterator

from django.db import transaction

from comments import greetings, log, permissions, rendering, tree
from comments.events import CommentDetached, CommentEdited, GreetingOffered, publish
from comments.models import Comment, GreetingOffer
from comments.signatures import NOBODY
from comments.viewers import Viewer
from storied.front import discussion_changes

from .rewriting import rewrite

# Databases take so many values in one statement, and not very many more.
_AT_ONCE = 1_000


def detach(comment: Comment, viewer: Viewer, *, by_link: bool = False) -> Comment:
    """Shows one's own comment as by a reader from now on; doing it again changes nothing."""
    permissions.ensure(permissions.why_not_detach(viewer, comment, by_link=by_link))
    detach_all([comment.pk])
    comment.refresh_from_db()
    return comment


def detach_all(numbers: Collection[int]) -> int:
    """The same for many comments of one person, whose they are known to be; how many still had a name."""
    with transaction.atomic():
        named = Comment.objects.select_for_update(of=("self",), no_key=True).select_related("post", "author")
        named = named.filter(emptied_at=None, erased_at=None).exclude(signed=Comment.Signature.NOBODY)
        ordered = sorted(numbers)
        parts = (ordered[start : start + _AT_ONCE] for start in range(0, len(ordered), _AT_ONCE))
        detached = [comment for part in parts for comment in named.filter(pk__in=part).order_by("pk")]
        for post_id in sorted({comment.post_id for comment in detached}):
            discussion_changes(post_id)
        for comment in detached:
            old_name, comment.author_name = comment.author_name, NOBODY
            comment.signed, comment.author_url = Comment.Signature.NOBODY, ""
            Comment.objects.filter(pk=comment.pk).update(
                signed=comment.signed, author_name=comment.author_name, author_url=comment.author_url
            )
            log.write(comment, "detach", actor=comment.author, by_author=True)
            publish(CommentDetached(comment))
            _offer_to_greet_otherwise(comment, old_name)
        return len(detached)


def _offer_to_greet_otherwise(comment: Comment, old_name: str) -> None:
    """Asks the writers of replies that begin with the old name; what they wrote is never changed for them."""
    for reply in _replies_greeting(comment, old_name):
        _offer, is_new = GreetingOffer.objects.get_or_create(
            comment=reply, defaults={"about": comment, "name": old_name}
        )
        if is_new:
            publish(GreetingOffered(reply))


def _replies_greeting(comment: Comment, name: str) -> Iterator[Comment]:
    theirs = Comment.objects.filter(parent=comment, status__in=[Comment.Status.APPROVED, Comment.Status.PENDING])
    # What was imported as HTML is not taken apart; its writers have nothing here to answer with.
    theirs = theirs.filter(body_format=Comment.BodyFormat.MARKDOWN).select_related("post")
    for reply in theirs.order_by("pk").iterator(500):
        if not _same_person(reply, comment) and greetings.without_name(reply.body, name) is not None:
            yield reply


def _same_person(one: Comment, other: Comment) -> bool:
    if one.author_id is not None or other.author_id is not None:
        return one.author_id == other.author_id
    return bool(one.guest_key) and one.guest_key == other.guest_key


def settle_greeting(comment: Comment, viewer: Viewer, *, greet_otherwise: bool, by_link: bool = False) -> Comment:
    """The reply's own writer says yes, and the name goes from its first words, or no; asked again, nothing changes."""
    with transaction.atomic():
        comment = tree.lock_thread_of(comment.pk)
        permissions.ensure(permissions.why_not_answer_greeting(viewer, comment, by_link=by_link))
        offer = GreetingOffer.objects.filter(comment=comment).first()
        if offer is None:
            return comment
        offer.delete()
        text = greetings.without_name(comment.body, offer.name) if greet_otherwise else None
        if text:
            rewrite(comment, text, rendering.body_html(text, "markdown"), replaced_by=comment.author)
            publish(CommentEdited(comment))
        return comment
