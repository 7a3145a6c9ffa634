"""Who looks at a comment, what needs no reply, and the order in which the desk shows what waits."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import comments.models.risk


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0008_care_lane"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="DeskClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="desk_claim", to="comments.comment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ReplyMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("answered_elsewhere", "Answered elsewhere"),
                            ("no_reply_needed", "No reply needed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "comment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reply_mark", to="comments.comment"
                    ),
                ),
            ],
        ),
        # When the risks change, this index has to be made anew: it stands for the expression as it was.
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                models.OrderBy(comments.models.risk.Risk("reasons"), descending=True),
                models.F("created_at"),
                models.F("id"),
                condition=models.Q(("status", "pending")),
                name="held_by_risk",
            ),
        ),
        migrations.AddIndex(
            model_name="moderationlogentry",
            index=models.Index(
                condition=models.Q(("actor__isnull", False), ("by_author", False)),
                fields=["-id"],
                name="by_moderators",
            ),
        ),
    ]
