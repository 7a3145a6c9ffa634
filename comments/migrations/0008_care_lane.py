"""Where help is found, who is on call, and who may need somebody now; readers' worries are no reports any more."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def worries_go_to_care(apps, schema_editor):
    """Open reports that only said “I am worried about this person” become items of their own."""
    using = schema_editor.connection.alias
    flags, items, signals = (
        apps.get_model("comments", name).objects.using(using) for name in ("Flag", "CareItem", "CareSignal")
    )
    worries = flags.filter(reason="worried", outcome="").order_by("created_at")
    for flag in worries.iterator():
        item, _ = items.get_or_create(
            comment_id=flag.comment_id, closed_at=None, defaults={"opened_by": "reader", "opened_at": flag.created_at}
        )
        signals.create(
            item=item, by="reader", key=flag.reporter_key, person_id=flag.reporter_id, words=flag.words,
            at=flag.created_at,
        )  # fmt: skip
    worries.delete()


def worries_are_reports_again(apps, schema_editor):
    using = schema_editor.connection.alias
    flags = apps.get_model("comments", "Flag").objects.using(using)
    signals = apps.get_model("comments", "CareSignal").objects.using(using).select_related("item")
    for signal in signals.filter(by="reader", item__closed_at=None).iterator():
        flags.get_or_create(
            comment_id=signal.item.comment_id, reporter_key=signal.key,
            defaults={"reason": "worried", "words": signal.words, "reporter_id": signal.person_id,
                      "created_at": signal.at},
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0007_the_log_stands_alone_appeals_redactions_refusals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="HelpLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "region",
                    models.CharField(
                        blank=True,
                        help_text="A country or a part of one. Empty: for people wherever they are.",
                        max_length=60,
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="who it is")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                ("sms", models.CharField(blank=True, max_length=40, verbose_name="number for text messages")),
                ("url", models.URLField(blank=True, verbose_name="web address")),
                ("hours", models.CharField(blank=True, max_length=100, verbose_name="when they are there")),
                ("about", models.CharField(blank=True, max_length=200, verbose_name="a few words")),
                (
                    "last_checked",
                    models.DateField(default=django.utils.timezone.localdate, verbose_name="last checked on"),
                ),
            ],
            options={
                "ordering": ["region", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CareItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "opened_by",
                    models.CharField(
                        choices=[
                            ("match", "Words in it"),
                            ("reader", "A reader is worried"),
                            ("moderator", "A moderator"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_noted", models.BooleanField(default=False)),
                ("claimed_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                ("closed_by_name", models.CharField(blank=True, max_length=100)),
                (
                    "code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("replied", "Somebody replied"),
                            ("resources", "Ways to help were sent"),
                            ("escalated", "Handed on to somebody else"),
                            ("not_a_concern", "Not a concern"),
                        ],
                        max_length=15,
                    ),
                ),
                ("note", models.TextField(blank=True, help_text="for moderators")),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "comment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="care_items", to="comments.comment"
                    ),
                ),
            ],
            options={
                "ordering": ["opened_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CarePhrases",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.SlugField(max_length=12, unique=True)),
                ("name", models.CharField(max_length=60)),
                ("text", models.TextField(blank=True)),
                ("is_used", models.BooleanField(default=True)),
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
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="CareResponder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("when", models.CharField(blank=True, max_length=100, verbose_name="when they can usually be reached")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="on_call", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CareSignal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "by",
                    models.CharField(
                        choices=[
                            ("match", "Words in it"),
                            ("reader", "A reader is worried"),
                            ("moderator", "A moderator"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(blank=True, max_length=50)),
                ("words", models.CharField(blank=True, max_length=1000)),
                ("found", models.JSONField(default=list)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="signals", to="comments.careitem"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="CareArrangements",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_wanted", models.BooleanField(default=True, verbose_name="look for words that may mean danger")),
                (
                    "on_match",
                    models.CharField(
                        choices=[
                            ("publish", "Publish it, as the other rules say"),
                            ("hold", "Hold it until a moderator has read it"),
                            ("note", "Publish it, as the other rules say, with a note for readers"),
                        ],
                        default="publish",
                        max_length=10,
                        verbose_name="such a comment",
                    ),
                ),
                (
                    "note",
                    models.CharField(
                        blank=True,
                        default="This comment speaks of very dark hours. If you are in one yourself, please do not stay alone with it.",
                        max_length=300,
                        verbose_name="the note for readers",
                    ),
                ),
                (
                    "target_hours",
                    models.PositiveSmallIntegerField(
                        default=4, verbose_name="somebody should have looked within, in hours"
                    ),
                ),
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
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="one_way_of_care")],
            },
        ),
        migrations.AddIndex(
            model_name="careitem",
            index=models.Index(condition=models.Q(("closed_at", None)), fields=["opened_at"], name="open_care"),
        ),
        migrations.AddIndex(
            model_name="careitem",
            index=models.Index(
                condition=models.Q(("closed_at__isnull", False)), fields=["-closed_at"], name="closed_care"
            ),
        ),
        migrations.AddIndex(
            model_name="careitem",
            index=models.Index(condition=models.Q(("is_noted", True)), fields=["comment"], name="noted_for_readers"),
        ),
        migrations.AddConstraint(
            model_name="careitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("comment",), name="one_open_care_a_comment"
            ),
        ),
        migrations.AddConstraint(
            model_name="caresignal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("key", ""), _negated=True), fields=("item", "key"), name="a_reader_worries_once"
            ),
        ),
        migrations.RunPython(worries_go_to_care, worries_are_reports_again),
    ]
