"""What a guest wrote goes along to the account; what somebody else typed does not."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import mail
from django.core.signing import get_cookie_signer
from django.test import Client
from django.utils import timezone

from comments import moderation, muting, submission
from comments.models import (
    AddressProof,
    Comment,
    MailPreferences,
    ModerationLogEntry,
    Notification,
    NotMine,
    PersonNote,
    Restriction,
    Subscription,
)
from comments.notifications import Recipient, change_preferences, preferences_of, subscriptions
from comments.notifications.subscribers import readers_hear_of_a_comment
from comments.viewers import GUEST_COOKIE_SALT, Viewer
from storied.accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db
EMAIL = "Ruth@Example.org"
SIGN_UP = {"email": EMAIL, "password1": "a good long pass phrase", "display_name": "Ruth in the hills"}


@pytest.fixture
def post():
    return factories.post(title="The bench")


@pytest.fixture
def guest():
    return factories.guest("a browser")


@pytest.fixture
def written(post, guest):
    return factories.comment(
        post, "Words of mine.", author_name="Ruth", author_email="RUTH@example.org", guest_key=guest.guest_key
    )


def in_the_browser(name="a browser"):
    client = Client()
    cookie = settings.GUEST_COOKIE_NAME
    client.cookies[cookie] = get_cookie_signer(salt=cookie + GUEST_COOKIE_SALT).sign(name)
    return client


def sign_up(client, **changes):
    answer = client.post("/accounts/signup/", {**SIGN_UP, **changes})
    code = re.search(r"^\s*([A-Z0-9-]{6,9})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]
    client.post(answer.url, {"code": code})
    return User.objects.get(email=changes.get("email", EMAIL).lower())


def taken(comment):
    comment.refresh_from_db()
    return comment.author


def test_the_browser_that_wrote_it_brings_it_along(written):
    client = in_the_browser()
    ruth = sign_up(client)
    assert taken(written) == ruth
    assert (written.author_name, written.author_email, written.guest_key) == ("Ruth", "", "")
    entry = ModerationLogEntry.objects.get(action="join_account")
    assert (entry.comment, entry.actor, entry.by_author, entry.actor_name) == (written, ruth, True, "")
    assert "in your account now" in client.get("/accounts/profile/").text
    assert client.get(f"/comment/{written.pk}/own/").status_code == 200


def test_another_browser_that_had_proved_the_address_brings_it_along(written, guest):
    wish = subscriptions.ask_for_replies(written, Recipient(email=EMAIL, guest_key=guest.guest_key))
    subscriptions.confirm(wish)
    assert taken(written) is None
    assert sign_up(Client()) == taken(written)


def test_a_proof_of_that_browser_brings_it_along(written, guest):
    AddressProof.objects.create(email=EMAIL.lower(), guest_key=guest.guest_key, proved_at=timezone.now())
    assert sign_up(Client()) == taken(written)


@pytest.mark.parametrize("what", ["nothing", "unconfirmed", "unanswered", "bounced", "other address"])
def test_what_somebody_typed_and_nobody_proved_is_offered_and_not_taken(written, guest, what):
    if what in {"unconfirmed", "bounced"}:
        wish = subscriptions.ask_for_replies(written, Recipient(email=EMAIL, guest_key=guest.guest_key))
        if what == "bounced":
            subscriptions.confirm(wish)
            subscriptions.end(wish, "bounced")
    elif what == "unanswered":
        AddressProof.objects.create(email=EMAIL.lower(), guest_key=guest.guest_key)
    elif what == "other address":
        AddressProof.objects.create(email="x@y.org", guest_key=guest.guest_key, proved_at=timezone.now())
    client = Client()
    ruth = sign_up(client)
    assert taken(written) is None
    assert "may have been written by you" in client.get("/accounts/profile/").text
    page = client.get("/accounts/claim/")
    assert "Words of mine." in page.text
    client.post("/accounts/claim/", {"chosen": [written.pk]})
    assert taken(written) == ruth
    assert "Words of mine." not in client.get("/accounts/claim/").text


def test_one_takes_only_what_one_is_offered(post, written):
    other = factories.comment(post, author_email="other@example.org", guest_key="k" * 40)
    empty = factories.comment(post, author_email="", guest_key="")
    of_member = factories.comment(post, author=factories.person())
    linkback = factories.comment(post, kind="pingback", author_email=EMAIL)
    client = Client()
    sign_up(client)
    numbers = [other.pk, empty.pk, of_member.pk, linkback.pk, 10**20, "x", "", "-1", written.pk]
    client.post("/accounts/claim/", {"chosen": numbers})
    assert [taken(comment) for comment in (other, empty, linkback)] == [None] * 3
    assert taken(of_member).email.startswith("person")
    assert taken(written) is not None
    assert "You are not logged in" in Client().post("/accounts/claim/", {"chosen": [other.pk]}).text


def test_an_address_that_is_not_verified_brings_nothing(written):
    client = in_the_browser("another browser")
    client.post("/accounts/signup/", SIGN_UP)
    assert taken(written) is None
    person = factories.person()
    EmailAddress.objects.create(user=person, email=EMAIL.lower(), verified=False)
    assert not submission.offered(Viewer(person)).exists()
    assert submission.claim_chosen(Viewer(person), [written.pk]) == []


def test_the_second_of_two_accounts_finds_nothing_left(written, guest):
    first, second = factories.person(), factories.person()
    assert submission.claim_proved(first, EMAIL, guest.guest_key) == [written]
    assert submission.claim_proved(second, EMAIL, guest.guest_key) == []
    assert submission.claim_proved(first, EMAIL, guest.guest_key) == []
    assert taken(written) == first
    assert ModerationLogEntry.objects.filter(action="join_account").count() == 1


def test_nothing_is_taken_silently_that_would_get_a_mark_of_its_writer(post, written, guest):
    assert submission.claim_proved(post.author, EMAIL, guest.guest_key) == []
    moderator = factories.person(role="moderator")
    assert submission.claim_proved(moderator, EMAIL, guest.guest_key) == []
    EmailAddress.objects.create(user=post.author, email=EMAIL.lower(), verified=True)
    client = Client()
    client.force_login(post.author)
    assert "the mark “Author”" in client.get("/accounts/claim/").text


def test_readers_see_the_name_that_was_written(client, written, guest):
    address = written.post.get_absolute_url()
    before = client.get(address).text
    ruth = sign_up(in_the_browser())
    assert taken(written) == ruth
    after = client.get(address).text
    assert "Ruth" in after
    assert "hills" not in after
    assert re.sub(r'value="[^"]*"', "", after) == re.sub(r'value="[^"]*"', "", before)


def test_wishes_preferences_and_owed_mail_go_along(post, written, guest):
    guest = Recipient(email=EMAIL.lower(), guest_key=guest.guest_key)
    for wish in (subscriptions.follow_article(post, guest), subscriptions.ask_for_replies(written, guest)):
        subscriptions.confirm(wish)
    change_preferences(preferences_of(guest), follows="daily")
    owed = Notification.objects.create(kind="article", key="x", due_at=timezone.now(), comment=written, **guest.fields)
    ruth = sign_up(in_the_browser())
    assert set(Subscription.objects.values_list("who", "user", "email")) == {(f"account:{ruth.pk}", ruth.pk, "")}
    preferences = MailPreferences.objects.get(user=ruth)
    assert (preferences.follows, preferences.email) == ("daily", "")
    owed.refresh_from_db()
    assert (owed.user, owed.email) == (ruth, "")
    Notification.objects.all().delete()
    answer = factories.comment(post, parent=written)
    from comments.events import CommentPublished

    readers_hear_of_a_comment(CommentPublished(answer))
    assert [row.who for row in Notification.objects.all()] == [f"account:{ruth.pk}"]


def test_what_was_asked_for_twice_stands_once_and_an_unconfirmed_wish_stays_a_question(post):
    person = factories.person()
    guest = Recipient(email=person.email)
    subscriptions.follow_article(post, Recipient(person.pk))
    subscriptions.confirm(subscriptions.follow_article(post, guest))
    other = subscriptions.follow_article(factories.post(), guest)
    subscriptions.take_along(person.email, person)
    standing = Subscription.objects.standing()
    assert set(standing.values_list("who", "about")) == {
        (f"account:{person.pk}", f"article:{post.pk}"), (guest.who, other.about),
    }  # fmt: skip


def test_mail_of_a_second_address_does_not_move_to_another_mailbox(post, written, guest):
    person = factories.person()
    second = EmailAddress.objects.create(user=person, email=EMAIL.lower(), verified=True)
    guest = Recipient(email=EMAIL.lower(), guest_key=guest.guest_key)
    subscriptions.confirm(subscriptions.follow_article(post, guest))
    subscriptions.confirm(subscriptions.ask_for_replies(written, guest))
    subscriptions.take_along(second.email, person)
    assert set(Subscription.objects.values_list("who", flat=True)) == {guest.who}
    assert submission.claim_proved(person, EMAIL) == [written]
    # Of replies the account hears now, and not the guest a second time.
    assert [wish.about for wish in Subscription.objects.standing()] == [f"article:{post.pk}"]


def test_restrictions_and_notes_follow_to_the_account_once(written, guest):
    until = timezone.now() + timedelta(days=3)
    Restriction.objects.create(guest_key=guest.guest_key, kind="mute", reason="Heat.", words="A pause.", until=until)
    Restriction.objects.create(guest_key=guest.guest_key, kind="ban", reason="Old.", lifted_at=timezone.now())
    PersonNote.objects.create(guest_key=guest.guest_key, words="Knows the place.")
    factories.comment(written.post, author_email=EMAIL, guest_key=guest.guest_key)
    ruth = sign_up(in_the_browser())
    [held] = Restriction.objects.filter(account=ruth)
    assert (held.kind, held.until, held.words, held.guest_key) == ("mute", until, "A pause.", "")
    assert [note.words for note in PersonNote.objects.filter(account=ruth)] == ["Knows the place."]
    assert Restriction.objects.in_force().filter(guest_key=guest.guest_key).exists()
    assert Restriction.Kind.MUTE in {each.kind for each in Restriction.objects.in_force_for(Viewer(ruth))}


def test_what_stood_under_another_name_leads_to_the_account_for_nobody(written):
    ruth = sign_up(in_the_browser())
    written.refresh_from_db()
    assert (written.signed, written.shown_author) == ("alias", None)
    assert not Comment.objects.shown_as_by(ruth).exists()


def test_what_stood_under_the_same_name_stands_under_it(written):
    ruth = sign_up(in_the_browser(), display_name="Ruth")
    written.refresh_from_db()
    assert (written.signed, written.shown_author) == ("name", ruth)
    assert Comment.objects.shown_as_by(ruth).get() == written


@pytest.mark.parametrize("name", ["Ruth", "Ruth in the hills"])
def test_who_was_muted_as_a_guest_stays_muted_and_is_not_found_out_by_it(written, name):
    reader = factories.person()
    muting.mute(Viewer(reader), written, "fold")
    ruth = sign_up(in_the_browser(), display_name=name)
    later = factories.comment(written.post, author=ruth)
    folded = muting.folded_for(reader, written.post_id)
    assert written.pk in folded
    assert (later.pk in folded) is (name == "Ruth")


def test_what_is_claimed_counts_for_a_newcomer(written):
    ruth = sign_up(in_the_browser())
    factories.published_guidelines()
    draft = factories.draft(written.post, viewer=Viewer(ruth))
    assert submission.submit(draft).is_approved


def test_what_was_claimed_can_still_be_decided_on_and_withdrawn(written):
    ruth = sign_up(in_the_browser())
    moderator = Viewer(factories.person(role="moderator"))
    written.refresh_from_db()
    moderation.decide(written.pk, "remove", moderator)
    assert Notification.objects.filter(user=ruth, kind="decision").exists()
    submission.withdraw(Comment.objects.get(pk=written.pk), Viewer(ruth))
    assert Comment.objects.get(pk=written.pk).status == "withdrawn"


def test_a_letter_that_only_looks_like_another_is_another_address(post):
    # KELVIN SIGN and LONG S fold to ASCII letters in some alphabets of case.
    written = [
        factories.comment(post, author_email=email) for email in ("\u212aim@example.org", "\u017fam@example.org")
    ]
    for email in ("kim@example.org", "sam@example.org"):
        person = factories.person()
        EmailAddress.objects.create(user=person, email=email, verified=True)
        submission.claim_proved(person, email, "x" * 40)
    assert [taken(comment) for comment in written] == [None, None]


class TestNotMine:
    """Said of what is offered: it is not offered again, nor taken, until it is taken back."""

    @pytest.fixture
    def others(self, post):
        return [factories.comment(post, f"Of another {n}.", author_email=EMAIL.lower()) for n in range(2)]

    @pytest.fixture
    def client(self, written, others):
        client = Client()
        sign_up(client)
        return client

    @staticmethod
    def offered(client):
        page = client.get("/accounts/claim/").text
        return set(re.findall(r"Words of mine|Of another \d", page.partition("Set aside as not yours")[0]))

    def test_one_of_them(self, client, written, others):
        client.post("/accounts/claim/", {"say": "not mine", "chosen": [others[0].pk]})
        assert self.offered(client) == {"Words of mine", "Of another 1"}
        assert "Set aside as not yours (1)" in client.get("/accounts/claim/").text
        # Nor can it be taken by a form that was open all the while.
        client.post("/accounts/claim/", {"chosen": [others[0].pk, others[1].pk]})
        assert taken(others[0]) is None
        assert taken(others[1]) is not None

    def test_all_of_them_and_what_comes_later_is_offered(self, client, post):
        client.post("/accounts/claim/", {"say": "none"})
        assert self.offered(client) == set()
        assert "Are these yours?" not in client.get("/accounts/comments/").text
        factories.comment(post, "Of another 7.", author_email=EMAIL)
        assert self.offered(client) == {"Of another 7"}

    def test_it_is_undone_for_one_and_for_all(self, client, others):
        client.post("/accounts/claim/", {"say": "none"})
        client.post("/accounts/claim/", {"say": "again", "chosen": [others[1].pk]})
        assert self.offered(client) == {"Of another 1"}
        client.post("/accounts/claim/", {"say": "all again"})
        assert self.offered(client) == {"Words of mine", "Of another 0", "Of another 1"}
        assert "Set aside" not in client.get("/accounts/claim/").text

    def test_a_proof_takes_nothing_that_was_said_to_be_somebody_else_s(self, written, guest):
        person = factories.person()
        EmailAddress.objects.create(user=person, email=EMAIL.lower(), verified=True)
        assert submission.say_not_mine(Viewer(person), [written.pk]) == 1
        assert submission.claim_proved(person, EMAIL, guest.guest_key) == []
        submission.offer_again(Viewer(person), [written.pk])
        assert submission.claim_proved(person, EMAIL, guest.guest_key) == [written]

    def test_it_is_one_s_own_word_of_what_one_is_offered_and_said_once(self, client, written, post):
        elsewhere = factories.comment(post, author_email="other@example.org")
        ruth, another = User.objects.get(email=EMAIL.lower()), factories.person()
        EmailAddress.objects.create(user=another, email=EMAIL.lower().replace("ruth", "ben"), verified=True)
        assert submission.say_not_mine(Viewer(another), [written.pk, elsewhere.pk]) == 0
        numbers = [written.pk, elsewhere.pk, 10**20, "x"]
        for _ in range(2):
            client.post("/accounts/claim/", {"say": "not mine", "chosen": numbers})
        assert list(NotMine.objects.values_list("user", "comment")) == [(ruth.pk, written.pk)]
        submission.offer_again(Viewer(another), [written.pk])
        assert NotMine.objects.count() == 1
        taken(written)
        assert written.author_email == "RUTH@example.org"
