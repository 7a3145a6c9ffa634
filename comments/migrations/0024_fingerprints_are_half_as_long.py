from django.db import migrations
from django.db.models.functions import Substr

_AT_ONCE = 10_000  # comments whose rows are locked together


def cut(apps, _schema_editor):
    sent = apps.get_model("comments", "Comment").objects.exclude(fingerprint=None).order_by("pk")
    last = 0
    while True:
        numbers = list(sent.filter(pk__gt=last).values_list("pk", flat=True)[:_AT_ONCE])
        if not numbers:
            return
        sent.filter(pk__gt=last, pk__lte=numbers[-1]).order_by().update(fingerprint=Substr("fingerprint", 1, 32))
        last = numbers[-1]


class Migration(migrations.Migration):
    """What was sent before it is still known when it is sent again.

    The column stays as wide as it was: beside this version another may still be writing the longer ones.
    """

    # Begun again it finds the rest: cut once more, what was cut stays as it is.
    atomic = False

    dependencies = [
        ("comments", "0023_what_members_have_not_sent"),
    ]

    operations = [
        # Back, what was cut off is gone; an older version only no longer knows what was sent to this one.
        migrations.RunPython(cut, migrations.RunPython.noop),
    ]
