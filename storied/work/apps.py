from django.apps import AppConfig


class WorkConfig(AppConfig):
    name = "storied.work"
    label = "work"
    verbose_name = "Background work"

    def ready(self) -> None:
        from . import tidying  # noqa: F401  (registers regular work)
