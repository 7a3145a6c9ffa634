"""What members have not sent yet: found on all their devices, by nobody else, and gone with the submit."""

from dataclasses import replace
from datetime import timedelta

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

from .conftest import box_of, save

pytestmark = pytest.mark.django_db


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
