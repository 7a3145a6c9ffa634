"""An empty Django view; with BENCH_MIDDLEWARE, behind the middleware of a new Django project."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

_DEFAULT = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def view(_request: Any) -> HttpResponse:
    return HttpResponse("ok")


urlpatterns = [path("", view)]

settings.configure(
    SECRET_KEY="a key for benchmarks alone", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__,
    MIDDLEWARE=_DEFAULT if os.environ.get("BENCH_MIDDLEWARE") else [],
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.sessions"],
)  # fmt: skip
application = get_wsgi_application()
