"""The door for WSGI servers."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storied.settings")

from storied import readiness
from storied.front.cache import KeptPages

application = get_wsgi_application()
readiness.look_before_answering()
readiness.look_now()
if settings.KEEP_PAGES:
    application = KeptPages(application)
# What is loaded by now stays: looking through it for garbage again and again took 3 % of a request.
gc.freeze()
