"""Who wants which mail, and the mail that is owed."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import comments.models.notification


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0004_standings_and_word_rules_move_to_lists"),
        ("posts", "0001_articles_and_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MailPreferences",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("who", models.CharField(max_length=265, unique=True)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("token", models.CharField(default=comments.models.notification.new_token, max_length=22, unique=True)),
                (
                    "replies",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("hourly", "At most once an hour"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("never", "Never"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                (
                    "follows",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("hourly", "At most once an hour"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("never", "Never"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                (
                    "decisions",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("hourly", "At most once an hour"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("never", "Never"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                (
                    "posts",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("hourly", "At most once an hour"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("never", "Never"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                (
                    "alerts",
                    models.CharField(
                        choices=[
                            ("at_once", "At once"),
                            ("hourly", "At most once an hour"),
                            ("daily", "Once a day"),
                            ("weekly", "Once a week"),
                            ("never", "Never"),
                        ],
                        default="at_once",
                        max_length=10,
                    ),
                ),
                ("plain_subject", models.BooleanField(default=False)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("stopped_because", models.CharField(blank=True, max_length=20)),
                (
                    "user",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_preferences",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "mail preferences",
            },
        ),
        migrations.CreateModel(
            name="Subscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("replies", "Replies to a comment of mine"),
                            ("thread", "A thread"),
                            ("article", "The whole discussion of an article"),
                            ("posts", "New articles"),
                            ("muted", "A thread that I want to hear no more of"),
                        ],
                        max_length=10,
                    ),
                ),
                ("who", models.CharField(max_length=265)),
                ("about", models.CharField(max_length=40)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("token", models.CharField(default=comments.models.notification.new_token, max_length=22, unique=True)),
                ("guest_key", models.CharField(blank=True, max_length=40)),
                ("network", models.CharField(blank=True, max_length=32)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("end_reason", models.CharField(blank=True, max_length=20)),
                (
                    "comment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="comments.comment",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="posts.post",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reply", "a reply to you"),
                            ("thread", "a comment in a thread that you follow"),
                            ("article", "a comment below an article that you follow"),
                            ("decision", "a decision about your comment"),
                            ("answer", "an answer to your asking for a second look"),
                            ("alert", "a comment that waits for a moderator"),
                            ("appeal", "a writer who asks for a second look"),
                            ("post", "a new article"),
                            ("confirm", "a question whether mail is wanted"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=330, unique=True)),
                ("who", models.CharField(max_length=265)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("decision_id", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                ("bundle", models.CharField(blank=True, max_length=10)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("owed", "Owed"),
                            ("sent", "Sent"),
                            ("dropped", "No longer wanted or true"),
                            ("failed", "Could not be sent"),
                        ],
                        default="owed",
                        max_length=10,
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        blank=True, help_text="why it was dropped, or what went wrong last", max_length=300
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("claim", models.CharField(blank=True, max_length=32)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("message_id", models.CharField(blank=True, max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "comment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="comments.comment",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="comments.subscription",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(condition=models.Q(("ended_at", None)), fields=["about"], name="who_wants_to_know"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(fields=["who", "asked_at"], name="wishes_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="subscription",
            index=models.Index(
                condition=models.Q(("network", ""), _negated=True),
                fields=["network", "asked_at"],
                name="wishes_from_a_network",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("who", "about", "scope"), name="a_wish_stands_once"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(condition=models.Q(("state", "owed")), fields=["due_at"], name="mail_owed_now"),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("state", "owed")), fields=["who", "bundle"], name="mail_owed_to_a_person"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("state", "owed"), _negated=True), fields=["ended_at"], name="mail_done_with"
            ),
        ),
    ]
