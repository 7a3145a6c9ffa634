"""Renders everything anew from its source: after a change of what Storied lets through, or a hole in what cleans it."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from comments import searching
from comments.models import Comment
from comments.submission import rewriting
from posts import rendering
from posts.models import Post
from storied import search
from storied.turns import once_more

AT_ONCE = 100  # comments in one transaction: others wait for no more than these


class Command(BaseCommand):
    help = "Renders all articles and comments anew from what was written. Readers and writers can go on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        posts, changed_posts = 0, 0
        for pk in Post.objects.order_by("pk").values_list("pk", flat=True):
            posts += 1
            changed_posts += _render_post(pk)
        comments, changed_comments = 0, 0
        for numbers in _batches():
            comments += len(numbers)
            changed_comments += _render_comments(numbers)
        self.stdout.write(
            f"Rendered {posts:,} articles and {comments:,} comments: "
            f"{changed_posts:,} and {changed_comments:,} of them look different now."
        )


def _batches() -> Iterator[list[int]]:
    """The numbers of all comments whose text is still kept, so many at a time."""
    last = 0
    while True:
        after = Comment.objects.filter(pk__gt=last, emptied_at=None).order_by("pk")
        numbers = list(after.values_list("pk", flat=True)[:AT_ONCE])
        if not numbers:
            return
        yield numbers
        last = numbers[-1]


@once_more
def _render_post(pk: int) -> bool:
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",), no_key=True).select_related("author").filter(pk=pk).first()
        if post is None or post.body_html == rendering.body_html(post.body, post.body_format):
            return False
        post.save(update_fields=["body_html", "summary"])
        return True


@once_more
def _render_comments(numbers: list[int]) -> int:
    with transaction.atomic():
        locked = Comment.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=numbers, emptied_at=None)
        changed = [
            comment for comment in locked.select_related("post").order_by("pk") if rewriting.render_again(comment)
        ]
        search.index(
            searching.documents(
                comment for comment in changed if comment.is_approved and comment.post.status == Post.Status.PUBLISHED
            )
        )
        return len(changed)
