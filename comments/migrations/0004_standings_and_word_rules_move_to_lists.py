"""Standings "held" and "banned" become restrictions, and the two word rules become lists of watched words."""

from django.db import migrations
from django.db.models import Q
from django.db.models.functions import Now

_KINDS = {"held": "hold", "banned": "ban"}
_RULES = {"watched_words": "hold", "spam_words": "spam"}
_REASON = "Set before restrictions had reasons."


def move_to_lists(apps, _schema_editor):
    User = apps.get_model("accounts", "User")
    Restriction = apps.get_model("comments", "Restriction")
    for standing, kind in _KINDS.items():
        people = User.objects.filter(standing=standing)
        Restriction.objects.bulk_create(Restriction(account=person, kind=kind, reason=_REASON) for person in people)
        people.update(standing="ordinary")
    WatchedWords = apps.get_model("comments", "WatchedWords")
    for rules in apps.get_model("comments", "HouseRules").objects.all():
        for name, action in _RULES.items():
            words = rules.changes.pop(name, "")
            if words:
                WatchedWords.objects.create(language="", action=action, words=words)
        rules.save(update_fields=["changes"])


def move_back(apps, _schema_editor):
    User = apps.get_model("accounts", "User")
    now = Now()
    Restriction = apps.get_model("comments", "Restriction")
    for standing, kind in _KINDS.items():
        rows = Restriction.objects.filter(kind=kind, lifted_at=None, account__isnull=False)
        rows = rows.filter(Q(until=None) | Q(until__gt=now))
        User.objects.filter(pk__in=rows.values("account")).update(standing=standing)
    lists = {"watched_words": [], "spam_words": []}
    names = {action: name for name, action in _RULES.items()}
    for row in apps.get_model("comments", "WatchedWords").objects.exclude(words=""):
        lists[names[row.action]].append(row.words)
    if any(lists.values()):
        rules, _ = apps.get_model("comments", "HouseRules").objects.get_or_create(pk=1)
        rules.changes.update({name: "\n".join(words) for name, words in lists.items() if words})
        rules.save(update_fields=["changes"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_people"),
        ("comments", "0003_people_lists_roles_and_slow_articles"),
    ]

    operations = [migrations.RunPython(move_to_lists, move_back)]
