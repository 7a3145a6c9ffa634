"""Who moderates: everything, or chosen articles and categories. The owner says so."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from comments import permissions
from comments.exceptions import CommentsError, Gone
from comments.models import DeskLogEntry, ModeratorScope, Person, Restriction
from comments.viewers import Viewer
from posts.models import Category, Post
from storied.accounts.models import User
from storied.turns import take_turn


@dataclass
class Moderator:
    """Somebody with a part in moderation."""

    account: Any
    posts: list[Post] = field(default_factory=list)
    categories: list[Category] = field(default_factory=list)


def moderators() -> list[Moderator]:
    """Owners, moderators of everything, and those of chosen articles: two queries."""
    found = {
        account.pk: Moderator(account)
        for account in User.objects.filter(role__in=[User.Role.OWNER, User.Role.MODERATOR]).order_by("display_name")
    }
    for scope in ModeratorScope.objects.select_related("account", "post", "category"):
        one = found.setdefault(scope.account_id, Moderator(scope.account))
        (one.posts if scope.post_id else one.categories).append(scope.post or scope.category)
    rank = {User.Role.OWNER: 0, User.Role.MODERATOR: 1, User.Role.MEMBER: 2}
    return sorted(found.values(), key=lambda one: (rank[one.account.role], one.account.display_name.casefold()))


def find_account(said: str) -> Any:
    """The account with this e-mail address, or the only one of this name; CommentsError where it is not plain."""
    said = said.strip()
    found = User.objects.filter(email__iexact=said) if "@" in said else User.objects.filter(display_name__iexact=said)
    people = list(found.filter(is_active=True)[:2])
    if not people:
        raise CommentsError("Nobody here goes by this name or address.", code="nobody", field="who")
    if len(people) > 1:
        raise CommentsError("Several people go by this name. Please give the e-mail address.", field="who")
    return people[0]


def set_role(
    account: Any, role: str, viewer: Viewer, *, posts: Collection[Post] = (), categories: Collection[Category] = ()
) -> None:
    """Makes somebody a moderator of everything, of chosen articles and categories ("chosen"), or of nothing ("member").

    Owners are made and unmade by `manage.py person` alone, so that nobody is locked out by a click.
    """
    permissions.ensure(permissions.why_not_change_rules(viewer))
    if account.is_owner:
        raise CommentsError("An owner may do everything. This is changed on the machine itself: manage.py person.")
    if role not in {"moderator", "chosen", "member"}:
        raise CommentsError("There is no such role.")
    if role == "chosen" and not (posts or categories):
        raise CommentsError("Please choose at least one article or category.", code="nothing_chosen", field="posts")
    with transaction.atomic():
        take_turn(Person(account.pk).key)  # nobody is restricted meanwhile
        account = User.objects.select_for_update(of=("self",)).filter(pk=account.pk).first()
        if account is None:
            raise Gone("This account no longer exists.")
        if role != "member" and Restriction.objects.in_force().on(Person(account.pk)).exists():
            raise CommentsError("There is a restriction on this person. Please lift it first.", code="restricted")
        new = User.Role.MODERATOR if role == "moderator" else User.Role.MEMBER
        if account.role != new:
            account.role = new
            account.save(update_fields=["role", "is_staff", "is_superuser"])
        # One by one, so that the site's memory hears of it.
        for scope in ModeratorScope.objects.filter(account=account):
            scope.delete()
        if role == "chosen":
            for post in posts:
                ModeratorScope.objects.create(account=account, post=post)
            for category in categories:
                ModeratorScope.objects.create(account=account, category=category)
        DeskLogEntry.note(
            viewer.user, "set_role", f"account {account.pk}", account.display_name, role=role,
            posts=[post.pk for post in posts] if role == "chosen" else [],
            categories=[category.pk for category in categories] if role == "chosen" else [],
        )  # fmt: skip
