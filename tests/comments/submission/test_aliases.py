"""A member writes under a name that is used only in one discussion."""

import re
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import submission
from comments.exceptions import CommentsError
from comments.models import Alias, Block, Comment, HouseRules, Notification, Restriction
from comments.notifications.wording import LETTERS
from comments.submission import aliases
from comments.viewers import Viewer
from storied.accounts import names
from storied.accounts.models import User, UserManager
from tests import factories
from tests.together import answered_to_two, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def host():
    return factories.person("Margot Winter", role="owner")


@pytest.fixture
def post(host):
    return factories.post(host)


@pytest.fixture
def member():
    return factories.person("Judith Hale", standing="trusted", url="https://judith.example.org/")


def draft(post, member, alias="", body="", **fields):
    return factories.draft(post, body, viewer=Viewer(member), name="", email="", alias=alias, **fields)


def write(post, member, alias="", body="", **fields):
    return submission.submit(draft(post, member, alias, body, **fields))


def refusal(post, member, alias):
    with pytest.raises(CommentsError) as refused:
        write(post, member, alias)
    return refused.value


# --- Under which name ---------------------------------------------------------------------------------------


def test_it_stands_there_without_the_account_s_name_and_site(post, member):
    written = write(post, member, "Robin")
    assert (written.author_name, written.author_url, written.author_email) == ("Robin", "", "")
    assert (written.author, written.shown_author, written.status) == (member, None, "approved")
    assert write(post, member).author_name == "Judith Hale", "each time they choose"


def test_it_stays_the_same_in_the_discussion_and_is_nothing_elsewhere(post, member):
    write(post, member, "Robin")
    assert write(post, member, " robin ").author_name == "Robin"
    refused = refusal(post, member, "Wren")
    assert (refused.code, refused.field) == ("one_alias", "sign")
    assert "as “Robin”" in refused.message
    assert write(factories.post(), member, "Wren").author_name == "Wren"


@pytest.mark.parametrize(
    ("alias", "words"),
    [
        ("Judith Hale", "your own name"),
        ("Јudіth Hаlе", "your own name"),  # in Cyrillic letters
        ("Margot Winter", "looks like this one"),
        ("Маrgоt Wіntеr", "looks like this one"),  # the owner's in Cyrillic letters
        ("m a r g o t winter", "looks like this one"),
        ("Αnn the Guest", "looks like this one"),  # a guest's, with a Greek letter
        ("Moderator", "misunderstood"),
        ("A\u200b reader", "misunderstood"),
        ("Adm1n", "misunderstood"),
    ],
)  # fmt: skip
def test_a_name_that_passes_for_somebody_is_refused_in_words(post, member, alias, words):
    factories.comment(post, author_name="Ann the Guest")
    refused = refusal(post, member, alias)
    assert words in refused.message
    assert refused.field == "alias"
    assert not Alias.objects.exists()


def test_a_name_is_one_person_s_in_a_discussion(post, member):
    write(post, factories.person(), "Robin")
    assert refusal(post, member, "R0bin").code == "alias_taken"
    assert write(factories.post(), member, "Robin").author_name == "Robin"


def test_no_guest_passes_for_it_there(post, member):
    write(post, member, "Robin")
    with pytest.raises(CommentsError) as refused:
        submission.submit(factories.draft(post, name="rоbin"))
    assert (refused.value.code, refused.value.field) == ("name_taken", "name")
    assert submission.submit(factories.draft(factories.post(), name="Robin")).author_name == "Robin"


def test_no_account_takes_a_name_that_somebody_goes_by_in_a_discussion(client, post, member):
    write(post, member, "Robin")
    assert User.objects.name_is_taken("R0bin")
    assert not User.objects.name_is_taken("R0bin", by_anyone_but=member.pk)
    other = factories.person("Somebody Else")
    client.force_login(other)
    client.post("/accounts/profile/", {"display_name": "rоbin", "url": ""})
    other.refresh_from_db()
    assert other.display_name == "Somebody Else"


def test_one_name_that_two_want_at_once_goes_to_one_of_them(post, member):
    # As between the look of the one and the commit of the other.
    late = Alias(post=post, user=member, name="Robin", name_key=names.key("Robin"))
    write(post, factories.person(), "Robin")
    with pytest.raises(aliases.NameNotFree):
        aliases.take(late)


