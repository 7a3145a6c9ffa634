"""Numbers of trees with room between them, which need more of it than 32 bits; indexes that no query uses go.

Trees that were numbered without gaps stay as they are until somebody writes to them. Backwards, all are numbered
without gaps again, as django-mptt does.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

_WITHOUT_GAPS = """
UPDATE comments_comment SET lft = edges.lowest, rght = edges.highest
FROM (
    SELECT id, MIN(place) AS lowest, MAX(place) AS highest
    FROM (
        SELECT id, ROW_NUMBER() OVER (PARTITION BY tree_id ORDER BY edge) AS place
        FROM (
            SELECT id, tree_id, lft AS edge FROM comments_comment
            UNION ALL SELECT id, tree_id, rght FROM comments_comment
        ) AS numbers
    ) AS places
    GROUP BY id
) AS edges
WHERE comments_comment.id = edges.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0001_discussions"),
        ("posts", "0001_articles_and_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="comment",
            name="comment_is_said_once",
        ),
        migrations.RemoveConstraint(
            model_name="comment",
            name="comment_is_imported_once",
        ),
        migrations.RemoveIndex(
            model_name="comment",
            name="author_history",
        ),
        migrations.AlterField(
            model_name="comment",
            name="author",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="comments",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="lft",
            field=models.BigIntegerField(editable=False),
        ),
        migrations.AlterField(
            model_name="comment",
            name="post",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="comments", to="posts.post"
            ),
        ),
        migrations.AlterField(
            model_name="comment",
            name="rght",
            field=models.BigIntegerField(editable=False),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["tree_id", "rght"], name="tree_ends"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(fields=["post", "created_at"], name="of_a_post"),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=models.Q(("author__isnull", False)), fields=["author", "created_at"], name="author_history"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("fingerprint__isnull", False)), fields=("fingerprint",), name="comment_is_said_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_id__isnull", False)),
                fields=("source", "source_id"),
                name="comment_is_imported_once",
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, _WITHOUT_GAPS),
    ]
