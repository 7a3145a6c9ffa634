from django.contrib import admin
from django.db import models

from .models import User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People, for the owner; passwords are set by their holders or by `manage.py person`."""

    list_display = ["display_name", "email", "role", "standing", "date_joined"]
    list_filter = ["role", "standing", "is_active"]
    search_fields = ["display_name", "email"]
    fields = ["display_name", "email", "url", "role", "standing", "is_active", "date_joined", "last_login"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ["date_joined", "last_login"]
