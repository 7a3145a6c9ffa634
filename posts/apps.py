from django.apps import AppConfig


class PostsConfig(AppConfig):
    name = "posts"
    verbose_name = "Articles and pages"

    def ready(self) -> None:
        from storied.front import watch

        from . import searching  # noqa: F401  (registers its documents)
        from .models import Category, Post

        watch(Post, Category, Post.categories.through)
