"""What of articles and pages can be found: the published ones, kept in step whenever one is saved."""

from collections.abc import Iterator
from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from storied import search

from .models import Post
from .rendering import plain_text


@search.register_source
def published_posts() -> Iterator[search.Document]:
    """All published articles and pages, those with a date to come included: pages of hits leave them out until then."""
    for post in Post.objects.filter(status=Post.Status.PUBLISHED).select_related("author").iterator(chunk_size=200):
        yield document(post)


def document(post: Post) -> search.Document:
    body = f"{plain_text(post.body_html)} {post.editors_note}"
    return search.Document(
        post.kind, post.pk, post.pk, post.title, post.author.display_name, body, post.published_at or post.created_at
    )


_OTHER_KIND = {Post.Kind.ARTICLE: Post.Kind.PAGE, Post.Kind.PAGE: Post.Kind.ARTICLE}


# A signal, since posts are saved by the admin, by imports and by hand, and forget none of them.
@receiver(post_save, sender=Post)
def follow_a_saved_post(instance: Post, raw: bool = False, **_kwargs: Any) -> None:
    if raw:
        return
    if instance.status == Post.Status.PUBLISHED:
        search.remove(_OTHER_KIND[instance.kind], [instance.pk])
        search.index([document(instance)])
    else:
        search.remove_post(instance.pk)


@receiver(post_delete, sender=Post)
def forget_a_deleted_post(instance: Post, **_kwargs: Any) -> None:
    search.remove_post(instance.pk)
