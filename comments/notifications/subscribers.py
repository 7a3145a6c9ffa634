"""What becomes mail: rows written in the transaction of the event, and so true exactly when the event is."""

from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from comments.care import arrangements
from comments.events import (
    AppealDecided,
    AppealMade,
    CareItemOpened,
    CommentClaimed,
    CommentMoved,
    CommentPublished,
    CommentSubmitted,
    GreetingOffered,
    StatusChanged,
    WriterUnmasked,
    subscribe,
)
from comments.models import Appeal, Comment, Kind, Notification, Subscription
from comments.status import OF_THE_AUTHOR
from storied import rows
from storied.accounts.models import User

from . import outbox, subscriptions
from .recipients import Recipient, moderators_to_alert
from .subscriptions import Scope, about_article, about_replies_to, about_thread

# Decisions that their author hears of. Spam is told of nothing, and what one did oneself needs no telling.
TOLD_TO_THE_AUTHOR = frozenset({"approve", "reject", "remove", "restore", "remove_below", "restore_below"})
_KIND_OF = {Scope.REPLIES: Kind.REPLY, Scope.THREAD: Kind.THREAD, Scope.ARTICLE: Kind.ARTICLE}
# Nobody gets mail because an old discussion is put in order.
MOVES_ARE_TOLD_FOR = timedelta(days=30)
_STRENGTH = {Kind.REPLY: 3, Kind.THREAD: 2, Kind.ARTICLE: 1}


@subscribe(CommentSubmitted)
def a_guest_asks_for_replies(event: CommentSubmitted) -> None:
    """The tick beside the form. Whoever is thought to be spam cannot have mail sent to an address."""
    draft, comment = event.draft, event.comment
    if draft is None or not draft.replies_by_mail or comment.author_id is not None:
        return
    if comment.author_email and comment.status != Comment.Status.SPAM:
        guest = Recipient(email=comment.author_email, guest_key=comment.guest_key)
        subscriptions.ask_for_replies(comment, guest, comment.network)


@subscribe(CommentSubmitted)
def moderators_hear_of_what_waits(event: CommentSubmitted) -> None:
    if event.comment.status == Comment.Status.PENDING:
        _alert(event.comment, "submitted")


@subscribe(StatusChanged)
def moderators_hear_of_what_is_held_again(event: StatusChanged) -> None:
    """Held by readers' reports or by the rules after an edit, or written anew after a refusal."""
    if event.new == Comment.Status.PENDING and (event.actor is None or event.action in OF_THE_AUTHOR):
        _alert(event.comment, f"{event.action} {event.comment.revision}")


@subscribe(AppealMade)
def moderators_hear_of_an_appeal(event: AppealMade) -> None:
    _alert(event.comment, f"appeal {event.appeal.pk}", Kind.APPEAL, event.appeal.decision_id)


@subscribe(CareItemOpened)
def those_on_call_hear_of_somebody_in_danger(event: CareItemOpened) -> None:
    """At once, and however they want other mail; where nobody is on call, those who hear of what waits."""
    on_call = list(arrangements.responders().values_list("person", flat=True)) or moderators_to_alert()
    comment = event.comment
    outbox.store(
        outbox.owed(Kind.CARE, f"care:{event.item.pk}", Recipient(pk), held_for=timedelta(), comment=comment)
        for pk in sorted(set(on_call) - {comment.author_id})
    )


@subscribe(CommentPublished)
def readers_hear_of_a_comment(event: CommentPublished) -> None:
    """Whoever wrote what it answers, and all who follow the thread or the article; each once, nobody who wrote it."""
    comment = event.comment
    if comment.is_linkback:
        return
    to = _wishes(comment)
    parent = comment.parent if comment.parent_id is not None else None
    if parent is not None and parent.author_id is not None:
        # The preferences of an account are asked when the mail leaves: none of this page's time.
        to = _strongest(to, Recipient(parent.author_id), Kind.REPLY, None)
    muted = {who for who, (kind, *_) in to.items() if kind == Scope.MUTED}
    author = f"account:{comment.author_id}"
    outbox.store(
        outbox.owed(kind, f"published:{comment.pk}", recipient, comment=comment, subscription_id=wish)
        for who, (kind, recipient, wish) in to.items()
        if who not in muted and who != author
    )


Told = dict[str, tuple[str, Recipient, int | None]]


def _wishes(comment: Comment) -> Told:
    """Who asked to hear of such a comment, by which wish, and who does not want to: one small query."""
    about = [about_article(comment.post_id)]
    if comment.parent_id is not None:
        about += [about_thread(comment.tree_id), about_replies_to(comment.parent_id)]
    found: Told = {}
    wishes = rows.fetch(_STANDING.format(", ".join(["%s"] * len(about))), about)
    for pk, scope, user_id, email, guest_key in wishes:
        recipient = Recipient(user_id, email, guest_key)
        if scope == Scope.MUTED:
            found[recipient.who] = (scope, recipient, None)
        elif not (guest_key and guest_key == comment.guest_key):
            found = _strongest(found, recipient, _KIND_OF[Scope(scope)], pk)
    return found


# By hand: asked for each comment, while others wait in line.
_STANDING = (
    "SELECT id, scope, user_id, email, guest_key FROM comments_subscription WHERE about IN ({}) AND ended_at IS NULL"
)


