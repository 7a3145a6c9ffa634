"""The draft of the next guidelines, who published a version, and what was agreed to before an edit.

The triggers that guard all of it are made after every migration: see `comments.guidelines.guards`.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0005_mail_and_who_wants_it"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="guidelineversion",
            name="published_by",
            field=models.CharField(blank=True, default="", max_length=100),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="guidelineclause",
            name="version",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clauses", to="comments.guidelineversion"
            ),
        ),
        migrations.AlterField(
            model_name="guidelineacceptance",
            name="comment",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.DO_NOTHING,
                primary_key=True,
                related_name="acceptance",
                serialize=False,
                to="comments.comment",
            ),
        ),
        migrations.CreateModel(
            name="EarlierAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sentence", models.CharField(max_length=300)),
                (
                    "channel",
                    models.CharField(
                        choices=[("form", "The form under an article"), ("edit", "An edit")],
                        default="form",
                        max_length=10,
                    ),
                ),
                ("accepted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="earlier_acceptances",
                        to="comments.comment",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="comments.guidelineversion"
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.CreateModel(
            name="GuidelineDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("introduction", models.TextField(blank=True)),
                ("clauses", models.JSONField(default=list)),
                ("summary_of_change", models.TextField(blank=True)),
                ("is_material", models.BooleanField(default=True)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "changed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_draft_at_a_time")]
            },
        ),
    ]
