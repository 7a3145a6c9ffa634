"""The searchable copy of what is public.

On SQLite, triggers on this table keep the full-text index in step, and Django drops them when it remakes the
table: a migration that alters this model must end with the full-text step of 0002 once more.
"""

from django.db import models

from .documents import LONGEST_AUTHOR, LONGEST_TITLE


class SearchDocument(models.Model):
    """One thing that can be found. Written only by `storied.search.catalogue`."""

    kind = models.CharField(max_length=20)
    object_id = models.PositiveBigIntegerField()
    post_id = models.PositiveBigIntegerField(db_index=True)
    title = models.CharField(max_length=LONGEST_TITLE)
    author = models.CharField(max_length=LONGEST_AUTHOR)
    body = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id"], name="search_one_document_per_object"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}: {self.title}"
