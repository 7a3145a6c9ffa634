"""What stood in accounts and house rules before there were restrictions and lists is not lost, either way."""

from importlib import import_module

import pytest
from django.apps import apps

from comments.models import HouseRules, Restriction, WatchedWords
from storied.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db
migration = import_module("comments.migrations.0004_standings_and_word_rules_move_to_lists")


def test_standings_and_word_rules_move_to_lists_and_back():
    people = {name: factories.person(name, standing=name) for name in ("held", "banned", "trusted", "ordinary")}
    HouseRules.objects.create(pk=1, changes={"watched_words": "cure\nharm", "spam_words": "casino", "max_links": 7})
    migration.move_to_lists(apps, None)
    kinds = {r.account.display_name: r.kind for r in Restriction.objects.in_force()}
    assert kinds == {"held": "hold", "banned": "ban"}
    standings = dict(User.objects.values_list("display_name", "standing"))
    assert standings == {"held": "ordinary", "banned": "ordinary", "trusted": "trusted", "ordinary": "ordinary"}
    assert set(WatchedWords.current()) == {("", "hold", "cure\nharm"), ("", "spam", "casino")}
    assert HouseRules.objects.get().changes == {"max_links": 7}
    migration.move_back(apps, None)
    for name, person in people.items():
        person.refresh_from_db()
        assert person.standing == name
    assert HouseRules.objects.get().changes == {"watched_words": "cure\nharm", "spam_words": "casino", "max_links": 7}
