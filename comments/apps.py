from django.apps import AppConfig, apps


class CommentsConfig(AppConfig):
    name = "comments"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from storied.front import watch

        # These register system checks and event subscribers.
        from . import care, checks, log, notifications, privacy, searching  # noqa: F401
        from .guidelines import guards
        from .models import (
            Block,
            CareArrangements,
            CarePhrases,
            CareResponder,
            Discussion,
            GuidelineVersion,
            HelpLine,
            HouseRules,
            ModeratorScope,
            Restriction,
            WatchedWords,
        )
        from .moderation import appeals, people, refusals, tasks  # noqa: F401

        watch(Block, Discussion, GuidelineVersion, HouseRules, ModeratorScope, Restriction, WatchedWords)
        watch(CareArrangements, CarePhrases, CareResponder, HelpLine)
        if apps.is_installed("anymail"):
            from .incoming import providers

            providers.listen()
        notifications.gentle_words_are_known_by(refusals.is_gentle)
        pre_migrate.connect(guards.before_migrations, sender=self, dispatch_uid="guidelines.guards")
        post_migrate.connect(guards.after_migrations, sender=self, dispatch_uid="guidelines.guards")
        pre_migrate.connect(log.let_migrations_pass, sender=self, dispatch_uid="log.written_once")
        post_migrate.connect(log.keep_written_once, sender=self, dispatch_uid="log.written_once")
