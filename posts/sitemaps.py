"""What search engines may list."""

from datetime import datetime

from django.contrib.sitemaps import Sitemap

from .models import Post, PostQuerySet


class Posts(Sitemap):
    limit = 5_000

    def items(self) -> PostQuerySet:
        listed = Post.objects.published().exclude(in_search=Post.InSearch.NOTHING)
        return listed.order_by("pk").only("kind", "slug", "published_at", "updated_at")

    def lastmod(self, post: Post) -> datetime:
        return post.updated_at
