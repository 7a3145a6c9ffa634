"""Names that members use in one discussion alone: whether one is free there, and taking it for good."""

from typing import Any

from django.db import IntegrityError, transaction

from comments.exceptions import Refused
from comments.models import Alias, Comment
from comments.signatures import NOBODY
from storied import rows
from storied.accounts import names
from storied.accounts.models import AccountRules, User, names_are_kept_elsewhere
from storied.front import discussion_changes

from .draft import Draft

# Who is called so seems to be nobody; what would speak for the site is reserved for all.
_NOBODYS = (NOBODY, names.GENERIC)


class NameNotFree(Refused):
    code = "alias_taken"


class OneNameHere(Refused):
    code = "one_alias"


def is_somebodys(name: str, post_id: int) -> bool:
    """Whether a guest of this name would seem to be a member, or to be who goes by it there: one query."""
    return User.objects.name_is_taken(name, or_in=(_IS_AN_ALIAS, [post_id]))


_IS_AN_ALIAS = "SELECT 0 FROM comments_alias WHERE post_id = %s AND name_key = %s"


@names_are_kept_elsewhere
def is_used_in_a_discussion(key: str, by_anyone_but: int | None) -> bool:
    """So that nobody takes an account's name to pass for who goes by it below some article."""
    return Alias.objects.filter(name_key=key).exclude(user=by_anyone_but).exists()


def wait_for(draft: Draft) -> None:
    """Before it is asked whether the name is free: an account, or a guest, may be about to stand there with it, too."""
    if draft.author is None:
        User.objects.wait_for_name(draft.name, to_itself=False)
    elif draft.alias:
        User.objects.wait_for_name(draft.alias)


def of_draft(draft: Draft) -> Alias:
    """The name that a draft is signed with: the one that its writer has there, or a new one that is still free.

    Refused in words where it would pass for somebody, and where its writer goes by another one there already.
    """
    key = names.key(draft.alias)
    mine = Alias.objects.filter(post=draft.post, user=draft.author).first()
    if mine is not None:
        return _if_the_same(mine, key)
    if key == names.key(draft.author.display_name):
        raise NameNotFree(
            "This is your own name, or looks like it. Leave it empty to write under your own name.", field="alias"
        )
    reserved = AccountRules.current().reserved_keys | {names.key(name) for name in _NOBODYS}
    if names.is_reserved(draft.alias, reserved):
        raise NameNotFree("This name would be misunderstood here. Please choose another one.", field="alias")
    if is_somebodys(draft.alias, draft.post.pk) or _has_written(key, draft.post.pk):
        raise _taken()
    return Alias(post=draft.post, user=draft.author, name=draft.alias, name_key=key)


def take(alias: Alias) -> None:
    """Stores a new one, inside the transaction of the comment that it is taken with. Of two at once one is refused."""
    if alias.pk is not None:
        return
    discussion_changes(alias.post_id)
    try:
        with transaction.atomic():
            rows.insert(alias)
    except IntegrityError:
        mine = Alias.objects.filter(post=alias.post_id, user=alias.user_id).first()
        if mine is None:
            raise _taken() from None
        mine = _if_the_same(mine, alias.name_key)
        alias.pk, alias.name = mine.pk, mine.name


def _taken() -> NameNotFree:
    return NameNotFree(
        "Somebody goes by a name that looks like this one. Please choose another one for this discussion.",
        field="alias",
    )  # fmt: skip


def _if_the_same(mine: Alias, key: str) -> Alias:
    if mine.name_key != key:
        raise OneNameHere(
            f"You write as “{mine.name}” in this discussion already, and that cannot be changed. "
            "Please choose below which of your names should stand with this comment.",
            field="sign",
        )
    return mine


def _has_written(key: str, post_id: int) -> bool:
    """Whether somebody has written there under such a name, with an account or without."""
    there: Any = Comment.objects.filter(post=post_id).exclude(status=Comment.Status.SPAM)
    return any(names.key(name) == key for name in there.order_by().values_list("author_name", flat=True).distinct())
