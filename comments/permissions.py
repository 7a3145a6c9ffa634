"""Who may do what. The same function hides a button and refuses its POST, in words."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from posts.models import Post
from storied.accounts.models import User

from .conf import Rules
from .exceptions import NotAllowed
from .models import Appeal, Comment, ModerationLogEntry, ModeratorScope
from .status import REFUSED
from .viewers import Viewer

# A permission answers why not; the empty string is a yes.
Permission = Callable[..., str]


def ensure(why_not: str) -> None:
    """Raises NotAllowed with these words, if there are any."""
    if why_not:
        raise NotAllowed(why_not)


def why_not_moderate(viewer: Viewer, post: Any = None) -> str:
    """Moderators and owners everywhere, an article's author and its chosen moderators below the article."""
    if viewer.is_moderator:
        return ""
    if post is not None and viewer.is_member:
        scope = ModeratorScope.of(viewer.user)
        if post.author_id == viewer.user.pk or scope.covers(post):
            return ""
        if scope:
            return "You moderate other articles than this one."
    return "Only moderators can do this."


def articles_moderated_by(viewer: Viewer) -> Q | None:
    """The articles below which this viewer decides, as a condition on posts; None for all of them."""
    if viewer.is_moderator:
        return None
    if not viewer.is_member:
        return Q(pk__in=[])
    own = Q(author=viewer.user)
    scope = ModeratorScope.of(viewer.user)
    return own | scope.articles if scope else own


def why_not_enter_the_desk(viewer: Viewer) -> str:
    """Who may moderate something may come in."""
    if viewer.is_moderator or (viewer.is_member and ModeratorScope.of(viewer.user)):
        return ""
    if viewer.is_member and Post.objects.filter(author=viewer.user).exists():
        return ""
    return "Only moderators can do this."


def why_not_keep_people(viewer: Viewer) -> str:
    """Notes, restrictions and block lists hold for the whole site, and so do those who may set them."""
    return "" if viewer.is_moderator else "Only moderators of the whole site can do this."


def why_not_unmask(viewer: Viewer, comment: Comment) -> str:
    """Who stands behind a name used only in one discussion is for those who moderate everywhere."""
    if why_not_keep_people(viewer):
        return why_not_keep_people(viewer)
    if comment.signed != Comment.Signature.ALIAS or comment.author_id is None:
        return "There is no account behind another name here."
    return ""


def why_not_restrict(viewer: Viewer, account: Any = None) -> str:
    """Nobody restricts those who moderate, or themselves: a role is taken away first."""
    if why_not_keep_people(viewer):
        return why_not_keep_people(viewer)
    if account is not None and (account.is_moderator or ModeratorScope.of(account)):
        return "This person moderates here. The owner would have to take that role away first."
    return ""


def why_not_change_rules(viewer: Viewer) -> str:
    if viewer.is_member and viewer.user.is_owner:
        return ""
    return "Only the owner of this site can do this."


# As its writer is told: who has sent what was taken for spam can do with it what anybody can.
_WAITS = frozenset({Comment.Status.PENDING, Comment.Status.SPAM})


def why_not_edit(viewer: Viewer, comment: Comment, rules: Rules, *, by_link: bool = False) -> str:
    """One's own comment: while it waits, and for a while after it was published."""
    if not (by_link or viewer.wrote(comment)):
        return "You can only edit what you wrote yourself."
    if comment.emptied_at is not None:
        return "The text of this comment is gone for good."
    if comment.status in _WAITS:
        return ""
    if comment.status in REFUSED:
        return _why_not_resubmit(comment, rules)
    if comment.status != Comment.Status.APPROVED:
        return "This comment is no longer there to be edited."
    minutes = rules.edit_minutes
    if comment.published_at and timezone.now() - comment.published_at > timedelta(minutes=minutes):
        span = "1 minute" if minutes == 1 else f"{minutes} minutes"
        why = f"can be edited for {span} after it was" if minutes else "can no longer be edited once it is"
        return f"A comment {why} published. You can still withdraw it, or add a reply to it."
    return ""


def _why_not_resubmit(comment: Comment, rules: Rules) -> str:
    """What was declined or removed may be written anew, a few times."""
    if comment.log.filter(action="resubmit").count() < rules.resubmissions:
        return ""
    return "This comment cannot be submitted again. You can ask for a second look at the decision, or withdraw it."


def why_not_withdraw(viewer: Viewer, comment: Comment, *, by_link: bool = False) -> str:
    if not (by_link or viewer.wrote(comment)):
        return "You can only withdraw what you wrote yourself."
    if comment.emptied_at is not None or comment.status not in _WAITS | REFUSED | {Comment.Status.APPROVED}:
        return "This comment is no longer there to be withdrawn."
    return ""


def why_not_detach(viewer: Viewer, comment: Comment, *, by_link: bool = False) -> str:
    if not (by_link or viewer.wrote(comment)):
        return "You can only take your name off what you wrote yourself."
    if comment.emptied_at is not None:
        return "The text of this comment is gone for good, and the name with it."
    return ""


def why_not_answer_greeting(viewer: Viewer, comment: Comment, *, by_link: bool = False) -> str:
    if not (by_link or viewer.wrote(comment)):
        return "Only its writer decides whom a comment greets."
    return ""


def why_not_flag(viewer: Viewer, comment: Comment) -> str:
    if viewer.wrote(comment):
        return "This is your own comment. You can edit or withdraw it instead."
    if not comment.is_approved:
        return "This comment is no longer public."
    return ""


def why_not_appeal(
    viewer: Viewer, comment: Comment, rules: Rules, decision: ModerationLogEntry | None, *, by_link: bool = False
) -> str:
    """The author of what was declined or removed, once a decision; `decision` is `status.refusal_of(comment)`."""
    if not (by_link or viewer.wrote(comment)):
        return "You can only ask for a second look at what you wrote yourself."
    if comment.emptied_at is not None or comment.status not in REFUSED or decision is None:
        return "There is no decision on this comment that could be looked at again."
    if not rules.appeal_days:
        return "This site does not offer second looks."
    if Appeal.objects.filter(decision=decision.pk).exists():
        return "You have asked for a second look at this decision already."
    return ""


def why_not_decide_appeal(viewer: Viewer, appeal: Appeal, moderators: AbstractSet[int] | None = None) -> str:
    """Another moderator than the one who decided, where there is one; after the deadline anybody but the author.

    `moderators` are those of the whole site, for lists that have asked for them once.
    """
    why_not = why_not_moderate(viewer, appeal.comment.post)
    if why_not:
        return why_not
    if viewer.wrote(appeal.comment):
        return "This is about a comment of your own. Somebody else has to look at it."
    if appeal.decision.actor_id != viewer.user.pk or appeal.is_overdue:
        return ""
    everybody = (moderators_of_the_site() if moderators is None else moderators) | {appeal.comment.post.author_id}
    if everybody - {viewer.user.pk, appeal.comment.author_id}:
        return (
            "You made this decision yourself, so somebody else looks at it. "
            f"If nobody has by {timezone.localtime(appeal.due_at):%B %-d}, you can answer."
        )
    return ""


def moderators_of_the_site() -> frozenset[int]:
    """Who moderates everywhere, by number: one query."""
    people = User.objects.moderators()
    return frozenset(people.values_list("pk", flat=True))


def why_not_open_sealed(viewer: Viewer) -> str:
    if viewer.is_member and viewer.user.is_owner:
        return ""
    return "Only the owner of this site can open what was sealed."
