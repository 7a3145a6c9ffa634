from django.db import migrations


class Migration(migrations.Migration):
    """What the admin calls many of them; nothing in the database changes."""

    dependencies = [("comments", "0024_fingerprints_are_half_as_long")]

    operations = [
        migrations.AlterModelOptions(
            name="moderationlogentry",
            options={"ordering": ["-pk"], "verbose_name_plural": "moderation log entries"},
        ),
    ]
