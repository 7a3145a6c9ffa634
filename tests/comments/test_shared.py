"""What members and guests see is put together from what is kept for everybody: it is what they would see else."""

import random
import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.core import signing
from django.utils import timezone
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from comments import discussion, moderation, muting, shared, submission, typesetting, visits
from comments.models import Comment, HouseRules, Visit
from comments.seen import Seen
from comments.spam import stamps
from comments.viewers import GUEST_COOKIE_SALT, NOBODY, Viewer
from storied.front import board, memo
from tests import factories
from tests.comments.reading import discussion_html, nodes

pytestmark = pytest.mark.django_db

UNSEEN = ("host", "pending", False, None, False, False)
ANSWER_TO_IT = ("host", "approved", True, 0, False, False)
STATES = ["approved", "pending", "rejected", "removed", "spam", "withdrawn"]


def shown(post, viewer, number=1):
    """What a viewer gets, from what is kept."""
    found = shared.page_for_everybody(post, number) if viewer is NOBODY else shared.page_for(post, viewer, number)
    return typesetting.together(typesetting.discussion_pieces(*found, "[the form]")) if found else None


def made_anew(post, viewer, number=1):
    """What a viewer gets where nothing is kept."""
    page = discussion.load(post, viewer, number)
    return discussion_html(page, "[the form]") if page else None


def words_of(html):
    return set(re.findall(r"word\d+", html))


def as_committed():
    """As after the commit, that a test inside a transaction never sees: only then is anything kept."""
    board.end_all()


@pytest.fixture
def post():
    return factories.post()


@st.composite
def discussions(draw):
    """(who wrote it, its state, whether it was ever public, which earlier one it answers or None, edited, locked)."""
    return draw(
        st.lists(
            st.tuples(
                st.sampled_from(["host", "member", "guest", "other", "stranger"]),
                st.sampled_from(STATES),
                st.booleans(),
                st.none() | st.integers(0, 40),
                st.booleans(),
                st.booleans(),
            ),
            min_size=5,
            max_size=30,
        )
    )  # fmt: skip


class EachSeesTheirOwn(TestCase):
    """A random discussion, and everybody who may come by."""

    @classmethod
    def setUpTestData(cls):
        host, member, moderator = (factories.person(role=role) for role in ("member", "member", "moderator"))
        guest, other = factories.guest(), factories.guest()
        cls.host = host
        cls.writers = {
            "host": {"author": host}, "member": {"author": member}, "guest": {"guest_key": guest.guest_key},
            "other": {"guest_key": other.guest_key}, "stranger": {},
        }  # fmt: skip
        cls.viewers = {
            "nobody": NOBODY, "host": Viewer(host), "member": Viewer(member), "guest": guest, "other": other,
            "member with a guest's cookie": Viewer(member, guest.guest_key), "moderator": Viewer(moderator),
            "newcomer": factories.guest(), "with a cookie of no worth": Viewer(),
        }  # fmt: skip

    # A reply to what never was public, as imports may bring it; and one after a thread that goes on over two pages.
    @example(drawn=[UNSEEN, ANSWER_TO_IT], size=200, order=random.Random(1))
    @example(
        drawn=[("host", "approved", True, count - 1 if count else None, False, False) for count in range(6)]
        + [UNSEEN, ("member", "approved", True, 6, False, False)],
        size=4,
        order=random.Random(1),
    )
    @settings(max_examples=80)
    @given(drawn=discussions(), size=st.sampled_from([4, 10, 200]), order=st.randoms())
    def test_each_viewer_sees_what_they_would_see_if_nothing_were_kept(self, drawn, size, order):
        HouseRules.change({"comments_a_page": size}, by=None)
        post = factories.post(self.host)
        comments = grown(post, drawn, self.writers)
        as_committed()
        memo.forget_all()
        for name in order.sample(sorted(self.viewers), len(self.viewers)):
            viewer, seen, number = self.viewers[name], set(), 1
            while (expected := made_anew(post, viewer, number)) is not None:
                html = shown(post, viewer, number)
                assert html == expected, (name, number)
                seen |= words_of(html)
                number += 1
            assert shown(post, viewer, number) is None
            for comment in comments:
                may_see = comment.status == "approved" or (comment.status == "pending" and viewer.wrote(comment))
                assert (comment.body in seen) <= may_see, (name, comment.body)
                assert (comment.body in seen) >= (may_see and comment.published_at is not None), (name, comment.body)


def grown(post, drawn, writers):
    comments = []
    for count, (who, state, was_public, answered, edited, locked) in enumerate(drawn):
        parent = comments[answered % len(comments)] if answered is not None and comments else None
        comments.append(
            factories.comment(
                post, f"word{count}", parent=parent, status=state, was_public=was_public or state == "approved",
                edited_at=timezone.now() if edited else None, is_locked=locked, **writers[who],
            )
        )  # fmt: skip
    return comments


def test_a_waiting_top_level_comment_changes_nobody_s_numbers(post):
    writer = factories.guest()
    factories.comment(post, "first")
    factories.comment(post, "mine", status="pending", guest_key=writer.guest_key)
    factories.comment(post, "second")
    numbers = [node.number for node in nodes(discussion.load(post, writer))]
    assert numbers == [1, 0, 2]
    assert re.findall(r'"number">(\d+)\.', shown(post, writer)) == ["1", "2"]


def test_whoever_knows_it_is_theirs_gets_the_doors_to_it_and_nobody_else_does(post):
    writer, comment = factories.guest(), None
    comment = factories.comment(post, "mine", guest_key=writer.guest_key)
    factories.comment(post, "another's")
    assert f"/comment/{comment.pk}/own/" in shown(post, writer)
    for viewer in (factories.guest(), Viewer(factories.person()), Viewer(factories.person("Mod", "moderator")), NOBODY):
        html = shown(post, viewer)
        assert "/own/" not in html
        assert 'class="comment own"' not in html


