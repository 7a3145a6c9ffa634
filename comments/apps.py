from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from storied.front import watch

        from . import checks, searching  # noqa: F401  (registers system checks and event subscribers)
        from .models import Discussion, GuidelineVersion, HouseRules

        watch(Discussion, GuidelineVersion, HouseRules)
