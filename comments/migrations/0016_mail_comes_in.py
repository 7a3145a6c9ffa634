"""Answers that come in by mail, what became of them, and how often an address could not be reached."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0015_people_mute_each_other"),
        ("posts", "0001_articles_and_pages"),
    ]

    operations = [
        migrations.AddField(
            model_name="mailpreferences",
            name="bounced_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="mailpreferences",
            name="bounces",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="earlieracceptance",
            name="channel",
            field=models.CharField(
                choices=[("form", "The form under an article"), ("edit", "An edit"), ("mail", "An answer by mail")],
                default="form",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="guidelineacceptance",
            name="channel",
            field=models.CharField(
                choices=[("form", "The form under an article"), ("edit", "An edit"), ("mail", "An answer by mail")],
                default="form",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reply", "a reply to you"),
                    ("thread", "a comment in a thread that you follow"),
                    ("article", "a comment below an article that you follow"),
                    ("decision", "a decision about your comment"),
                    ("answer", "an answer to your asking for a second look"),
                    ("greeting", "a name in your comment that was taken off"),
                    ("alert", "a comment that waits for a moderator"),
                    ("appeal", "a writer who asks for a second look"),
                    ("post", "a new article"),
                    ("confirm", "a question whether mail is wanted"),
                    ("proof", "a link that was asked for"),
                    ("received", "what became of a mail that came in"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="ReceivedMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=64, unique=True)),
                ("who", models.CharField(max_length=265)),
                ("message_id", models.CharField(blank=True, max_length=250)),
                ("name", models.CharField(blank=True, max_length=100)),
                ("refusal", models.TextField(blank=True)),
                ("body", models.TextField(blank=True)),
                ("guidelines_version", models.PositiveIntegerField(null=True)),
                ("left_out", models.PositiveSmallIntegerField(default=0, help_text="attachments that came with it")),
                ("received_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "comment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="received_mails",
                        to="comments.comment",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="comments.comment"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="notification",
            name="received",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notifications",
                to="comments.receivedmail",
            ),
        ),
        migrations.AddIndex(
            model_name="receivedmail",
            index=models.Index(fields=["who", "received_at"], name="mail_received_from"),
        ),
        migrations.AddIndex(
            model_name="receivedmail",
            index=models.Index(fields=["received_at"], name="mail_received_then"),
        ),
    ]
