from django.apps import AppConfig


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from . import checks, searching  # noqa: F401  (registers system checks and event subscribers)
