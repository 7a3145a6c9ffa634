"""One page of a discussion: what stands on it, for whom, and at what price."""

import random
import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from comments import discussion, paging, status, tree, typesetting
from comments.models import Comment, HouseRules
from comments.viewers import NOBODY, Viewer
from tests import factories
from tests.comments.reading import discussion_html, in_reading_order, nodes, threads_html

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post()


def bodies(page):
    return [node.comment.body_html for node in nodes(page) if not node.is_placeholder]


def grow(post, size, *, roots=0.35):
    """A discussion of that size; the same for the same size."""
    chance = random.Random(size)
    now = timezone.now()
    comments = []
    for number in range(size):
        parent = None if not comments or chance.random() < roots else chance.choice(comments[-50:])
        comments.append(
            Comment(
                post=post, parent=parent, author_name=f"Guest {number}", body=str(number),
                body_html=f"<p>{number}</p>", status="approved", published_at=now,
                created_at=now + timedelta(seconds=number),
            )
        )  # fmt: skip
    with transaction.atomic():
        tree.insert_many(comments)
        status.recount(post.pk)
    return comments


def test_replies_stand_below_their_parents_and_top_level_comments_are_numbered(post):
    first = factories.comment(post)
    factories.comment(post, parent=first)
    factories.comment(post)
    page = discussion.load(post, NOBODY)
    assert [(node.depth, node.number) for node in nodes(page)] == [(0, 1), (1, 0), (0, 2)]
    assert nodes(page)[1].parent.pk == first.pk


@pytest.mark.parametrize("state", ["removed", "withdrawn"])
def test_what_was_taken_away_leaves_a_placeholder_where_replies_hang_below(post, state):
    gone = factories.comment(post, "secret words", status=state, was_public=True)
    reply = factories.comment(post, "reply", parent=gone)
    html = threads_html(discussion.load(post, NOBODY))
    assert "secret words" not in html
    assert f'id="comment-{gone.pk}" class="gone"' in html
    assert html.index(f"comment-{gone.pk}") < html.index(f'id="comment-{reply.pk}"')


@pytest.mark.parametrize("state", ["removed", "withdrawn", "rejected", "spam", "pending"])
def test_what_was_taken_away_without_replies_leaves_nothing(post, state):
    factories.comment(post, status=state, was_public=True)
    assert nodes(discussion.load(post, NOBODY)) == []


def test_a_placeholder_of_placeholders_stays_only_as_far_as_something_is_to_be_read(post):
    root = factories.comment(post, status="removed")
    middle = factories.comment(post, parent=root)
    factories.comment(post, parent=middle, status="removed")
    page = discussion.load(post, NOBODY)
    assert [(node.comment.pk, node.is_placeholder) for node in nodes(page)] == [(root.pk, True), (middle.pk, False)]


def test_a_removed_comment_with_nothing_below_does_not_count_in_the_numbers(post):
    factories.comment(post)
    factories.comment(post, status="removed")
    factories.comment(post)
    assert [node.number for node in nodes(discussion.load(post, NOBODY))] == [1, 2]


def test_only_its_writer_sees_a_waiting_comment_in_its_place(post):
    writer = factories.guest()
    member = factories.person()
    factories.comment(post, "mine", status="pending", guest_key=writer.guest_key)
    factories.comment(post, "members", status="pending", author=member)
    assert bodies(discussion.load(post, NOBODY)) == []
    assert bodies(discussion.load(post, factories.guest())) == []
    assert bodies(discussion.load(post, writer)) == ["<p>mine</p>"]
    assert bodies(discussion.load(post, Viewer(member))) == ["<p>members</p>"]
    assert "Only you can see this" in threads_html(discussion.load(post, writer))


def test_the_articles_author_is_marked_by_account_and_not_by_name(post):
    factories.comment(post, author=post.author)
    factories.comment(post, author_name=post.author.display_name)
    html = threads_html(discussion.load(post, NOBODY))
    assert html.count("<b>Author</b>") == 1


def test_linkbacks_stand_apart_numbered_anew(post):
    factories.comment(post)
    factories.comment(post, kind="pingback", author_name="Another blog")
    page = discussion.load(post, NOBODY)
    assert len(nodes(page)) == 1
    assert [linkback.author_name for linkback in page.linkbacks] == ["Another blog"]
    assert "1.</span>" in typesetting.linkbacks_html(page.linkbacks)


@pytest.mark.parametrize("size", [2, 200])
def test_a_page_costs_the_same_queries_however_long_the_discussion_is(post, size, django_assert_num_queries):
    grow(post, size)
    with django_assert_num_queries(4):  # rules, discussion, the comments, where help is found
        discussion.load(post, NOBODY)


