"""The pages about mail: confirming, following, choosing, ending, and what the owner sees."""

import re

import pytest
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse

from comments.models import MailPreferences, Notification, Subscription
from comments.notifications import Recipient, preferences_of, subscriptions
from tests import factories

pytestmark = pytest.mark.django_db
FROM_HERE = {"HTTP_SEC_FETCH_SITE": "same-origin"}


@pytest.fixture
def post():
    return factories.post(title="The bench")


def test_a_guest_follows_an_article_confirms_and_ends_it(client, post, deliver):
    page = client.get(reverse("notifications:follow_article", args=[post.pk]))
    assert "storied_csrf" not in page.cookies
    answer = client.post(
        reverse("notifications:follow_article", args=[post.pk]), {"email": "Judith@example.org", "homepage": ""},
        **FROM_HERE,
    )  # fmt: skip
    assert "Please look at your mail" in answer.content.decode()
    [question] = deliver()
    link = re.search(r"http://testserver(/mail/confirm/\S+)", question.body)[1]
    asked = client.get(link).content.decode()
    assert "Do you want this mail?" in asked
    assert f'About every comment below <a href="{post.get_absolute_url()}">The bench</a>.' in asked
    assert Subscription.objects.get().confirmed_at is None
    assert "You will get mail" in client.post(link).content.decode()
    wish = Subscription.objects.get()
    assert wish.confirmed_at is not None
    answer = client.post(reverse("notifications:end", args=[wish.token]))
    assert "It has ended" in answer.content.decode()


def test_a_member_follows_at_once_and_sees_it_in_the_settings(client, post):
    person = factories.person()
    client.force_login(person)
    comment = factories.comment(post, author_name="Jim")
    client.post(reverse("notifications:follow_thread", args=[comment.pk]), {"homepage": ""})
    client.post(reverse("notifications:follow_posts"), {"homepage": ""})
    page = client.get(reverse("notifications:preferences")).content.decode()
    assert "the thread with the comment by <bdi>Jim</bdi>" in page
    assert "about new articles" in " ".join(page.split())
    assert Subscription.objects.confirmed().count() == 2


def test_following_again_changes_nothing(client, post):
    client.force_login(factories.person())
    for _ in range(2):
        client.post(reverse("notifications:follow_article", args=[post.pk]), {"homepage": ""})
    assert Subscription.objects.count() == 1


def test_a_robot_that_fills_in_everything_follows_nothing(client, post):
    fields = {"email": "victim@example.org", "homepage": "https://spam.example"}
    answer = client.post(reverse("notifications:follow_article", args=[post.pk]), fields, **FROM_HERE)
    assert "Please look at your mail" in answer.content.decode()
    assert Subscription.objects.count() == 0


def test_what_is_no_address_is_said_and_kept(client, post):
    answer = client.post(
        reverse("notifications:follow_article", args=[post.pk]),
        {"email": "judith at example", "homepage": ""},
        **FROM_HERE,
    )
    assert answer.status_code == 422
    assert "judith at example" in answer.content.decode()


def test_a_browser_that_says_nothing_is_asked_once_more_with_a_token(post):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    address = reverse("notifications:follow_article", args=[post.pk])
    answer = strict.post(address, {"email": "judith@example.org", "homepage": ""})
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "judith@example.org" in page
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
    fields = {"email": "judith@example.org", "homepage": "", "csrfmiddlewaretoken": token}
    assert strict.post(address, fields).status_code == 200
    assert Subscription.objects.count() == 1


def test_each_kind_is_chosen_apart(client):
    person = factories.person()
    client.force_login(person)
    address = reverse("notifications:preferences")
    fields = {
        "replies": "daily", "follows": "weekly", "decisions": "never", "posts": "at_once", "plain_subject": "on",
        "save": "1",
    }  # fmt: skip
    assert client.post(address, fields).status_code == 302
    kept = preferences_of(Recipient(person.pk))
    assert (kept.replies, kept.follows, kept.decisions, kept.posts, kept.alerts, kept.plain_subject) == (
        "daily", "weekly", "never", "at_once", "at_once", True
    )  # fmt: skip


def test_alerts_are_offered_to_moderators_alone(client):
    address = reverse("notifications:preferences")
    client.force_login(factories.person())
    assert "wait for a moderator" not in client.get(address).content.decode()
    client.force_login(factories.person(role="moderator"))
    assert "wait for a moderator" in client.get(address).content.decode()


