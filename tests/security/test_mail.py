"""Mail: nothing gets into a header, nobody can be written to against their will, one click ends it."""

import email
import email.policy
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import MailPreferences, Notification, Subscription
from comments.notifications import Recipient, delivery, preferences_of, subscriptions
from comments.viewers import guest_key
from tests import factories

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def post():
    return factories.post(title="The bench")


@pytest.fixture
def outbox(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


@pytest.fixture
def wish(post):
    """A guest's confirmed wish."""
    made = subscriptions.follow_article(post, Recipient(email="judith@example.org"))
    subscriptions.confirm(made)
    made.refresh_from_db()
    return made


@pytest.fixture
def strict():
    """A client that checks CSRF tokens, as browsers and mail programs meet them, and keeps no cookie."""
    return Client(enforce_csrf_checks=True)


def deliver():
    Notification.objects.owed().update(due_at="2026-01-01T00:00Z")
    delivery.deliver()


HOSTILE = [
    "A title\r\nBcc: victim@example.org",
    "A title\nX-Spam: no",
    "A title\rX: y",
    "A\u2028title\u2029\u0085X: y",
    'A "quoted\\" title <x@y.example>',
    "Ä" * 300,
    "\u202etitle\x00 with \x7f controls",
    "=?utf-8?q?Bcc=3A_victim?=",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_title_name_or_address_gets_into_a_header(text, outbox, settings):
    settings.STORIED_SITE_NAME = "Half an Acre"
    author = factories.person()
    post = factories.post(title=text[:300].replace("\x00", ""))
    subscriptions.follow_article(post, Recipient(author.pk))
    comment = factories.comment(post, author_name=text[:100].replace("\x00", ""), status="pending", was_public=False)
    from comments import status

    status.change_status(comment.pk, "approve")
    deliver()
    [sent] = outbox
    raw = sent.message().as_bytes()
    message = email.message_from_bytes(raw, policy=email.policy.default)
    allowed = {
        "content-type", "mime-version", "subject", "from", "to", "date", "message-id", "auto-submitted", "precedence",
        "x-auto-response-suppress", "list-unsubscribe", "list-unsubscribe-post", "list-id", "list-archive",
        "in-reply-to", "references",
    }  # fmt: skip
    assert {name.lower() for name in message} == allowed
    assert message["To"].addresses[0].addr_spec == author.email
    assert len(message["To"].addresses) == 1
    assert len(message.get_all("List-Id")) == 1
    assert str(message["List-Id"]).endswith(f"<article-{post.pk}.testserver>")


def test_one_click_ends_it_with_no_cookie_and_no_token_at_once_and_again(strict, wish):
    address = reverse("notifications:end", args=[wish.token])
    for _ in range(2):
        answer = strict.post(address, ONE_CLICK)
        assert answer.status_code == 200
        assert "Location" not in answer.headers
        wish.refresh_from_db()
        assert wish.ended_at is not None
    first = wish.ended_at
    strict.post(address, ONE_CLICK)
    wish.refresh_from_db()
    assert wish.ended_at == first


@pytest.mark.parametrize("kind", ["replies", "follows", "decisions", "posts", "alerts", "care", "all"])
def test_one_click_ends_a_kind(strict, kind):
    person = factories.person()
    preferences = preferences_of(Recipient(person.pk))
    for _ in range(2):
        assert (
            strict.post(reverse("notifications:end_kind", args=[preferences.token, kind]), ONE_CLICK).status_code == 200
        )
    preferences.refresh_from_db()
    ended = preferences.stopped_at is not None if kind == "all" else getattr(preferences, kind) == "never"
    assert ended
    others = {"replies", "follows", "decisions", "posts", "alerts", "care"} - {kind}
    assert all(getattr(preferences, other) == "at_once" for other in others)


def test_a_link_that_is_only_looked_at_changes_nothing(strict, wish, post):
    comment = factories.comment(post)
    waiting = subscriptions.follow_posts(Recipient(email="judith@example.org"))
    preferences = MailPreferences.objects.get()
    before = list(Subscription.objects.order_by("pk").values()), list(MailPreferences.objects.values())
    for address in (
        reverse("notifications:end", args=[wish.token]),
        reverse("notifications:end_kind", args=[preferences.token, "all"]),
        reverse("notifications:confirm", args=[subscriptions.confirmation_token(waiting)]),
        reverse("notifications:mute", args=[preferences.token, comment.pk]),
        reverse("notifications:by_link", args=[preferences.token]),
        reverse("notifications:follow_article", args=[post.pk]),
    ):
        for method in (strict.get, strict.head):
            assert method(address).status_code == 200
    assert (list(Subscription.objects.order_by("pk").values()), list(MailPreferences.objects.values())) == before


@pytest.mark.parametrize("token", ["x", "A" * 22, "%00", "%F0%9F%98%80", "0" * 500])
def test_a_guessed_token_opens_nothing(client, token, wish):
    for name in ("end", "by_link", "confirm"):
        path = reverse(f"notifications:{name}", args=["TOKEN"]).replace("TOKEN", token)
        assert client.get(path).status_code in {400, 404}
        assert client.post(path).status_code in {400, 403, 404}
    wish.refresh_from_db()
    assert wish.ended_at is None


def test_tokens_are_128_random_bits_and_each_its_own(post):
    made = [subscriptions.follow_article(post, Recipient(email=f"p{n}@example.org")) for n in range(20)]
    tokens = {wish.token for wish in made}
    assert len(tokens) == 20
    assert all(re.fullmatch(r"[\w-]{22}", token) for token in tokens)


def test_the_token_that_ends_a_wish_does_not_confirm_it(client, post):
    asked = subscriptions.follow_article(post, Recipient(email="judith@example.org"))
    client.post(reverse("notifications:confirm", args=[asked.token]))
    asked.refresh_from_db()
    assert asked.confirmed_at is None


def test_a_confirmation_is_good_for_a_week(client, post, time_machine):
    asked = subscriptions.follow_article(post, Recipient(email="judith@example.org"))
    token = subscriptions.confirmation_token(asked)
    time_machine.move_to(timezone.now() + timedelta(days=8))
    assert client.post(reverse("notifications:confirm", args=[token])).status_code == 404
    asked.refresh_from_db()
    assert asked.confirmed_at is None


def follow(client, post, address):
    origin = {"HTTP_SEC_FETCH_SITE": "same-origin"}
    return client.post(
        reverse("notifications:follow_article", args=[post.pk]), {"email": address, "homepage": ""}, **origin
    )


def test_an_unconfirmed_address_gets_three_questions_a_day_and_no_more(client, outbox):
    pages = []
    for _ in range(8):
        other = factories.post(title="One title")
        pages.append(follow(client, other, "victim@example.org").content)
    deliver()
    assert len(outbox) == subscriptions.QUESTIONS_A_DAY
    assert len({re.sub(rb"article-\d+", b"", page) for page in pages}) == 1


def test_wishes_that_were_never_answered_are_no_store_of_questions_for_the_next_days(client, outbox, time_machine):
    posts = [factories.post() for _ in range(8)]
    for day in range(3):
        time_machine.move_to(timezone.now() + timedelta(days=day and 1, minutes=5))
        outbox.clear()
        for other in posts:
            follow(client, other, "victim@example.org")
        deliver()
        assert len(outbox) == subscriptions.QUESTIONS_A_DAY


def test_one_network_cannot_have_mail_sent_to_the_whole_town(client, post, outbox):
    for number in range(30):
        follow(client, post, f"victim{number}@example.org")
    deliver()
    assert len(outbox) == subscriptions.QUESTIONS_AN_HOUR_FROM_ONE_NETWORK


def test_the_answer_is_the_same_whether_an_address_is_known_or_stopped(client, post, wish):
    known = follow(client, post, "judith@example.org").content
    stranger = follow(client, post, "stranger@example.org").content
    subscriptions.stop_all(MailPreferences.objects.get(who="mail:judith@example.org"), "asked")
    stopped = follow(client, post, "judith@example.org").content
    assert known == stranger == stopped


def test_whoever_said_never_is_never_asked_again(client, post, wish, outbox):
    subscriptions.stop_all(MailPreferences.objects.get(), "asked")
    follow(client, factories.post(), "Judith@Example.org")
    deliver()
    assert outbox == []


def test_a_typed_address_proves_nothing_to_another_browser(post):
    """Somebody else's address was confirmed; who types it elsewhere gets no wish confirmed."""
    first = subscriptions.follow_article(post, Recipient(email="judith@example.org", guest_key=guest_key("hers")))
    subscriptions.confirm(first)
    again = subscriptions.follow_posts(Recipient(email="judith@example.org", guest_key=guest_key("hers")))
    foreign = subscriptions.follow_article(
        factories.post(), Recipient(email="judith@example.org", guest_key=guest_key("another"))
    )
    assert again.confirmed_at is not None
    assert foreign.confirmed_at is None


def test_another_site_cannot_make_a_browser_follow(post):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(
        reverse("notifications:follow_article", args=[post.pk]), {"email": "victim@example.org", "homepage": ""},
        HTTP_SEC_FETCH_SITE="cross-site",
    )  # fmt: skip
    assert answer.status_code == 403
    assert Subscription.objects.count() == 0


def test_one_person_s_page_ends_nobody_else_s_wish(client, wish):
    other = factories.person()
    client.force_login(other)
    client.post(reverse("notifications:preferences"), {"end": str(wish.pk)})
    wish.refresh_from_db()
    assert wish.ended_at is None


def test_the_settings_page_does_not_show_the_whole_address(client, wish):
    preferences = MailPreferences.objects.get()
    page = client.get(reverse("notifications:by_link", args=[preferences.token])).content.decode()
    assert "judith" not in page
    assert "j…@example.org" in page


def test_what_nobody_may_read_cannot_be_followed(client):
    draft = factories.post(status="draft")
    held = factories.comment(factories.post(), status="pending", was_public=False)
    assert client.get(reverse("notifications:follow_article", args=[draft.pk])).status_code == 404
    assert client.get(reverse("notifications:follow_thread", args=[held.pk])).status_code == 404


def test_the_outbox_is_for_the_owner_alone(client):
    address = reverse("moderation:mail")
    assert client.get(address).status_code == 302
    client.force_login(factories.person(role="moderator"))
    assert client.get(address).status_code == 403
    client.force_login(factories.person(role="owner"))
    assert client.get(address).status_code == 200


def test_mail_pages_are_kept_by_nobody(client, wish):
    answer = client.get(reverse("notifications:end", args=[wish.token]))
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Referrer-Policy"] == "strict-origin"
    assert "noindex" in answer["X-Robots-Tag"]


def test_the_folder_of_mails_is_for_developing_alone(client, settings):
    settings.DEBUG = False
    for path in ("/mail/", "/mail/letter/x.eml/", "/mail/letter/x.eml/html/"):
        assert client.get(path).status_code == 404
