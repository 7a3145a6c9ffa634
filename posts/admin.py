from typing import Any

from django.contrib import admin
from django.db import models
from django.forms import Textarea
from django.http import HttpRequest

from .models import Category, Post


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    """Where the owner writes."""

    list_display = ["title", "kind", "status", "author", "published_at"]
    list_filter = ["kind", "status", "categories"]
    search_fields = ["title", "body"]
    date_hierarchy = "published_at"
    prepopulated_fields = {"slug": ["title"]}
    filter_horizontal = ["categories"]
    list_select_related = ["author"]
    formfield_overrides = {models.TextField: {"widget": Textarea(attrs={"rows": 20, "cols": 100})}}
    fields = [
        "title", "slug", "kind", "status", "published_at", "author", "categories", "body", "body_format",
        "excerpt", "editors_note", "picture", "picture_alt", "is_sticky", "in_search",
    ]  # fmt: skip

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"author": request.user.pk, **super().get_changeform_initial_data(request)}
