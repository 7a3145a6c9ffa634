"""Too much, twice, and too deep."""

import re

import pytest
from django.db import transaction

from comments import status, tree
from comments.models import Comment, HouseRules
from storied.accounts.models import User
from tests import factories

DEPTH = 5_000


@pytest.mark.parametrize("role", ["guest", "writer", "stranger", "moderator"])
def test_the_same_form_sent_three_times_is_one_comment(house, role):
    client = house.client(role)
    form = factories.form(house.post, "Said once.", name="Ann")
    for _ in range(3):
        assert client.post(f"/discussion/{house.post.pk}/submit/", form).status_code == 302
    assert Comment.objects.filter(body="Said once.").count() == 1


@pytest.mark.parametrize("role", ["guest", "writer", "stranger"])
def test_a_flood_is_stopped_in_words_with_the_text_given_back(house, role):
    User.objects.filter(pk=house.stranger.pk).update(standing="trusted")
    client = house.client(role)
    answers = []
    for number in range(31):
        answer = client.post(
            f"/discussion/{house.post.pk}/submit/", factories.form(house.post, f"Flood {number}.", name="Ann")
        )
        answers.append(answer)
        if answer.status_code == 429:
            break
    assert answers[-1].status_code == 429
    assert int(answers[-1]["Retry-After"]) > 0
    assert f"Flood {len(answers) - 1}." in answers[-1].text
    assert Comment.objects.filter(body__startswith="Flood").count() == len(answers) - 1


def test_throwing_the_cookie_away_does_not_dodge_the_limit(house):
    codes = []
    for number in range(31):
        form = factories.form(house.post, f"Flood {number}.", name=f"Ann {number}", email=f"a{number}@example.org")
        codes.append(house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form).status_code)
    assert 429 in codes


@pytest.mark.parametrize(
    "header", ["HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_FORWARDED", "HTTP_CLIENT_IP", "HTTP_CF_CONNECTING_IP"]
)
def test_a_forged_address_does_not_dodge_the_limit(house, header):
    codes = []
    for number in range(31):
        form = factories.form(house.post, f"Flood {number}.", name=f"Ann {number}", email=f"a{number}@example.org")
        answer = house.client("guest").post(
            f"/discussion/{house.post.pk}/submit/", form, **{header: f"198.51.{number}.7"}
        )
        codes.append(answer.status_code)
    assert 429 in codes


def test_behind_a_proxy_what_the_visitor_put_in_front_does_not_dodge_the_limit(house, settings):
    settings.TRUSTED_PROXIES = 1
    codes = []
    for number in range(31):
        form = factories.form(house.post, f"Flood {number}.", name=f"Ann {number}", email=f"a{number}@example.org")
        forged = f"198.51.{number}.7, 203.0.113.5"
        answer = house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form, HTTP_X_FORWARDED_FOR=forged)
        codes.append(answer.status_code)
    assert 429 in codes


def test_edits_without_end_are_stopped_too(house):
    mine = house.of_member["pending"]
    client = house.client("member")
    codes = []
    for number in range(1, 60):
        data = {"body": f"Words {number}.", "revision": number, "guidelines_version": 1}
        codes.append(client.post(f"/comment/{mine.pk}/own/edit/", data).status_code)
    assert 429 in codes


def test_reports_of_one_reader_count_once_however_many_cookies_are_thrown_away(house):
    theirs = house.comments["approved"]
    for _ in range(6):
        assert house.client("guest").post(f"/comment/{theirs.pk}/report/", {"reason": "other"}).status_code == 200
    theirs.refresh_from_db()
    assert theirs.flags.count() == 1
    assert theirs.status == "approved"


@pytest.fixture
def chain(house):
    """Five thousand replies, each to the one before."""
    from django.utils import timezone

    from comments import rendering

    now = timezone.now()
    made, parent = [], None
    for number in range(DEPTH):
        parent = Comment(
            post=house.other_post, parent=parent, author_name="Ann", body=f"Link {number}.",
            body_html=f"<p>Link {number}.</p>",
            status="approved", created_at=now, published_at=now, renderer_version=rendering.RENDERER_VERSION,
        )  # fmt: skip
        made.append(parent)
    with transaction.atomic():
        tree.insert_many(made)
        status.recount(house.other_post.pk)
    return made


def test_a_chain_of_five_thousand_replies_is_read_answered_moderated_and_removed(house, chain):
    post, last, first = house.other_post, chain[-1], chain[0]
    for role in ("guest", "moderator"):
        client = house.client(role)
        assert client.get(post.get_absolute_url()).status_code == 200
        assert client.get(f"{post.get_absolute_url()}?comments=2").status_code == 200
        there = client.get(f"/comment/{last.pk}/", follow=True)
        assert there.status_code == 200
        assert f"Link {DEPTH - 1}." in there.text
        assert client.get(f"/comment/{last.pk}/report/").status_code == 200
        assert client.get(f"{post.get_absolute_url()}?replytocom={last.pk}").status_code == 200
    form = factories.form(post, "The last word.", parent=last.pk, name="Bea")
    assert house.client("guest").post(f"/discussion/{post.pk}/submit/", form).status_code == 302
    reply = Comment.objects.get(body="The last word.")
    assert (reply.level, reply.parent_id) == (DEPTH, last.pk)
    moderator = house.client("moderator")
    assert moderator.get(f"/moderation/comment/{reply.pk}/").status_code == 200
    assert "The last word." in moderator.get("/moderation/pending/").text
    for target in (reply, first, last):
        action = "approve" if target is reply else "remove"
        assert moderator.post("/moderation/decide/", {"one": f"{action}:{target.pk}"}).status_code == 302
        assert moderator.get(f"/moderation/comment/{target.pk}/").status_code == 200
    assert Comment.objects.filter(pk__in=[first.pk, last.pk], status="removed").count() == 2
    assert house.client("guest").get(post.get_absolute_url()).status_code == 200
    moved = chain[DEPTH // 2]
    assert moderator.post(f"/moderation/comment/{moved.pk}/move/", {"under": ""}).status_code == 302
    assert list(tree.check(post.pk)) == []
    assert house.client("owner").get(f"/admin/posts/post/{post.pk}/delete/").status_code == 200
    assert house.client("guest").get("/comments/feed/").status_code == 200
    assert house.client("guest").get("/search/?q=Link").status_code == 200


def test_a_chain_is_mended_and_checked_without_recursion(house, chain):
    Comment.objects.filter(pk=chain[40].pk).update(lft=1, level=9)
    assert list(tree.check(house.other_post.pk))
    tree.mend(house.other_post.pk)
    assert list(tree.check(house.other_post.pk)) == []


def test_a_page_of_a_long_chain_nests_no_deeper_than_a_browser_likes(house, chain):
    HouseRules.change({"comments_a_page": 2_000}, by=house.owner)
    page = house.client("guest").get(house.other_post.get_absolute_url()).text
    depth = deepest = 0
    for tag in re.findall(r"<(/?)ol\b", page):
        depth += -1 if tag else 1
        deepest = max(deepest, depth)
    assert depth == 0
    assert deepest <= 10
