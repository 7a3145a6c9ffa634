from django.urls import path, re_path

from . import feeds, views

app_name = "posts"

urlpatterns = [
    path("", views.home, name="home"),
    path("archive/", views.archive, name="archive"),
    path("category/<str:slug>/", views.category, name="category"),
    path("post/<int:pk>/", views.by_id, name="by_id"),
    path("feed/", feeds.Newest(), name="feed"),
    path("feed/atom/", feeds.NewestAtom(), name="feed_atom"),
    re_path(r"^(?P<year>[0-9]{4})/$", views.year, name="year"),
    re_path(r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/$", views.month, name="month"),
    re_path(r"^(?P<year>[0-9]{4})/(?P<month>[0-9]{2})/(?P<slug>[^/]+)/$", views.detail, name="detail"),
    path("<str:slug>/", views.page, name="page"),
    path("<path:path>", views.old_path, name="old_path"),
]
