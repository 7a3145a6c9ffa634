"""What an article says of itself to machines that list it, in the words of schema.org.

Of the article alone: what readers said below it was said to people, and is in nobody's list with their names.
"""

from typing import Any

from django.conf import settings

from storied import markup

from .models import Post


def as_data(post: Post, address: str) -> str:
    """A script element that holds data, for the head of the article's page at this address."""
    said: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "headline": str(post),
        "url": address,
        "author": {"@type": "Person", "name": str(post.author)},
        "isPartOf": {"@type": "Blog", "name": settings.STORIED_SITE_NAME, "url": f"{settings.SITE_URL}/"},
    }
    if post.summary:
        said["description"] = post.summary
    if post.published_at:
        said["datePublished"] = post.published_at.isoformat(timespec="seconds")
    if post.picture:
        said["image"] = settings.SITE_URL + post.picture.url
    return markup.json_ld(said)
