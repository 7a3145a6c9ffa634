"""What tests of an import look up in the database."""

from comments.models import Comment


def comment_from(old_id: int | str) -> Comment:
    return Comment.objects.get(source_id=str(old_id))


def parent_of(old_id: int | str) -> str | None:
    parent = comment_from(old_id).parent
    return parent.source_id if parent else None
