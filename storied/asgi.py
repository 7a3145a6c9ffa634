"""The door for ASGI servers."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storied.settings")

from storied import readiness

application = get_asgi_application()
readiness.look_before_answering()
