"""Rows that never change once they are stored. The database refuses to change most of them too."""

from typing import Any, NoReturn

from django.db import models


class WrittenOnce(models.Model):
    """What is stored once. `refusal` is what the code hears that tries to change it."""

    refusal: str

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            self.refuse_change()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        self.refuse_change()

    def refuse_change(self) -> NoReturn:
        raise TypeError(f"{self}: {self.refusal}")
