from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "storied.search"
    label = "search"
    verbose_name = "Search"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers a system check)