def test_one_person_who_takes_two_at_once_gets_one(post, member):
    late = Alias(post=post, user=member, name="Wren", name_key=names.key("Wren"))
    again = Alias(post=post, user=member, name="ROBIN", name_key=names.key("Robin"))
    write(post, member, "Robin")
    with pytest.raises(aliases.OneNameHere):
        aliases.take(late)
    aliases.take(again)
    assert again.name == "Robin"


@pytest.mark.django_db(transaction=True)
def test_a_name_that_an_account_and_a_comment_want_at_once_goes_to_one_of_them(post, member, monkeypatch):
    client = Client()
    client.force_login(factories.person("Bird"), backend="django.contrib.auth.backends.ModelBackend")
    monkeypatch.setattr(UserManager, "is_borne_by_another", answered_to_two(UserManager.is_borne_by_another))
    renamed, written = at_once(
        lambda: client.post("/accounts/profile/", {"display_name": "ROBIN"}),
        lambda: write(post, member, "Robin"),
    )
    is_alias = isinstance(written, Comment)
    assert is_alias or written.code == "alias_taken"
    assert renamed.status_code == (422 if is_alias else 302)
    assert Alias.objects.count() + User.objects.filter(name_key=names.key("Robin")).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_name_that_a_guest_and_a_member_want_at_once_goes_to_one_of_them(post, member, monkeypatch):
    meet = answered_to_two(lambda answer: answer)
    has_written, is_somebodys = aliases._has_written, aliases.is_somebodys

    def look_for_members(name, post_id):
        answer = is_somebodys(name, post_id)
        return meet(answer) if name == "ROBIN" else answer  # the member asks this, too, and something else after it

    monkeypatch.setattr(aliases, "_has_written", lambda *what: meet(has_written(*what)))
    monkeypatch.setattr(aliases, "is_somebodys", look_for_members)
    outcomes = at_once(
        lambda: write(post, member, "Robin"),
        lambda: submission.submit(factories.draft(post, name="ROBIN")),
    )
    [refused] = [outcome for outcome in outcomes if not isinstance(outcome, Comment)]
    assert refused.code in {"alias_taken", "name_taken"}
    assert Comment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="On SQLite there is one writer at a time")
def test_guests_of_one_name_do_not_wait_for_each_other(post):
    def write_as_well():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '300ms'")
            User.objects.wait_for_name("ROBIN", to_itself=False)

    with transaction.atomic():
        submission.submit(factories.draft(post, name="Robin"))
        assert at_once(write_as_well) == [None]


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_the_name_and_each_comment_is_somebody_s(post):
    people = [factories.person(standing="trusted") for _ in range(4)]
    outcomes = at_once(*(partial(write, post, person, "Robin") for person in people))
    refused = [outcome for outcome in outcomes if not isinstance(outcome, Comment)]
    assert [getattr(outcome, "code", outcome) for outcome in refused] == ["alias_taken"] * 3
    assert [alias.user for alias in Alias.objects.all()] == [comment.author for comment in Comment.objects.all()]


# --- The rules follow the person ----------------------------------------------------------------------------


def test_who_moderates_has_no_rights_by_which_they_could_be_told(post, host):
    HouseRules.change({"hold_everything": True}, by=None)
    assert write(post, host).status == "approved"
    assert write(post, host, "Robin").status == "pending"
    post.discussion.is_open = False
    post.discussion.save()
    assert write(post, host).status == "approved"
    assert refusal(post, host, "Robin").code == "closed"


@pytest.mark.parametrize(("kind", "code"), [("ban", "banned"), ("mute", "muted")])
def test_who_may_not_write_may_not_under_another_name(post, member, kind, code):
    factories.restriction(member, Restriction.Kind(kind), until=timezone.now() + timedelta(days=1))
    assert refusal(post, member, "Robin").code == code
    assert not Alias.objects.exists(), "what is refused takes no name"


def test_newcomers_wait_and_are_none_any_more_once_something_of_theirs_stands(post):
    newcomer = factories.person()
    first = write(post, newcomer, "Robin")
    assert first.status == "pending"
    Comment.objects.filter(pk=first.pk).update(status="approved")
    assert write(post, newcomer).status == "approved"


def test_floods_count_both_names_together(post, member):
    HouseRules.change({"flood_per_minute": 2}, by=None)
    write(post, member)
    write(post, member, "Robin")
    assert refusal(post, member, "Robin").code == "too_many"


