"""From words to an item: when one is opened, what readers see of it, and what a check says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from comments import care, moderation, submission
from comments.models import (
    CareArrangements,
    CareItem,
    CarePhrases,
    CareResponder,
    Comment,
    HelpLine,
)
from comments.viewers import Viewer
from tests import factories

from .conftest import DARK, acts, open_for, submit

pytestmark = pytest.mark.django_db


# --- Off until it is arranged -----------------------------------------------------------------------------------


def test_it_is_off_until_help_and_somebody_on_call_are_named(post, moderator):
    def is_off():
        return not care.look(DARK) and bool(care.why_off())

    assert is_off()
    HelpLine.objects.create(name="The Night Line", phone="1")
    assert is_off()
    responder = CareResponder.objects.create(person=moderator.user)
    assert care.look(DARK)
    assert care.why_off() == []
    responder.delete()
    assert is_off()
    CareResponder.objects.create(person=moderator.user)
    CareArrangements.objects.create(is_wanted=False)
    assert is_off()


def test_somebody_on_call_who_no_longer_moderates_is_nobody(arranged, moderator):
    assert care.current().is_on
    moderator.user.role = "member"
    moderator.user.save()
    assert not care.current().is_on


def test_without_a_language_in_use_it_is_off(arranged):
    for language in ("en", "de"):
        CarePhrases.objects.create(language=language, name=language, is_used=False)
    assert not care.current().is_on
    assert care.why_off() == ["No language is in use."]


@pytest.mark.django_db(transaction=True)
def test_while_it_is_off_nothing_happens_and_a_submit_asks_nothing_more(post, opened, django_assert_num_queries):
    submit(post, "Something else first.")
    with django_assert_num_queries(0):
        assert care.look(DARK) == ()
    comment = submit(post)
    assert not CareItem.objects.exists()
    assert opened == []
    assert acts(comment) == []


def test_phrases_that_cannot_be_read_any_more_give_way_to_the_shipped_ones(arranged, caplog):
    CarePhrases.objects.create(language="en", name="English", text="(what is this")
    assert care.look(DARK)
    assert "cannot be read" in caplog.text


# --- At submit --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_match", CareArrangements.OnMatch.values)
def test_a_match_opens_an_item_and_never_refuses(post, arrange, opened, on_match):
    arrange(on_match=on_match)
    comment = submit(post)
    [item] = CareItem.objects.all()
    assert (item.comment, item.opened_by, item.state) == (comment, "match", "open")
    [signal] = item.signals.all()
    assert signal.found == [{"words": "I want to die", "phrase": signal.found[0]["phrase"], "language": "en"}]
    assert [event.item for event in opened] == [item]
    assert acts(comment) == [("care_opened", "match")]


def test_nothing_is_opened_for_other_words(post, arranged, opened):
    submit(post, "I am not going to kill myself. He said 'I want to die'.")
    assert opened == []
    assert not CareItem.objects.exists()


@pytest.mark.parametrize(("on_match", "status"), [("publish", "approved"), ("note", "approved"), ("hold", "pending")])
def test_the_owner_chooses_whether_it_is_held(post, arrange, settings, on_match, status):
    settings.STORIED_RULES = {"hold_newcomers": "off"}
    arrange(on_match=on_match)
    comment = submit(post)
    assert comment.status == status
    assert [reason["code"] for reason in comment.reasons] == (["care"] if status == "pending" else [])
    assert submit(post, "Nothing dark.").status == "approved"


def test_other_rules_hold_it_all_the_same_and_spam_is_looked_at_too(post, arranged):
    assert submit(post).status == "pending"  # somebody new
    spam = submit(post, honeypot="filled")
    assert spam.status == "spam"
    assert open_for(spam) is not None


def test_who_moderates_is_not_matched(post, arranged, moderator):
    host = Viewer(post.author)
    for viewer in (moderator, host):
        comment = submit(post, f"{DARK} {viewer.user.pk}", viewer=viewer)
        assert open_for(comment) is None
        assert not care.has_help_for_writer_of(comment)
    elsewhere = submit(factories.post(), viewer=host)
    assert open_for(elsewhere) is not None


def test_a_double_submit_opens_one_item(post, arranged):
    draft = factories.draft(post, DARK)
    assert submission.submit(draft) == submission.submit(draft)
    assert CareItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_item_costs_a_few_queries_in_the_transaction(post, arranged, django_assert_max_num_queries):
    from django.test.utils import CaptureQueriesContext

    submit(post, "Nothing dark.")
    with CaptureQueriesContext(connection) as plain:
        submit(post, "Nothing dark again.")
    with django_assert_max_num_queries(len(plain) + 8):
        submit(post)


def test_an_edit_is_read_again_and_the_same_words_open_nothing_new(post, arranged, moderator):
    draft = factories.draft(post, "A good day.")
    comment = submission.submit(draft)
    assert not CareItem.objects.exists()
    comment = submission.edit(comment, replace(draft, body=DARK), seen_revision=1)
    item = open_for(comment)
    assert item.signals.get().revision == 2
    care.close(item.pk, "replied", moderator)
    comment = submission.edit(comment, replace(draft, body=f"{DARK} Still."), seen_revision=2)
    assert open_for(comment) is None
    comment = submission.edit(comment, replace(draft, body="Tonight I will kill myself."), seen_revision=3)
    assert open_for(comment) is not None
    assert CareItem.objects.count() == 2


# --- The note for readers -------------------------------------------------------------------------------------------


def test_a_note_stands_above_the_comment_until_it_is_no_concern(client, post, arrange, moderator):
    arrange(on_match="note", note="Dark hours <here>.")
    comment = submit(post)
    address = post.get_absolute_url()
    assert "Dark hours" not in client.get(address).text  # it waits
    moderation.decide(comment.pk, "approve", moderator)
    shown = client.get(address).text
    assert 'Dark hours &lt;here&gt;. <a href="/help/">Get help now</a>' in shown
    arrange(on_match="publish")
    assert "Dark hours" not in client.get(address).text
    arrange(on_match="note")
    assert "Dark hours" in client.get(address).text
    care.close(open_for(comment).pk, "not_a_concern", moderator)
    assert "Dark hours" not in client.get(address).text


def test_a_note_stays_when_somebody_has_looked_after_it(post, arrange, moderator):
    arrange(on_match="note")
    comment = submit(post)
    care.close(open_for(comment).pk, "replied", moderator)
    assert care.noted_below(post.pk) == {comment.pk}


@pytest.mark.django_db(transaction=True)
def test_pages_ask_nothing_more_where_no_notes_are_shown(post, arranged, django_assert_num_queries):
    submit(post)
    care.current()
    with django_assert_num_queries(0):
        assert care.noted_below(post.pk) == frozenset()


# --- What is said at a check ------------------------------------------------------------------------------------------


def checked(capsys):
    call_command("check", databases=["default"])
    return capsys.readouterr().err


def test_a_check_says_what_is_missing_or_stale(capsys, moderator):
    assert "comments.W002" in checked(capsys)
    line = HelpLine.objects.create(name="The Night Line", phone="1")
    assert "comments.W004" in checked(capsys)
    CareResponder.objects.create(person=moderator.user)
    assert "comments.W00" not in checked(capsys)
    HelpLine.objects.update(last_checked=timezone.localdate() - timedelta(days=366))
    said = checked(capsys)
    assert "comments.W003" in said
    assert line.name in said


def test_numbers_are_dialled_without_what_people_read(db):
    line = HelpLine(name="x", phone="+49 (0)30 / 123-45", sms="116 123")
    assert (line.tel, line.sms_number) == ("+4903012345", "116123")


def test_a_comment_takes_its_items_along(post, arranged):
    comment = submit(post)
    Comment.objects.filter(pk=comment.pk).delete()
    assert not CareItem.objects.exists()
