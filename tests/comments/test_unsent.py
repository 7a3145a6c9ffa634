"""What members have not sent yet: found on all their devices, by nobody else, and gone with the submit."""

import contextlib
import logging
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from comments import shared, submission, tree, unsent
from comments.exceptions import Refused, TooMany
from comments.models import Comment, HouseRules, UnsentText
from comments.privacy import export, parts, retention, statement
from comments.privacy.belongings import Belongings
from comments.viewers import Viewer
from comments.views.drafts import MARK
from storied.front import board
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db
HOSTILE = "</textarea><script>alert(1)</script> \" ' & {{ form }} {% now %} \u202e\x00 🙂 ]]> \\"


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


@pytest.fixture
def member():
    return factories.person("Cleo")


@pytest.fixture
def cleo(client, member):
    client.force_login(member)
    return client


def save(client: Client, post: Any, body: str, mark: str = "", **fields: Any) -> Any:
    """As the page's script does it."""
    said = {"body": body, "draft": mark, **fields}
    return client.post(f"/discussion/{post.pk}/draft/", said, headers={"Accept": "application/json"})


def box_of(page: str) -> str:
    return page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0].strip("\n")


def test_what_was_typed_is_in_the_box_on_every_device_until_it_is_sent(cleo, member, post):
    answer = save(cleo, post, "A long letter,\nhalf done.")
    assert answer.status_code == 204
    answer = save(cleo, post, "A long letter,\nhalf done, and more.", answer[MARK])
    other = Client()
    other.force_login(member)
    page = other.get(post.get_absolute_url()).text
    assert box_of(page) == "A long letter,\nhalf done, and more."
    assert "Your draft is back." in page
    assert answer[MARK] in page
    form = factories.form(post, "A long letter, done.", stamp=factories.stamp(post), draft=answer[MARK])
    assert other.post(f"/discussion/{post.pk}/submit/", form).status_code == 302
    assert Comment.objects.get(author=member).body == "A long letter, done."
    assert not UnsentText.objects.exists()
    page = cleo.get(post.get_absolute_url()).text
    assert box_of(page) == ""
    assert "Your draft is back." not in page


def test_a_save_is_one_statement_and_the_first_two(member, post, django_assert_num_queries):
    board.end_all()
    HouseRules.current()
    with django_assert_num_queries(2):  # and the oldest go
        known = unsent.save(member, post, "Words.")
    with django_assert_num_queries(1):
        unsent.save(member, post, "Words, and more.", known=known)
    with django_assert_num_queries(1):
        unsent.discard(member, post.pk)


def test_it_costs_a_member_s_page_no_further_query(member, post, django_assert_num_queries):
    factories.comment(post)
    board.end_all()
    unsent.save(member, post, "Words.")
    shared.page_for(post, Viewer(member), 1)
    with django_assert_num_queries(3):  # what waits and is theirs; what they have seen and not sent; whom they muted
        page, _threads = shared.page_for(post, Viewer(member), 1)
    assert page.unsent.body == "Words."


