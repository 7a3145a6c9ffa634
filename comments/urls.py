"""Addresses of comments, of the guidelines and of the moderators' room."""

from django.urls import include, path

from . import feeds
from .views import compose, flags, guidelines, moderation, reading

comments = (
    [
        path("search/", reading.search, name="search"),
        path("comments/feed/", feeds.Newest(), name="feed"),
        path("comments/feed/<int:post_pk>/", feeds.OfPost(), name="feed_of_post"),
        path("discussion/<int:post_pk>/submit/", compose.submit, name="submit"),
        path("discussion/<int:post_pk>/preview/", compose.preview, name="preview"),
        path("comment/forget/", compose.forget, name="forget"),
        path("comment/<int:pk>/", reading.permalink, name="permalink"),
        path("comment/<int:pk>/report/", flags.flag, name="flag"),
        path("comment/<int:pk>/own/", compose.own, name="own"),
        path("comment/<int:pk>/own/edit/", compose.edit, name="edit"),
        path("comment/<int:pk>/own/withdraw/", compose.withdraw, name="withdraw"),
        path("comment/own/<str:token>/", compose.own, name="own_by_link"),
        path("comment/own/<str:token>/edit/", compose.edit, name="edit_by_link"),
        path("comment/own/<str:token>/withdraw/", compose.withdraw, name="withdraw_by_link"),
    ],
    "comments",
)

guidelines_pages = (
    [
        path("", guidelines.current, name="current"),
        path("<int:number>/", guidelines.version, name="version"),
    ],
    "guidelines",
)

moderation_pages = (
    [
        path("", moderation.queue, name="home"),
        path("decide/", moderation.decide, name="decide"),
        path("undo/", moderation.undo, name="undo"),
        path("rules/", moderation.rules, name="rules"),
        path("comment/<int:pk>/", moderation.comment, name="comment"),
        path("comment/<int:pk>/move/", moderation.move, name="move"),
        path("discussion/<int:post_pk>/", moderation.set_open, name="set_open"),
        path("<str:name>/", moderation.queue, name="queue"),
    ],
    "moderation",
)

urlpatterns = [
    path("guidelines/", include(guidelines_pages)),
    path("moderation/", include(moderation_pages)),
    path("", include(comments)),
]