def test_nonsense_is_refused_and_nothing_kept(client):
    person = factories.person()
    client.force_login(person)
    answer = client.post(reverse("notifications:preferences"), {"replies": "hourly", "save": "1"})
    assert answer.status_code == 422
    assert preferences_of(Recipient(person.pk)).replies == "at_once"


@pytest.mark.parametrize("end", ["0", "-1", "x", "9" * 40, "١"])
def test_what_is_no_wish_is_not_ended(client, end):
    client.force_login(factories.person())
    assert client.post(reverse("notifications:preferences"), {"end": end}).status_code in {302, 404}


def test_a_guest_manages_everything_from_a_mail_s_link(client, post):
    wish = subscriptions.follow_article(post, Recipient(email="judith@example.org"))
    subscriptions.confirm(wish)
    address = reverse("notifications:by_link", args=[MailPreferences.objects.get().token])
    assert "The bench" in client.get(address).content.decode()
    client.post(address, {"end": str(wish.pk)})
    wish.refresh_from_db()
    assert wish.end_reason == "unsubscribed"
    client.post(address, {"stop": "1"})
    page = client.get(address).content.decode()
    assert "No mail is sent to you" in page
    client.post(address, {"start": "1"})
    assert MailPreferences.objects.get().stopped_at is None


def test_a_thread_is_muted_and_unmuted(client, post):
    person = factories.person()
    comment = factories.comment(post, author=person)
    preferences = preferences_of(Recipient(person.pk))
    address = reverse("notifications:mute", args=[preferences.token, comment.pk])
    assert "End this mail?" in client.get(address).content.decode()
    assert "It has ended" in client.post(address).content.decode()
    client.force_login(person)
    page = client.get(reverse("notifications:preferences")).content.decode()
    assert "Muted" in page
    client.post(reverse("notifications:preferences"), {"end": str(Subscription.objects.get().pk)})
    assert Subscription.objects.standing().count() == 0


def test_the_owner_sees_what_failed_without_addresses_and_tries_again(client, post):
    owner = factories.person(role="owner")
    client.force_login(owner)
    row = Notification.objects.create(
        kind="post", key="x", who="mail:judith@example.org", email="judith@example.org", post=post,
        due_at=post.published_at, state="failed", why="550 5.1.1 …@… no such user", ended_at=post.published_at,
    )  # fmt: skip
    page = client.get(reverse("moderation:mail")).content.decode()
    assert "550 5.1.1" in page
    assert "judith" not in page
    client.post(reverse("moderation:mail"))
    row.refresh_from_db()
    assert row.state == "owed"


def test_the_comment_form_asks_guests_and_not_members(client, post):
    assert "Tell me about replies by mail" in client.get(post.get_absolute_url()).content.decode()
    client.force_login(factories.person())
    assert "Tell me about replies by mail" not in client.get(post.get_absolute_url()).content.decode()


def test_a_tick_without_an_address_is_asked_about(client, post, settings):
    settings.STORIED_RULES = {"guests_give_email": "off"}
    form = factories.form(post, email="", replies_by_mail="on")
    answer = client.post(reverse("comments:submit", args=[post.pk]), form, **FROM_HERE)
    assert answer.status_code == 422
    assert "we need an e-mail address" in answer.content.decode()


def test_an_article_and_the_site_can_be_followed_from_their_pages(client, post):
    page = client.get(post.get_absolute_url()).content.decode()
    assert reverse("notifications:follow_article", args=[post.pk]) in page
    assert reverse("notifications:follow_posts") in page


def test_mail_of_a_developer_lies_in_a_folder_that_a_page_shows(client, settings, tmp_path):
    settings.DEBUG = True
    settings.EMAIL_BACKEND = "storied.mail_folder.FolderBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    sent = EmailMultiAlternatives("Grüße", "Plain words, http://testserver/x", "a@example.org", ["b@example.org"])
    sent.attach_alternative("<p style='color:red'>Words in HTML</p>", "text/html")
    sent.send()
    page = client.get("/mail/").content.decode()
    assert "Grüße" in page
    name = re.search(r"/mail/letter/([^/]+)/", page)[1]
    assert "Plain words" in client.get(f"/mail/letter/{name}/").content.decode()
    answer = client.get(f"/mail/letter/{name}/html/")
    assert "Words in HTML" in answer.content.decode()
    assert answer["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    for other in ("..%2F..%2Fsettings.py", "none.eml", ".hidden"):
        assert client.get(f"/mail/letter/{other}/").status_code == 404
