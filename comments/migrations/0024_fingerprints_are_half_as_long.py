from django.db import migrations
from django.db.models.functions import Substr


def cut(apps, _schema_editor):
    comments = apps.get_model("comments", "Comment").objects
    comments.exclude(fingerprint=None).update(fingerprint=Substr("fingerprint", 1, 32))


class Migration(migrations.Migration):
    """What was sent before it is still known when it is sent again.

    The column stays as wide as it was: beside this version another may still be writing the longer ones.
    """

    dependencies = [
        ("comments", "0023_what_members_have_not_sent"),
    ]

    operations = [
        # Back, what was cut off is gone; an older version only no longer knows what was sent to this one.
        migrations.RunPython(cut, migrations.RunPython.noop),
    ]