def test_moderators_doors_are_for_those_who_moderate_here(post):
    comment = factories.comment(post)
    door = f"/moderation/comment/{comment.pk}/"
    moderator, host, member = factories.person("Mod", "moderator"), post.author, factories.person()
    for _ in range(2):
        assert door in shown(post, Viewer(moderator))
        assert door in shown(post, Viewer(host))
        assert door not in shown(post, Viewer(member))
        assert door not in shown(post, NOBODY)


def test_what_goes_while_its_thread_is_read_anew_breaks_no_page(settings, post):
    settings.KEEP_PAGES = True
    reader, other = factories.person(), factories.person()
    mine = factories.comment(post, "Mine.", author=reader)
    folded = factories.comment(post, "By somebody muted.", author=other, parent=mine)
    new = factories.comment(post, "New.", parent=mine)
    muting.mute(Viewer(reader), folded, "fold")
    visits.note(reader, post.pk, Seen.of([mine.pk]), page_made_at=timezone.now() - timedelta(days=1))
    Visit.objects.update(last_at=timezone.now() - timedelta(hours=1))
    as_committed()
    assert "muted" in shown(post, Viewer(reader))
    # Gone, and the memory not told of it yet.
    Comment.objects.filter(pk__in=[folded.pk, new.pk]).update(status="removed")
    page = shown(post, Viewer(reader))
    assert "Mine." in page
    assert "New." not in page


@pytest.mark.parametrize("size", [2, 200])
def test_a_known_reader_s_page_costs_two_queries_once_it_is_kept(post, size, django_assert_num_queries):
    reader, writer = factories.guest(), factories.guest()
    for _ in range(size - 1):
        factories.comment(post)
    factories.comment(post, guest_key=writer.guest_key)
    as_committed()
    shown(post, factories.guest())
    with django_assert_num_queries(1):  # what waits and is theirs
        shown(post, reader)
    with django_assert_num_queries(2):  # and the threads that hold something of theirs
        shown(post, writer)


@pytest.mark.django_db(transaction=True)
def test_the_next_read_shows_what_was_decided():
    factories.published_guidelines()
    post, reader = factories.post(), factories.guest()
    moderator = Viewer(factories.person("Mod", "moderator"))
    comment = factories.comment(post, "Words to see.", status="pending", guest_key=factories.guest().guest_key)
    assert "Words to see" not in shown(post, reader)
    moderation.decide(comment.pk, "approve", moderator)
    for viewer in (reader, moderator, factories.guest()):
        assert "Words to see" in shown(post, viewer)
    moderation.decide(comment.pk, "remove", moderator)
    for viewer in (reader, moderator):
        assert "Words to see" not in shown(post, viewer)


@pytest.mark.django_db(transaction=True)
def test_who_writes_sees_it_at_once_and_nobody_else_before_it_is_approved():
    factories.published_guidelines()
    HouseRules.change({"hold_newcomers": "first", "flood_per_minute": 0}, by=None)
    post, writer, reader = factories.post(), factories.guest(), factories.guest()
    assert "No responses yet" in shown(post, writer)
    comment = submission.submit(factories.draft(post, "Words that wait.", viewer=writer))
    assert comment.status == Comment.Status.PENDING
    assert "Words that wait." in shown(post, writer)
    assert "Words that wait." not in shown(post, reader)


def test_a_discussion_that_closes_by_itself_closes_for_members_too(post):
    HouseRules.change({"close_after_days": 10}, by=None)
    member = Viewer(factories.person())
    factories.comment(post)
    as_committed()
    assert ">Reply</a>" in shown(post, member)
    with time_machine.travel(post.published_at + timedelta(days=10, seconds=1), tick=False):
        html = shown(post, member)
    assert ">Reply</a>" not in html
    assert "was closed 10 days after" in html


def stamp_on(html):
    return re.search(r'name="stamp" value="([^"]+)"', html)[1]


@pytest.mark.django_db(transaction=True)
def test_a_guest_s_form_is_everybody_s_with_a_stamp_of_this_second(client):
    factories.published_guidelines()
    post = factories.post()
    with time_machine.travel(timezone.now().replace(minute=30, second=0, microsecond=0), tick=False):
        everybody = client.get(post.get_absolute_url()).text
        client.cookies[django_settings.GUEST_COOKIE_NAME] = signed_cookie("a browser")
        guest = client.get(post.get_absolute_url()).text
        assert stamps.age(stamp_on(everybody), post.pk) == 30 * 60
        assert stamps.age(stamp_on(guest), post.pk) == 0
    assert guest.replace(stamp_on(guest), stamp_on(everybody)) == everybody


@pytest.mark.django_db(transaction=True)
def test_nobody_s_name_or_token_reaches_somebody_else_s_page(client):
    factories.published_guidelines()
    post = factories.post(title="Common ground")
    factories.comment(post, "Words for all.")
    ann, bea = factories.person("Ann Archer"), factories.person("Bea Baker")
    pages = {}
    for _ in range(2):
        for person in (ann, bea, None):
            client.logout()
            if person:
                client.force_login(person)
            pages[person] = client.get(post.get_absolute_url()).text
            assert "Words for all." in pages[person]
    for person, other in ((ann, bea), (bea, ann)):
        assert person.display_name in pages[person]
        assert other.display_name not in pages[person]
        assert person.display_name not in pages[None]
    assert "csrfmiddlewaretoken" not in pages[None]


def signed_cookie(browser):
    return signing.get_cookie_signer(salt=django_settings.GUEST_COOKIE_NAME + GUEST_COOKIE_SALT).sign(browser)
