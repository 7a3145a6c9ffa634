from typing import Any

from django import forms
from django.contrib import admin
from django.db import models, transaction

from .addresses import is_anothers, vouch_for
from .models import User


class PersonForm(forms.ModelForm):
    def clean_email(self) -> str:
        email = self.cleaned_data["email"] or ""
        if email and is_anothers(email, self.instance):
            raise forms.ValidationError("Somebody else here has proved this address.", code="taken")
        return email


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """People, for the owner; passwords are set by their holders or by `manage.py person`."""

    form = PersonForm
    list_display = ["display_name", "email", "role", "standing", "date_joined"]
    list_filter = ["role", "standing", "is_active"]
    search_fields = ["display_name", "email"]
    fields = ["display_name", "email", "url", "role", "standing", "is_active", "date_joined", "last_login"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ["date_joined", "last_login"]

    def get_deleted_objects(self, objs: Any, request: Any) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Without all that goes with somebody: names that they use only below one article would be among it."""
        _all, _counts, needed, protected = super().get_deleted_objects(objs, request)
        return [str(one) for one in objs], {str(User._meta.verbose_name_plural): len(objs)}, needed, protected

    @transaction.atomic
    def save_model(self, request: Any, obj: User, form: Any, change: bool) -> None:
        """An address that the owner changes is changed for logging in, too."""
        before = form.initial.get("email") or ""
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            vouch_for(obj, instead_of=before)
