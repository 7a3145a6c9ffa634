"""The door for WSGI servers."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storied.settings")

from storied.front.cache import KeptPages

application = get_wsgi_application()
if settings.KEEP_PAGES:
    application = KeptPages(application)
