"""The order in which the desk shows what waits, as an index that SQLite chooses by itself."""

from django.db import migrations, models

from comments.models.risk import Risk


class Migration(migrations.Migration):
    dependencies = [("comments", "0018_members_say_what_is_not_theirs")]

    operations = [
        migrations.RemoveIndex(model_name="comment", name="held_by_risk"),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                models.F("status"),
                models.OrderBy(Risk("reasons"), descending=True),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(status="pending"),
                name="held_by_risk",
            ),
        ),
    ]