def test_everybody_else_s_page_is_the_same_byte_for_byte(client, member, post, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # the form says at which hour it was made
    before = client.get(post.get_absolute_url())
    unsent.save(member, post, "Words that are nobody's business.")
    other = Client()
    other.force_login(factories.person())
    assert client.get(post.get_absolute_url()).content == before.content
    assert b"Words that are" not in other.get(post.get_absolute_url()).content
    assert b"data-account" not in before.content
    assert b"draft_" not in before.content
    assert b'name="draft"' not in before.content


# --- The submit -----------------------------------------------------------------------------------------------


def test_it_stays_when_the_submit_is_refused_and_goes_when_it_is_taken_in(member, post):
    HouseRules.change({"flood_per_minute": 1}, by=None)
    draft = factories.draft(post, "Once more.", viewer=Viewer(member))
    submission.submit(factories.draft(post, "First.", viewer=Viewer(member)))
    unsent.save(member, post, "Once more.")
    with pytest.raises(TooMany):
        submission.submit(draft)
    assert UnsentText.objects.get().body == "Once more."
    HouseRules.change({"flood_per_minute": 0}, by=None)
    submission.submit(draft)
    assert not UnsentText.objects.exists()
    unsent.save(member, post, "Once more.")
    submission.submit(draft)  # the same again is the first one, and what was saved too late goes, too
    assert Comment.objects.filter(author=member).count() == 2
    assert not UnsentText.objects.exists()


def test_what_another_device_has_written_since_outlives_the_submit_of_an_older_page(cleo, member, post):
    HouseRules.change({"flood_per_minute": 0, "hold_newcomers": False}, by=None)
    address, stamp = f"/discussion/{post.pk}/submit/", factories.stamp(post)
    # A page from before anything was kept; then one that knows the first words alone.
    first = save(cleo, post, "First words.", page="the-phone")[MARK]
    assert cleo.post(address, factories.form(post, "Of an old page.", stamp=stamp, draft="")).status_code == 302
    assert UnsentText.objects.get().body == "First words."
    newer = save(cleo, post, "First words, and a whole letter.", first, page="the-phone")[MARK]
    assert cleo.post(address, factories.form(post, "First words.", stamp=stamp, draft=first)).status_code == 302
    assert box_of(cleo.get(post.get_absolute_url()).text) == "First words, and a whole letter."
    # Whoever knows it and sends it has no draft any more.
    form = factories.form(post, "First words, and a letter.", stamp=stamp, draft=newer)
    assert cleo.post(address, form).status_code == 302
    assert not UnsentText.objects.exists()
    assert Comment.objects.filter(author=member).count() == 3


def test_what_was_sent_is_not_offered_again_though_the_page_never_heard_of_its_last_save(cleo, member, post):
    HouseRules.change({"flood_per_minute": 0, "hold_newcomers": False}, by=None)
    address, stamp = f"/discussion/{post.pk}/submit/", factories.stamp(post)
    first = save(cleo, post, "Wor", page="this-page")[MARK]
    save(cleo, post, "Words, hal", first, page="this-page")
    form = factories.form(post, "Words, half typed.", stamp=stamp, draft=first)
    assert cleo.post(address, form | {"page": "this-page"}).status_code == 302
    assert not UnsentText.objects.exists()
    # The very words are sent, wherever they were kept.
    save(cleo, post, "\nThe same words. \n", page="the-phone")
    assert cleo.post(address, factories.form(post, "The same words.", stamp=stamp)).status_code == 302
    assert not UnsentText.objects.exists()


def test_it_goes_in_the_very_transaction_of_the_comment(member, post, monkeypatch):
    unsent.save(member, post, "Words.")

    class Killed(BaseException):
        pass

    def killed(*_given):
        raise Killed

    monkeypatch.setattr(tree, "insert", killed)
    with pytest.raises(Killed):
        submission.submit(factories.draft(post, "Words.", viewer=Viewer(member)))
    assert UnsentText.objects.get().body == "Words."


def test_neither_a_mail_nor_another_person_or_article_takes_it_away(member, post):
    other, elsewhere = factories.person(), factories.post()
    unsent.save(member, post, "Words.")
    submission.submit(factories.draft(post, "By mail.", viewer=Viewer(member), channel="mail"))
    submission.submit(factories.draft(post, "By another.", viewer=Viewer(other)))
    submission.submit(factories.draft(elsewhere, "Elsewhere.", viewer=Viewer(member)))
    submission.submit(factories.draft(post, "By a guest."))
    assert UnsentText.objects.get().body == "Words."


def test_a_save_that_comes_after_the_submit_brings_nothing_back(cleo, member, post):
    mark = save(cleo, post, "Half of it")[MARK]
    whole = factories.draft(post, "Half of it and the rest.", viewer=Viewer(member))
    submission.submit(replace(whole, built_on=UnsentText.objects.get().saved_at))
    late = save(cleo, post, "Half of it and", mark)
    assert (late.status_code, late.json()["body"]) == (409, "")
    assert not UnsentText.objects.exists()


# --- Without scripts ------------------------------------------------------------------------------------------


def test_preview_and_a_refusal_keep_it_too(cleo, member, post):
    form = factories.form(post, "Words to look at.", preview="1")
    page = cleo.post(f"/discussion/{post.pk}/submit/", form).text
    text = UnsentText.objects.get()
    assert (text.member, text.body) == (member, "Words to look at.")
    assert text.mark.replace("+", "&#43;") in page or text.mark in page
    again = factories.form(post, "Words that a rule refuses.", stamp="of nobody", draft=text.mark)
    assert "expired" in cleo.post(f"/discussion/{post.pk}/submit/", again).text
    text.refresh_from_db()
    assert text.body == "Words that a rule refuses."


def test_preview_writes_nothing_over_that_is_newer_and_shows_both(cleo, member, post):
    known = unsent.save(member, post, "First words.")
    newer = unsent.save(member, post, "Newer <b>words</b>.", known=known)
    form = factories.form(post, "Other words.", preview="1", draft=known.isoformat())
    page = cleo.post(f"/discussion/{post.pk}/submit/", form).text
    assert "newer draft from another device" in page
    assert "Newer &lt;b&gt;words&lt;/b&gt;." in page
    assert box_of(page) == "Other words."
    assert UnsentText.objects.get().body == "Newer <b>words</b>."
    page = cleo.post(f"/discussion/{post.pk}/submit/", form | {"draft": newer.isoformat()}).text
    assert "newer draft" not in page
    assert UnsentText.objects.get().body == "Other words."


def test_preview_after_it_was_discarded_elsewhere_keeps_it_anew(cleo, member, post):
    known = unsent.save(member, post, "First words.")
    unsent.discard(member, post.pk)
    cleo.post(
        f"/discussion/{post.pk}/submit/", factories.form(post, "Words.", preview="1", draft=known.isoformat())
    )  # fmt: skip
    assert UnsentText.objects.get().body == "Words."


def test_a_form_without_proof_of_where_it_comes_from_writes_nothing(member, post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert save(client, post, "Of another site.").status_code == 403
    form = factories.form(post, "Of another site.", preview="1")
    page = client.post(f"/discussion/{post.pk}/submit/", form)
    assert page.status_code == 403
    assert "Of another site." in page.text
    assert not UnsentText.objects.exists()


def test_one_s_own_page_lists_it_and_discards_it(cleo, member, post):
    taken_down = factories.post(title="Taken down")
    unsent.save(member, taken_down, "Words on what was taken down.")
    type(taken_down).objects.filter(pk=taken_down.pk).update(status="private")
    unsent.save(member, post, "Long words. " * 30)
    page = cleo.get("/accounts/comments/").text
    assert page.index(post.title) < page.index("Words on what was taken down.")
    assert f'href="{post.get_absolute_url()}#respond"' in page
    assert "Taken down" not in page
    mark = UnsentText.objects.get(post=post).mark
    answer = cleo.post(f"/discussion/{post.pk}/draft/", {"discard": "list", "draft": mark})
    assert answer["Location"] == "/accounts/comments/"
    other = UnsentText.objects.get()
    assert cleo.post(f"/discussion/{taken_down.pk}/draft/", {"discard": "list", "draft": other.mark}).status_code == 302
    assert not UnsentText.objects.exists()


def test_discarding_from_the_article_leads_back_and_takes_nothing_that_is_newer(cleo, member, post):
    known = unsent.save(member, post, "First words.")
    newer = unsent.save(member, post, "Newer words.", known=known)
    address = f"/discussion/{post.pk}/draft/"
    answer = cleo.post(address, {"discard": "here", "draft": known.isoformat()})
    assert answer.status_code == 409
    assert "newer draft" in answer.text
    assert save(cleo, post, "  \n", known.isoformat()).json()["body"] == "Newer words."
    answer = cleo.post(address, {"discard": "here", "draft": newer.isoformat()})
    assert answer["Location"] == f"{post.get_absolute_url()}#respond"
    assert not UnsentText.objects.exists()


# --- Two devices ----------------------------------------------------------------------------------------------


def test_who_builds_on_an_older_one_is_handed_the_newer_one(cleo, member, post):
    first = save(cleo, post, "First.")[MARK]
    second = save(cleo, post, "Second.", first)[MARK]
    for mark in (first, "", "nonsense", "0001-01-01T00:00:00+23:59", "2026-01-01", "9" * 300):
        answer = save(cleo, post, "Third.", mark)
        assert answer.status_code == 409
        assert (answer.json()["body"], answer.json()["draft"]) == ("Second.", second)
    assert save(cleo, post, "Second.", first).status_code == 204  # the same is no contradiction
    second = UnsentText.objects.get().mark
    assert save(cleo, post, "Third.", second).status_code == 204


def test_what_the_same_page_has_saved_it_may_write_over_though_it_never_heard_of_it(cleo, member, post):
    assert save(cleo, post, "First.", page="this-page").status_code == 204
    assert save(cleo, post, "Second.", page="this-page").status_code == 204
    known = UnsentText.objects.get().mark
    assert save(cleo, post, "Third.", known, page="this-page").status_code == 204
    assert save(cleo, post, "Fourth.", known, page="this-page").status_code == 204
    assert save(cleo, post, "Of another.", known, page="other-page").status_code == 409
    assert save(cleo, post, "Of none.", page="").status_code == 409
    assert UnsentText.objects.get().body == "Fourth."
    mark = UnsentText.objects.get().mark
    assert save(cleo, post, "Without a script.", mark).status_code == 204
    assert save(cleo, post, "Without one, unknown.", "", page="").status_code == 409


def test_an_emptied_box_is_a_discarded_draft(cleo, post):
    mark = save(cleo, post, "First.")[MARK]
    answer = save(cleo, post, "\u200b \n", mark)
    assert (answer.status_code, answer[MARK]) == (204, "")
    assert not UnsentText.objects.exists()
    assert save(cleo, post, "").status_code == 204


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bodies", [["One.", "Another."], ["The same.", "The same."]])
def test_of_two_at_once_one_is_kept_and_the_other_told(bodies, member, post):
    def write(body: str) -> object:
        try:
            return unsent.save(member, post, body)
        except unsent.SavedElsewhere as elsewhere:
            return elsewhere.there.body

    said = at_once(*(partial(write, body) for body in bodies))
    kept = UnsentText.objects.get().body
    assert kept in bodies
    assert not any(isinstance(words, Exception) for words in said), said
    assert [words for words in said if isinstance(words, str)] == ([kept] if len(set(bodies)) > 1 else [])


@pytest.mark.django_db(transaction=True)
def test_saves_beside_a_submit_end_in_no_error(member, post):
    HouseRules.change({"flood_per_minute": 0, "flood_per_hour": 0, "hold_newcomers": False}, by=None)
    parent = factories.comment(post)
    draft = factories.draft(post, "The whole of it.", viewer=Viewer(member), parent_id=parent.pk)

    def writes():
        for number in range(5):
            unsent.save(member, post, f"Part {number}.", parent_id=parent.pk)
            unsent.discard(member, post.pk)

    sent, *saved = at_once(lambda: submission.submit(draft), writes, writes)
    assert isinstance(sent, Comment), sent
    assert all(outcome is None or isinstance(outcome, unsent.SavedElsewhere) for outcome in saved), saved
    assert Comment.objects.filter(author=member).count() == 1


# --- Answers --------------------------------------------------------------------------------------------------


def test_an_answer_comes_back_as_one_and_says_so_where_it_no_longer_can(cleo, member, post):
    parent = factories.comment(post, "Something to answer.", author_name="Michelle")
    save(cleo, post, "An answer.", parent=parent.pk)
    page = cleo.get(post.get_absolute_url()).text
    assert "Reply to Michelle" in page
    assert f'name="parent" value="{parent.pk}"' in page
    Comment.objects.filter(pk=parent.pk).update(status="removed")
    page = cleo.get(post.get_absolute_url()).text
    assert "it would be a comment of its own" in page
    assert 'name="parent" value' not in page
    Comment.objects.filter(pk=parent.pk).delete()
    text = UnsentText.objects.get()
    assert (text.body, text.parent_id, text.is_answer) == ("An answer.", None, True)


@pytest.mark.parametrize("what", ["held", "elsewhere", "nowhere", "beyond"])
def test_it_answers_only_what_can_be_read_there(what, cleo, member, post):
    parent = {
        "held": lambda: factories.comment(post, "Heldwords.", status="pending").pk,
        "elsewhere": lambda: factories.comment(factories.post(), "Words.").pk,
        "nowhere": lambda: 10**12,
        "beyond": lambda: 10**30,
    }[what]()
    assert save(cleo, post, "An answer.", parent=parent).status_code == 204
    assert UnsentText.objects.get().parent_id is None
    assert "Heldwords" not in cleo.get(post.get_absolute_url()).text


def test_whoever_presses_reply_answers_that_one_with_their_words(cleo, member, post):
    one, two = factories.comment(post), factories.comment(post)
    save(cleo, post, "An answer.", parent=one.pk)
    page = cleo.get(f"{post.get_absolute_url()}?replytocom={two.pk}").text
    assert f'name="parent" value="{two.pk}"' in page
    assert box_of(page) == "An answer."


# --- Who, and how much ----------------------------------------------------------------------------------------


def test_guests_are_told_in_words_that_it_is_for_members(client, post):
    answer = client.post(f"/discussion/{post.pk}/draft/", {"body": "Words."}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    assert "for people with an account" in answer.text
    assert client.get(f"/discussion/{post.pk}/draft/").status_code == 405
    assert not UnsentText.objects.exists()


def test_another_member_neither_finds_nor_changes_it(cleo, member, post, client):
    mark = save(cleo, post, "Mine.")[MARK]
    client = Client()
    client.force_login(factories.person(role="owner"))
    assert save(client, post, "Theirs.", mark).json() == {
        "message": "There is a newer draft from another device.", "body": "",
    }  # fmt: skip
    client.post(f"/discussion/{post.pk}/draft/", {"discard": "list", "draft": mark})
    assert "Mine." not in client.get("/accounts/comments/").text
    assert UnsentText.objects.get().body == "Mine."


def test_nothing_is_kept_below_what_cannot_be_read(cleo):
    hidden = factories.post(status="draft")
    answer = save(cleo, hidden, "Words.")
    assert (answer.status_code, answer.json()["message"]) == (403, "This article cannot be read at the moment.")
    hidden.pk = 10**18
    assert save(cleo, hidden, "Words.").status_code == 403


def test_hostile_text_comes_back_as_text(cleo, post):
    assert save(cleo, post, HOSTILE).status_code == 204
    for path in (post.get_absolute_url(), "/accounts/comments/"):
        page = cleo.get(path).text
        assert "<script>alert" not in page
        assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in page
        assert "{{ form }} {% now %}" in page
    assert "\x00" not in UnsentText.objects.get().body


def test_ten_thousand_characters_are_kept_whole_and_more_is_refused_in_words(cleo, post):
    body = ("å🙂" * 5_000)[:10_000]
    mark = save(cleo, post, body)[MARK]
    assert UnsentText.objects.get().body == body
    answer = save(cleo, post, f"{body}!", mark)
    assert answer.status_code == 422
    assert "10,000 characters at the most, and this one has 10,001" in answer.json()["message"]
    assert UnsentText.objects.get().body == body
    assert box_of(cleo.get(post.get_absolute_url()).text) == body
    HouseRules.change({"max_characters": 0}, by=None)
    assert save(cleo, post, "x" * 20_001, mark).status_code == 422


def test_of_too_many_the_oldest_go(member, monkeypatch):
    monkeypatch.setattr(unsent, "MOST", 2)
    other = factories.person()
    posts = [factories.post() for _ in range(3)]
    unsent.save(other, posts[0], "Of another.")
    for number, post in enumerate(posts):
        unsent.save(member, post, f"Words {number}.")
    assert [text.body for text in unsent.of(member)] == ["Words 2.", "Words 1."]
    assert unsent.of(other).count() == 1


def test_saving_each_three_seconds_is_never_too_often_and_without_a_pause_it_is(member, post, monkeypatch):
    at = [1_000_000_000_000]
    monkeypatch.setattr(unsent, "_milliseconds", lambda: at[0])
    known = None
    for number in range(200):
        known = unsent.save(member, post, f"Words {number}.", known=known)
        at[0] += 3_000
    for number in range(20):
        known = unsent.save(member, post, f"More words {number}.", known=known)
        at[0] += 100
    for number in range(20):
        known = UnsentText.objects.get().saved_at
        with contextlib.suppress(TooMany):
            unsent.save(member, post, f"Too many words {number}.", known=known)
        at[0] += 100
    with pytest.raises(TooMany, match="very often"):
        unsent.save(member, post, "Words without a pause.", known=known)
    assert not UnsentText.objects.filter(body__endswith="19.").exists()
    at[0] += 15_000
    unsent.save(member, post, "Words after a pause.", known=known)


def test_no_line_of_the_log_has_the_text(cleo, post, caplog):
    caplog.set_level(logging.INFO)
    mark = save(cleo, post, "Secretwords.")[MARK]
    save(cleo, post, "Secretwords too.", "")
    save(cleo, post, "Secretwords " * 2_000, mark)
    assert "Secretwords" not in caplog.text
    assert "Secretwords" not in str(UnsentText.objects.get())


# --- Kept for a time, taken along, erased ---------------------------------------------------------------------


def test_it_goes_when_its_days_are_over_and_not_before(member, post):
    unsent.save(member, post, "Words.")
    UnsentText.objects.update(saved_at=timezone.now() - timedelta(days=30, seconds=-60))
    retention.run()
    assert UnsentText.objects.exists()
    UnsentText.objects.update(saved_at=timezone.now() - timedelta(days=30, seconds=1))
    HouseRules.change({"keep_drafts_days": 0}, by=None)
    assert "what was not sent" not in retention.run()
    HouseRules.change({}, by=None)
    assert retention.run()["what was not sent"] == 1


def test_it_is_taken_along_and_told_of(member, post):
    parent = factories.comment(post)
    unsent.save(member, post, "Words.", parent_id=parent.pk)
    [record] = parts._unsent(Belongings.of_account(member))
    assert (record["article"], record["in_reply_to"], record["text"]) == (post.title, parent.pk, "Words.")
    assert list(parts._unsent(Belongings.of_address("guest@example.org"))) == []
    with export.zip_of(Belongings.of_account(member)) as made:
        assert made.read(4)
    lines = {line.what: line.how_long for _title, group in statement.kept(HouseRules.current()) for line in group}
    assert lines["What you have begun to write and not sent"].startswith("for 30 days")


def test_refusals_are_the_house_s(member, post):
    with pytest.raises(Refused, match="no text"):
        unsent.save(member, post, " \u200b")
