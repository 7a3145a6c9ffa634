"""The moderation log no longer hangs on other rows, so that it can be written once; second looks, removed passages,
words for refusals.
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models import Exists, F, OuterRef


def keep_the_numbers(apps, schema_editor):
    """Entries of purged comments get back the number that stood beside them; authors' names stay with their comments."""
    entries = apps.get_model("comments", "ModerationLogEntry").objects.using(schema_editor.connection.alias)
    entries.filter(comment_id=None).update(comment_id=F("comment_number"))
    entries.filter(by_author=True).exclude(actor_name="").update(actor_name="")


def let_go_of_the_numbers(apps, schema_editor):
    using = schema_editor.connection.alias
    entries = apps.get_model("comments", "ModerationLogEntry").objects.using(using)
    comments = apps.get_model("comments", "Comment").objects.using(using)
    people = apps.get_model(settings.AUTH_USER_MODEL).objects.using(using)
    # Rows that stand for a decision on many had no place before.
    entries.filter(comment_id=None).delete()
    entries.update(comment_number=F("comment_id"))
    entries.filter(~Exists(comments.filter(pk=OuterRef("comment_id")))).update(comment_id=None)
    entries.filter(actor_id__isnull=False).filter(~Exists(people.filter(pk=OuterRef("actor_id")))).update(actor_id=None)


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0006_guidelines_are_drafted_and_acceptances_kept"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # --- The log --------------------------------------------------------------------------------------
        migrations.AlterField(
            model_name="moderationlogentry",
            name="actor",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="decisions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="comment",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="log",
                to="comments.comment",
            ),
        ),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="comment_number",
            # The default is for the way back, when rows are there already.
            field=models.BigIntegerField(default=0),
        ),
        migrations.RunPython(keep_the_numbers, let_go_of_the_numbers),
        migrations.RemoveField(model_name="moderationlogentry", name="comment_number"),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="actor_name",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="batch",
            field=models.UUIDField(help_text="the same for all that one decision did", null=True),
        ),
        migrations.AlterField(
            model_name="moderationlogentry",
            name="revision",
            field=models.PositiveIntegerField(default=1, help_text="the text that was decided on"),
        ),
        migrations.AddField(
            model_name="moderationlogentry",
            name="note",
            field=models.TextField(blank=True, default="", help_text="in words for moderators alone"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="moderationlogentry",
            name="template",
            field=models.CharField(
                blank=True, default="", help_text="the words that were chosen for a refusal", max_length=50
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="moderationlogentry",
            name="bulk",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="parts",
                to="comments.moderationlogentry",
            ),
        ),
        migrations.AddField(
            model_name="moderationlogentry",
            name="count",
            field=models.PositiveIntegerField(default=1, help_text="of how many comments a bulk decision was made"),
        ),
        migrations.AddIndex(
            model_name="moderationlogentry",
            index=models.Index(
                condition=models.Q(("batch__isnull", False)), fields=["batch"], name="parts_of_a_decision"
            ),
        ),
        migrations.AddIndex(
            model_name="moderationlogentry",
            index=models.Index(
                condition=models.Q(("by_author", False), ("old", "pending")), fields=["-at"], name="ended_waits"
            ),
        ),
        migrations.CreateModel(
            name="LogCorrection",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("why", models.CharField(max_length=300)),
                ("by_name", models.CharField(blank=True, help_text="empty: Storied itself", max_length=100)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("is_open", models.BooleanField(default=True)),
            ],
        ),
        # --- What stands in the place of what is gone --------------------------------------------------------
        migrations.AddField(
            model_name="comment",
            name="gone_note",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        # --- Second looks, removed passages, words for refusals ----------------------------------------------
        migrations.CreateModel(
            name="Appeal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("words", models.TextField()),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("kept", "The decision stays"),
                            ("reversed", "The decision was taken back"),
                            ("closed", "There was nothing left to decide"),
                        ],
                        max_length=10,
                    ),
                ),
                ("answer", models.TextField(blank=True, help_text="in words for the author")),
                (
                    "decided_by_name",
                    models.CharField(blank=True, help_text="kept when the account goes", max_length=100),
                ),
                (
                    "by_same_person",
                    models.BooleanField(default=False, help_text="reviewed again by who had decided"),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="appeals", to="comments.comment"
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decision",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="appeals",
                        to="comments.moderationlogentry",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("outcome", "")), fields=["made_at"], name="open_appeals")],
                "constraints": [
                    models.UniqueConstraint(fields=("decision",), name="a_decision_is_appealed_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")), fields=("comment",), name="one_open_appeal_a_comment"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("method detail", "Detail of a method"),
                            ("personal detail", "Personal detail"),
                            ("name", "Name of a person"),
                            ("contact detail", "Address, number or other contact detail"),
                            ("place", "Place"),
                            ("quotation", "Quotation"),
                            ("advertising", "Advertising"),
                            ("words", "Words"),
                        ],
                        max_length=20,
                    ),
                ),
                ("clause", models.CharField(blank=True, max_length=50)),
                ("revision", models.PositiveIntegerField()),
                (
                    "sealed",
                    models.TextField(
                        blank=True, help_text="encrypted: the texts as they were; empty once that has expired"
                    ),
                ),
                ("sealed_until", models.DateTimeField()),
                ("made_by_name", models.CharField(blank=True, help_text="kept when the account goes", max_length=100)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="redactions", to="comments.comment"
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("sealed", ""), _negated=True),
                        fields=["sealed_until"],
                        name="sealed_copies",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusalTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.SlugField(unique=True)),
                ("title", models.CharField(help_text="what moderators choose by", max_length=100)),
                ("words", models.TextField(help_text="what the author reads", max_length=2000)),
                ("clause", models.CharField(blank=True, max_length=50)),
                ("is_gentle", models.BooleanField(default=False)),
                ("is_offered", models.BooleanField(default=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
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
        ),
    ]
