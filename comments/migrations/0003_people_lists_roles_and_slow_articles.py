"""Notes and restrictions on people, block lists, watched words, moderators of chosen articles, slow mode, locks."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("comments", "0002_spaced_trees_and_leaner_indexes"),
        ("posts", "0001_articles_and_pages"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("address", "E-mail address"),
                            ("domain", "Domain, in e-mail addresses and in links"),
                            ("network", "Network"),
                        ],
                        max_length=10,
                    ),
                ),
                ("value", models.CharField(max_length=254)),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("hold", "Hold for a moderator"),
                            ("spam", "Set aside as spam"),
                            ("refuse", "Refuse, in words"),
                        ],
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("until", models.DateTimeField(blank=True, null=True)),
                ("by_name", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["kind", "value"],
            },
        ),
        migrations.CreateModel(
            name="DeskLogEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor_number", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(blank=True, max_length=100)),
                ("action", models.CharField(max_length=30)),
                ("subject", models.CharField(blank=True, max_length=80)),
                ("subject_name", models.CharField(blank=True, max_length=300)),
                ("words", models.TextField(blank=True, help_text="for moderators")),
                ("details", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ModeratorScope",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="PersonNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guest_key", models.CharField(blank=True, max_length=40)),
                ("by_name", models.CharField(blank=True, help_text="kept when the account goes", max_length=100)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("words", models.TextField()),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Restriction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("guest_key", models.CharField(blank=True, max_length=40)),
                ("by_name", models.CharField(blank=True, help_text="kept when the account goes", max_length=100)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hold", "Always held for a moderator"),
                            ("mute", "Muted for a time"),
                            ("ban", "May not write"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.TextField(help_text="for moderators")),
                ("words", models.TextField(blank=True, help_text="for the person")),
                ("until", models.DateTimeField(null=True)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by_name", models.CharField(blank=True, max_length=100)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="WatchedWords",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(blank=True, max_length=12)),
                (
                    "action",
                    models.CharField(
                        choices=[("hold", "Hold for a moderator"), ("spam", "Set aside as spam")], max_length=10
                    ),
                ),
                ("words", models.TextField(blank=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "ordering": ["language", "action"],
            },
        ),
        migrations.AddField(
            model_name="comment",
            name="is_locked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="discussion",
            name="slow_minutes",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                help_text="0: no slow mode",
                verbose_name="minutes between two comments of one person",
            ),
        ),
        migrations.AddField(
            model_name="block",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddIndex(
            model_name="desklogentry",
            index=models.Index(fields=["subject", "-id"], name="acts_on_a_subject"),
        ),
        migrations.AddField(
            model_name="moderatorscope",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="moderates", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="moderatorscope",
            name="category",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.category"
            ),
        ),
        migrations.AddField(
            model_name="moderatorscope",
            name="post",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="posts.post"
            ),
        ),
        migrations.AddField(
            model_name="personnote",
            name="account",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="personnote",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="account",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="restriction",
            name="lifted_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="watchedwords",
            name="changed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.UniqueConstraint(fields=("kind", "value"), name="a_handle_is_blocked_once"),
        ),
        migrations.AddConstraint(
            model_name="moderatorscope",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("category__isnull", True), ("post__isnull", False)),
                    models.Q(("category__isnull", False), ("post__isnull", True)),
                    _connector="OR",
                ),
                name="a_scope_is_an_article_or_a_category",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderatorscope",
            constraint=models.UniqueConstraint(
                condition=models.Q(("post__isnull", False)),
                fields=("account", "post"),
                name="an_article_is_in_a_scope_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderatorscope",
            constraint=models.UniqueConstraint(
                condition=models.Q(("category__isnull", False)),
                fields=("account", "category"),
                name="a_category_is_in_a_scope_once",
            ),
        ),
        migrations.AddIndex(
            model_name="personnote",
            index=models.Index(
                condition=models.Q(("account__isnull", False)), fields=["account"], name="notes_on_account"
            ),
        ),
        migrations.AddIndex(
            model_name="personnote",
            index=models.Index(
                condition=models.Q(("guest_key", ""), _negated=True), fields=["guest_key"], name="notes_on_guest"
            ),
        ),
        migrations.AddIndex(
            model_name="restriction",
            index=models.Index(
                condition=models.Q(("account__isnull", False), ("lifted_at__isnull", True)),
                fields=["account"],
                name="restricted_account",
            ),
        ),
        migrations.AddIndex(
            model_name="restriction",
            index=models.Index(
                condition=models.Q(("lifted_at__isnull", True), models.Q(("guest_key", ""), _negated=True)),
                fields=["guest_key"],
                name="restricted_guest",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("account__isnull", False), ("guest_key", "")),
                    models.Q(("account__isnull", True), models.Q(("guest_key", ""), _negated=True)),
                    _connector="OR",
                ),
                name="a_restriction_is_on_an_account_or_a_guest",
            ),
        ),
        migrations.AddConstraint(
            model_name="restriction",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "mute"), _negated=True), ("until__isnull", False), _connector="OR"
                ),
                name="who_is_muted_is_so_for_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="watchedwords",
            constraint=models.UniqueConstraint(fields=("language", "action"), name="one_list_a_language_and_action"),
        ),
    ]
