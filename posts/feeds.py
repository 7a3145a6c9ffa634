"""Articles as feeds."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.http import HttpResponse
from django.utils.feedgenerator import Atom1Feed

from .models import Post

ARTICLES_IN_A_FEED = 20


class ForReaders(Feed):
    """For readers' programs, so that search engines list the pages instead."""

    link = "/"

    def __call__(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(*args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    def item_description(self, item: Any) -> str:
        return item.body_html

    def item_link(self, item: Any) -> str:
        return settings.SITE_URL + item.get_absolute_url()


class Newest(ForReaders):
    """The newest articles, as RSS."""

    def title(self) -> str:
        return settings.STORIED_SITE_NAME

    def description(self) -> str:
        return settings.STORIED_SITE_TAGLINE or settings.STORIED_SITE_NAME

    def items(self) -> list[Post]:
        newest = Post.objects.published().articles().order_by("-published_at", "-pk").select_related("author")
        return list(newest.prefetch_related("categories")[:ARTICLES_IN_A_FEED])

    def item_title(self, item: Post) -> str:
        return str(item)

    def item_guid(self, item: Post) -> str:
        return f"{settings.SITE_URL}/post/{item.pk}/"

    item_guid_is_permalink = False

    def item_author_name(self, item: Post) -> str:
        return item.author.display_name

    def item_pubdate(self, item: Post) -> datetime:
        return item.published_at

    def item_updateddate(self, item: Post) -> datetime:
        return item.updated_at

    def item_categories(self, item: Post) -> list[str]:
        return [category.name for category in item.categories.all()]


class NewestAtom(Newest):
    """The newest articles, as Atom."""

    feed_type = Atom1Feed

    def subtitle(self) -> str:
        return self.description()