@pytest.mark.parametrize("number", [1, 5, 10])
def test_a_page_of_two_thousand_comments_costs_a_few_queries_more(post, number, django_assert_max_num_queries):
    grow(post, 2_000)
    with django_assert_max_num_queries(13):
        page = discussion.load(post, NOBODY, number)
    assert nodes(page)


@pytest.mark.parametrize(("size", "roots"), [(500, 0.35), (700, 0.02), (450, 1.0), (200, 0.5), (201, 0.9)])
def test_pages_together_hold_each_comment_once_in_order(post, size, roots):
    HouseRules.change({"comments_a_page": 40}, by=None)
    grow(post, size, roots=roots)
    seen, numbers, number = [], [], 1
    while (page := discussion.load(post, NOBODY, number)) is not None:
        assert 0 < len(nodes(page)) <= 80
        seen += [node.comment.pk for node in nodes(page)]
        numbers += [node.number for node in nodes(page) if node.depth == 0]
        number += 1
    assert seen == list(in_reading_order(Comment.objects.filter(post=post)).values_list("pk", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_comment_is_on_the_page_that_its_permalink_names(post):
    HouseRules.change({"comments_a_page": 25}, by=None)
    comments = grow(post, 180, roots=0.1)
    pages = {}
    number = 1
    while (page := discussion.load(post, NOBODY, number)) is not None:
        pages.update({node.comment.pk: number for node in nodes(page)})
        number += 1
    for comment in comments:
        comment.refresh_from_db()
        assert paging.page_of(comment) == pages[comment.pk]


def test_a_page_that_begins_inside_a_thread_names_the_way_down_to_it(post):
    HouseRules.change({"comments_a_page": 10}, by=None)
    grow(post, 30, roots=0.0)
    page = discussion.load(post, NOBODY, 2)
    first = nodes(page)[0]
    assert [row.level for row in page.continued] == list(range(first.depth))
    assert first.parent.pk == page.continued[-1].pk


def test_there_is_no_page_beyond_the_last_and_none_before_the_first(post):
    assert discussion.load(post, NOBODY, 1) is not None
    assert discussion.load(post, NOBODY, 0) is None
    assert discussion.load(post, NOBODY, 2) is None


def test_without_a_rule_for_the_size_of_a_page_a_discussion_has_one(post):
    HouseRules.change({"comments_a_page": 0}, by=None)
    comments = grow(post, 220, roots=0.5)
    page = discussion.load(post, NOBODY)
    assert (len(page.rows), page.last) == (220, 1)
    assert paging.page_of(comments[-1]) == 1
    assert paging.fits_on_a_page(post)


def test_a_removal_moves_no_comment_to_another_page(post):
    HouseRules.change({"comments_a_page": 10}, by=None)
    comments = grow(post, 45, roots=1.0)
    Comment.objects.filter(pk__in=[c.pk for c in comments[:7]]).update(status="removed")
    comments[30].refresh_from_db()
    assert paging.page_of(comments[30]) == 4


@pytest.mark.parametrize("depth", [1, 6, 7, 40, 3_000])
def test_lists_are_closed_as_often_as_opened_at_any_depth(post, depth):
    HouseRules.change({"comments_a_page": 2_000}, by=None)
    grow(post, depth, roots=0.0)
    html = discussion_html(discussion.load(post, NOBODY))
    for tag in ("ol", "li", "article", "h3", "p", "div"):
        assert len(re.findall(rf"<{tag}[ >]", html)) == html.count(f"</{tag}>")
    assert html.count("<ol") <= typesetting.DEEPEST_LIST * depth


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("Plain.", False),
        ("“Quoted” – naïve 日本", False),
        ("\u05e9\u05dc\u05d5\u05dd", True),
        ("So: \u0645\u0631\u062d\u0628\u0627", True),
    ],
)
def test_a_text_with_letters_from_the_right_says_that_its_direction_is_its_own(post, body, is_told):
    factories.comment(post, body)
    html = threads_html(discussion.load(post, NOBODY))
    assert ('class="words" dir="auto"' in html) is is_told


def test_the_frame_around_a_comment_stays_small(post):
    grow(post, 200)
    page = discussion.load(post, NOBODY)
    around = len(threads_html(page)) - sum(len(node.comment.body_html) for node in nodes(page))
    # A comment's number stands in it seven times at the most, and may be long by now.
    numbers = 7 * sum(len(str(node.comment.pk)) for node in nodes(page))
    assert (around - numbers) / len(nodes(page)) < 440
