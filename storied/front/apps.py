from django.apps import AppConfig


class FrontConfig(AppConfig):
    name = "storied.front"
    label = "front"
    verbose_name = "kept pages"

    def ready(self) -> None:
        from . import checks, store  # noqa: F401  (registers a system check, and that changes withdraw stored pages)
