"""Whoever logs in while they are about to be erased is told so: logging in is the usual way of having thought again."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils import timezone

from . import erasure


@receiver(user_logged_in)
def remind(request: Any, user: Any, **_signal: Any) -> None:
    asked = erasure.standing_of(account=user)
    if asked is not None and asked.due_at is not None:
        day = timezone.localtime(asked.due_at)
        words = f"You will be erased on {day:%B %-d}, as you asked. You can still call it off, under “Your data”."
        messages.info(request, words, fail_silently=True)
