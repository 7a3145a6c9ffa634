"""The data of the benchmarks: right trees, and the same for the same seed."""

import random

import pytest
from django.core.management import call_command

from comments import moderation
from comments.models import Comment
from comments.viewers import Viewer
from posts.models import Post
from storied.accounts.models import User
from tests import factories
from tests.benchmarks import generator, loading, piles
from tests.benchmarks.generator import Shape
from tests.benchmarks.texts import texts

SHAPES = [generator.SMALL, generator.HUNDRED, Shape("thread", 60, 1)]


def table():
    return list(Comment.objects.order_by("pk").values())


@pytest.mark.django_db
def test_what_is_loaded_has_right_trees_and_counts(capsys):
    loading.load((shape.name, generator.discussion(shape)) for shape in SHAPES)
    call_command("check_tree")
    assert capsys.readouterr().out == "All trees and counts are right.\n"
    assert Comment.objects.count() == sum(shape.comments for shape in SHAPES)
    assert Comment.objects.filter(parent=None).count() == sum(shape.roots for shape in SHAPES)


@pytest.mark.django_db
def test_comments_can_be_written_after_what_was_loaded():
    loaded = loading.load([("26", generator.discussion(generator.SMALL))])
    highest = Comment.objects.order_by("-pk").first()
    parent = Comment.objects.get(pk=loaded.posts["26"]["first"])
    made = factories.comment(Post.objects.get(pk=loaded.posts["26"]["pk"]), parent=parent)
    assert made.pk > highest.pk
    call_command("check_tree")


def test_the_same_seed_gives_the_same_discussion_and_another_seed_another():
    first = generator.discussion(generator.HUNDRED)
    assert generator.discussion(generator.HUNDRED) == first
    assert generator.discussion(generator.HUNDRED, seed=2) != first


def test_no_reply_stands_deeper_than_said_and_none_before_what_it_answers():
    for place in generator.discussion(Shape.usual("1000", 1_000)):
        assert place.level <= generator.DEEPEST
        assert place.parent is None or place.parent < place.number


def test_texts_have_the_lengths_of_comments_and_are_the_same_for_the_same_seed():
    made = texts(random.Random(1), 300)
    assert made == texts(random.Random(1), 300)
    assert len(set(made)) == 300
    assert {40 <= len(text) <= 900 for text in made} == {True}


@pytest.mark.django_db
def test_a_whole_site_is_loaded_one_discussion_after_the_other():
    many = generator.articles(3, 20)
    loading.load((f"article-{number}", places) for number, places in many)
    call_command("check_tree")
    assert Comment.objects.values("post").distinct().count() == 3
    assert len({row["tree_id"] for row in table() if row["parent_id"] is None}) == 3 * 7


@pytest.mark.django_db
def test_what_is_piled_up_for_the_desk_stands_in_its_queues(capsys):
    factories.published_guidelines()
    clause = piles.others()
    held = piles.held(0, 100)
    moderator = Viewer(User.objects.get(email=piles.MODERATOR))
    assert moderation.counts(moderator) == {"pending": 100, "spam": 100, "reported": 50}
    assert moderation.comments_in("awaiting", moderator).exists()
    assert len(moderation.decisions(moderator)) == 100
    card = moderation.cards([Comment.objects.get(pk=held[0])], moderator)[0]
    assert card.acceptance is not None
    assert [entry.action for entry in card.history] == ["submit"]
    assert moderation.decide(held[0], "reject", moderator, clause=clause, seen_status="pending").status == "rejected"
    capsys.readouterr()
    call_command("check_tree")
    assert capsys.readouterr().out == "All trees and counts are right.\n"
