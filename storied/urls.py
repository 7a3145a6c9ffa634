"""All addresses: accounts, comments, then articles, whose last pattern takes whatever is left."""

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path

from posts.sitemaps import Posts

from . import views

# The admin has no throttle of its own: one logs in where everybody does.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.site_header = admin.site.site_title = f"{settings.STORIED_SITE_NAME}: administration"
admin.site.index_title = "What is stored"

urlpatterns = [
    path("admin/r/<path:content_type_id>/<path:object_id>/", admin.site.admin_view(views.view_on_site)),
    path("admin/", admin.site.urls),
    path("accounts/", include("storied.accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("sitemap.xml", sitemap, {"sitemaps": {"posts": Posts}}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("xmlrpc.php", views.never_here),
    path("wp-login.php", views.never_here),
    path("media/<path:path>", views.media, name="media"),
    path("mail/", views.mail_folder, name="mail_folder"),
    path("mail/letter/<str:name>/", views.mail_letter, name="mail_letter"),
    path("mail/letter/<str:name>/html/", views.mail_letter_html, name="mail_letter_html"),
    # A provider's webhooks; it shows them a secret that STORIED_ANYMAIL names.
    *([path("mail/provider/", include("anymail.urls"))] if apps.is_installed("anymail") else []),
    path("", include("comments.urls")),
    path("", include("posts.urls")),
]

handler400 = "storied.views.bad_request"
handler403 = "storied.views.forbidden"
handler404 = "storied.views.not_found"
handler500 = "storied.views.server_error"
