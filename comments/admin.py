"""What the owner finds in Django's admin about discussions; deciding on comments has a room of its own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from posts.admin import PostAdmin

from .models import Discussion, GuidelineClause, GuidelineVersion, ModerationLogEntry


class DiscussionInline(admin.TabularInline):
    """Whether an article can be commented on, beside the article."""

    model = Discussion
    fields = ["is_open"]
    max_num = 1
    can_delete = False
    verbose_name_plural = "discussion"


PostAdmin.inlines = [*PostAdmin.inlines, DiscussionInline]


class ReadOnly:
    """What may be looked at and not changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ClauseInline(ReadOnly, admin.StackedInline):
    model = GuidelineClause
    fields = ["number", "key", "title", "short_point", "body"]


@admin.register(GuidelineVersion)
class GuidelineVersionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["number", "published_at", "summary_of_change"]
    inlines = [ClauseInline]


@admin.register(ModerationLogEntry)
class ModerationLogAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["at", "action", "comment_id", "actor_name", "old", "new", "clause"]
    list_filter = ["action"]
    search_fields = ["=comment__id", "actor_name"]
    # Of what authors did it is the author: whose a name used only there is, is told by `moderation.unmasking` alone.
    exclude = ["actor"]
