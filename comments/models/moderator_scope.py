"""Whose moderator somebody is: who has the role moderates everything, these people what is named here."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from posts.models import Category, Post
from storied.front import SITE, Memo

_kept = Memo(most=2)


@dataclass(frozen=True)
class Scope:
    """The articles that somebody moderates: chosen ones, and those of chosen categories."""

    posts: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.posts or self.categories)

    def covers(self, post: Any) -> bool:
        """Whether this article is among them; asks the database only for people who moderate a category."""
        if post.pk in self.posts:
            return True
        return bool(self.categories) and post.categories.filter(pk__in=self.categories).exists()

    @property
    def articles(self) -> Q:
        """The same, as a condition on posts."""
        in_categories = Post.categories.through.objects.filter(category__in=self.categories).values("post")
        return Q(pk__in=self.posts) | Q(pk__in=in_categories)


NOTHING = Scope()


class ModeratorScope(models.Model):
    """One article, or one category with those below it, that a member moderates."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="moderates")
    post = models.ForeignKey(Post, null=True, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, null=True, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False, category__isnull=True) | Q(post__isnull=True, category__isnull=False),
                name="a_scope_is_an_article_or_a_category",
            ),
            models.UniqueConstraint(
                fields=["account", "post"], condition=Q(post__isnull=False), name="an_article_is_in_a_scope_once"
            ),
            models.UniqueConstraint(
                fields=["account", "category"],
                condition=Q(category__isnull=False),
                name="a_category_is_in_a_scope_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} moderates {self.post or self.category}"

    @classmethod
    def of(cls, user: Any) -> Scope:
        """What this account moderates besides its own articles; kept in memory, for all accounts at once."""
        if not getattr(user, "is_authenticated", False):
            return NOTHING
        return _kept.get("scopes", (SITE,), cls._all).get(user.pk, NOTHING)

    @classmethod
    def _all(cls) -> dict[int, Scope]:
        rows = list(cls.objects.values_list("account", "post", "category"))
        below: dict[int, list[int]] = {}
        if any(category for _account, _post, category in rows):
            for pk, parent in Category.objects.exclude(parent=None).values_list("pk", "parent"):
                below.setdefault(parent, []).append(pk)
        found: dict[int, tuple[set[int], set[int]]] = {}
        for account, post, category in rows:
            posts, categories = found.setdefault(account, (set(), set()))
            if post is not None:
                posts.add(post)
            else:
                categories |= _with_those_below(category, below)
        return {account: Scope(frozenset(posts), frozenset(cats)) for account, (posts, cats) in found.items()}


def _with_those_below(category: int, below: dict[int, list[int]]) -> set[int]:
    found, waiting = set(), [category]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += below.get(one, [])
    return found