def test_the_same_words_twice_are_one_comment(post, member):
    said = draft(post, member, "Robin", "The same words.")
    assert submission.submit(said) == submission.submit(said)


def test_a_blocked_address_holds_it_without_saying_which(post, member):
    Block.objects.create(kind="address", value=member.email, effect="hold")
    held = write(post, member, "Robin")
    assert held.reasons == [{"code": "blocked", "detail": ""}]
    assert write(post, member).reasons == [{"code": "blocked", "detail": "an e-mail address"}]


def test_an_edit_keeps_the_name_and_judges_no_other(post, member):
    factories.watched("hale")
    written = write(post, member, "Robin")
    new = draft(post, member, "Robin", "Other words.")
    edited = submission.edit(written, new, seen_revision=1)
    assert (edited.author_name, edited.signed, edited.status) == ("Robin", "alias", "approved")


def test_mail_knows_the_name_that_stands_there(post, member):
    parent = factories.comment(post, author=factories.person())
    write(post, member, "Robin", parent_id=parent.pk)
    owed = Notification.objects.get(user=parent.author)
    letter = LETTERS[owed.kind](owed)
    assert letter.quotes[0].by == "Robin"
    assert "Judith" not in str(letter)


# --- The form -----------------------------------------------------------------------------------------------


def send(client, post, **fields):
    return client.post(f"/discussion/{post.pk}/submit/", factories.form(post, **fields))


@pytest.fixture
def known(client, member):
    client.force_login(member)
    return client


def test_a_member_s_form_offers_another_name_and_a_guest_s_does_not(client, post, member):
    assert 'name="alias"' not in client.get(post.get_absolute_url()).text
    client.force_login(member)
    page = client.get(post.get_absolute_url()).text
    assert 'name="alias"' in page
    assert 'name="sign"' not in page


def test_once_they_have_one_they_choose_each_time_and_it_is_chosen_already(known, post, member):
    assert send(known, post, alias="Robin").status_code == 302
    page = known.get(post.get_absolute_url()).text
    assert 'name="alias"' not in page
    assert re.search(r'name="sign" value="alias"[^>]* checked', page)
    assert "Robin (only here)" in page
    send(known, post, body="One.", sign="alias")
    send(known, post, body="Two.", sign="name")
    assert dict(Comment.objects.values_list("body", "author_name")) == {
        "Words from a form.": "Robin", "One.": "Robin", "Two.": "Judith Hale",
    }  # fmt: skip
    factories.comment(post, body="Somebody writes, and the page is made anew.")
    assert "Robin (only here)" in known.get(post.get_absolute_url()).text
    assert "Robin (only here)" not in known.get(factories.post().get_absolute_url()).text


def test_what_is_refused_or_looked_at_first_keeps_the_name_typed(known, post):
    for answer in (send(known, post, alias="Moderator"), send(known, post, alias="Wren", preview="1")):
        assert 'value="Moderator"' in answer.text or 'value="Wren"' in answer.text
        assert re.search(r'<details class="other-name" open', answer.text)
    assert not Comment.objects.exists()


def test_a_second_tab_with_another_name_is_asked_which(known, post):
    send(known, post, alias="Robin")
    answer = send(known, post, body="From another tab.", alias="Wren")
    assert answer.status_code == 422
    assert "You write as “Robin”" in answer.text
    assert re.search(r'name="sign" value="alias"[^>]* checked', answer.text)


@pytest.mark.parametrize("said", [{"sign": "alias"}, {"alias": "\u200b\u2800"}])
def test_nothing_is_signed_by_name_that_was_to_stand_under_another(known, post, said):
    answer = send(known, post, **said)
    assert answer.status_code == 422 or Comment.objects.count() == 0
    assert not Comment.objects.exists()


def test_a_guest_who_sends_the_field_all_the_same_writes_by_name(client, post):
    send(client, post, alias="Robin", sign="alias")
    assert [(c.author_name, c.signed) for c in Comment.objects.all()] == [("Judith", "name")]


def test_who_uses_no_other_name_is_asked_nothing_of_it(known, post, member):
    send(known, post)
    with CaptureQueriesContext(connection) as asked:
        assert send(known, post, body="Others.").status_code == 302
    assert "comments_alias" not in str(asked.captured_queries)
    known.get(post.get_absolute_url())
    with CaptureQueriesContext(connection) as asked:
        known.get(post.get_absolute_url())
    assert "comments_alias" not in str(asked.captured_queries), "kept with the discussion, in memory"