def _strongest(found: Told, recipient: Recipient, kind: str, wish: int | None) -> Told:
    before = found.get(recipient.who)
    if before is None or (before[0] != Scope.MUTED and _STRENGTH[Kind(before[0])] < _STRENGTH[Kind(kind)]):
        found[recipient.who] = (kind, recipient, wish)
    return found


@subscribe(StatusChanged)
def the_author_hears_of_a_decision(event: StatusChanged) -> None:
    """Members, and guests who asked for mail about this comment."""
    comment, actor = event.comment, event.actor
    if event.action not in TOLD_TO_THE_AUTHOR or actor is None or comment.is_linkback:
        return
    if comment.author_id == actor.pk:
        return
    _tell_the_author(comment, Kind.DECISION, f"decision:{event.entry}", event.entry)


@subscribe(AppealDecided)
def the_author_hears_of_a_second_look(event: AppealDecided) -> None:
    """That a decision stays. One that was taken back is told of as the new decision that it is."""
    if event.appeal.outcome == Appeal.Outcome.KEPT:
        _tell_the_author(event.comment, Kind.ANSWER, f"answer:{event.appeal.pk}", event.appeal.decision_id)


@subscribe(GreetingOffered)
def the_author_hears_of_a_name_taken_off(event: GreetingOffered) -> None:
    _tell_the_author(event.comment, Kind.GREETING, f"greeting:{event.comment.pk}")


def _tell_the_author(comment: Comment, kind: str, event: str, decision_id: int | None = None) -> None:
    if comment.author_id is not None:
        to, wish = Recipient(comment.author_id), None
    else:
        where = "about = %s AND scope = %s AND ended_at IS NULL"
        wish = rows.first(Subscription, where, [about_replies_to(comment.pk), Scope.REPLIES])
        if wish is None:
            return
        to = Recipient(email=wish.email)
    outbox.store([outbox.owed(kind, event, to, comment=comment, subscription=wish, decision_id=decision_id)])


def decisions_on(comment: Comment) -> Any:
    """The log's entries by which others brought this comment to a status, newest first."""
    return comment.log.decisions().order_by("-pk")


@subscribe(StatusChanged)
def who_withdraws_hears_no_more(event: StatusChanged) -> None:
    if event.action == "withdraw":
        for wish in Subscription.objects.standing().filter(about=about_replies_to(event.comment.pk)):
            subscriptions.end(wish, "withdrawn")


@subscribe(WriterUnmasked)
def owners_hear_of_an_unmasking(event: WriterUnmasked) -> None:
    """All of them, and however they want other mail: it is what keeps the name of those who rely on it."""
    owners = User.objects.filter(role=User.Role.OWNER, is_active=True).order_by("pk")
    outbox.store(
        outbox.owed(Kind.UNMASK, f"unmask:{event.entry}", Recipient(pk), comment=event.comment, decision_id=event.entry)
        for pk in owners.values_list("pk", flat=True)
    )


@subscribe(CommentClaimed)
def an_account_hears_of_replies_once(event: CommentClaimed) -> None:
    """As a member now; what the guest had asked for would tell of each reply a second time."""
    asked = Subscription.objects.standing().filter(about=about_replies_to(event.comment.pk), user=None)
    for wish in asked:
        subscriptions.end(wish, "claimed")


@subscribe(CommentMoved)
def threads_keep_their_followers(event: CommentMoved) -> None:
    """A followed thread that is put under another comment is a part of that thread from now on."""
    moved = event.comment
    for wish in Subscription.objects.standing().filter(comment=moved, scope__in=[Scope.THREAD, Scope.MUTED]):
        subscriptions.move_to_thread(wish, moved.tree_id)


@subscribe(CommentMoved)
def both_hear_of_a_move(event: CommentMoved) -> None:
    """Whoever wrote it, and whoever it answers now: each once, however often it is moved and moved back."""
    comment = event.comment
    if not comment.is_approved or comment.is_linkback or comment.created_at < timezone.now() - MOVES_ARE_TOLD_FOR:
        return
    told = Notification.objects.filter(comment=comment, state__in=["owed", "sent"])
    if comment.author_id != event.actor.pk and not told.filter(kind=Kind.MOVED).exists():
        _tell_the_author(comment, Kind.MOVED, f"moved:{event.entry}", event.entry)
    reader = _who_is_answered(comment)
    if reader is None or reader[0].user_id == event.actor.pk:
        return
    to, wish = reader
    if not told.filter(Q(kind=Kind.REPLY) | Q(state="owed"), who=to.who).exists():
        outbox.store([outbox.owed(Kind.REPLY, f"moved:{event.entry}", to, comment=comment, subscription_id=wish)])


def _who_is_answered(comment: Comment) -> tuple[Recipient, int | None] | None:
    """Who wrote what a comment answers, and by which wish they hear of it; None where nobody wants to know."""
    parent = comment.parent if comment.parent_id is not None else None
    if parent is None:
        return None
    if parent.author_id is not None:
        return None if parent.author_id == comment.author_id else (Recipient(parent.author_id), None)
    for kind, recipient, wish in _wishes(comment).values():
        if kind == Kind.REPLY:
            return recipient, wish
    return None


def _alert(comment: Comment, occasion: str, kind: str = Kind.ALERT, decision_id: int | None = None) -> None:
    moderators = {*moderators_to_alert(), comment.post.author_id} - {comment.author_id}
    outbox.store(
        outbox.owed(kind, f"alert:{comment.pk}:{occasion}", Recipient(pk), comment=comment, decision_id=decision_id)
        for pk in sorted(moderators)
    )
