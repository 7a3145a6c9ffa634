"""From words to an item, and what people do about it."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from comments import care, events, moderation, submission
from comments.exceptions import CommentsError, Conflict, NotAllowed
from comments.models import (
    CareArrangements,
    CareItem,
    CarePhrases,
    CareResponder,
    CareSignal,
    Comment,
    Flag,
    HelpLine,
    ModerationLogEntry,
)
from comments.viewers import Viewer
from tests import factories
from tests.together import at_once

from .conftest import open_for

pytestmark = pytest.mark.django_db

DARK = "I can't go on. I want to die."


@pytest.fixture
def opened(monkeypatch):
    heard = []
    monkeypatch.setitem(
        events._subscribers, events.CareItemOpened, [*events._subscribers[events.CareItemOpened], heard.append]
    )
    return heard


def submit(post, body=DARK, **fields):
    return submission.submit(factories.draft(post, body, **fields))


def acts(comment):
    entries = ModerationLogEntry.objects.filter(comment=comment.pk, action__startswith="care_").order_by("pk")
    return [(entry.action, entry.new) for entry in entries]


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


# --- Readers and moderators ---------------------------------------------------------------------------------------


def worry(comment, key="network:1", words="She sounds so tired.", viewer=None):
    return moderation.flag(
        comment.pk, viewer or factories.guest(), reporter_key=key, reason=moderation.WORRIED, words=words
    )


def test_a_worry_goes_to_care_and_is_no_report(post, opened):
    comment = factories.comment(post)
    for number in range(5):
        worry(comment, key=f"network:{number}")
    comment.refresh_from_db()
    assert comment.status == "approved"
    assert not Flag.objects.exists()
    assert moderation.counts(Viewer(factories.person("M", "moderator")))["reported"] == 0
    item = open_for(comment)
    assert (item.opened_by, item.signals.count()) == ("reader", 5)
    assert len(opened) == 1
    assert acts(comment) == [("care_opened", "reader")]


def test_a_reader_who_writes_twice_changes_what_they_wrote(post):
    comment = factories.comment(post)
    worry(comment, words="First.")
    item = worry(comment, words="Second.")
    assert [signal.words for signal in item.signals.all()] == ["Second."]


@pytest.mark.parametrize("status", ["pending", "removed", "spam"])
def test_only_what_is_public_can_be_worried_about(post, status):
    with pytest.raises(NotAllowed):
        worry(factories.comment(post, status=status))


def test_a_moderator_can_bring_a_comment_to_care(post, moderator):
    comment = factories.comment(post, status="pending")
    with pytest.raises(NotAllowed):
        care.open_by_hand(comment.pk, Viewer(factories.person()))
    item = care.open_by_hand(comment.pk, moderator, words="Please look.")
    assert care.open_by_hand(comment.pk, moderator, words="Please look soon.") == item
    assert [signal.words for signal in item.signals.all()] == ["Please look soon."]


def test_a_worry_about_a_matched_comment_joins_the_open_item(post, arranged, moderator, settings):
    settings.STORIED_RULES = {"hold_newcomers": "off"}
    comment = submit(post)
    worry(comment)
    assert [signal.by for signal in open_for(comment).signals.all()] == ["match", "reader"]


# --- Looking after it -----------------------------------------------------------------------------------------------


@pytest.fixture
def item(post, arranged):
    return open_for(submit(post))


def test_claiming_tells_others_and_ends_by_itself(item, moderator, owner):
    care.claim(item.pk, moderator)
    care.claim(item.pk, moderator)
    with pytest.raises(Conflict, match="Mod is looking after this already"):
        care.claim(item.pk, owner)
    CareItem.objects.update(claimed_at=timezone.now() - timedelta(minutes=61))
    assert care.claim(item.pk, owner).claimed_by == owner.user
    assert [act for act, _new in acts(item.comment)] == ["care_opened", "care_claimed", "care_claimed"]


def test_an_item_can_be_handed_over_without_a_reason(item, moderator, owner):
    care.claim(item.pk, moderator)
    care.release(item.pk, owner)  # not theirs to give back
    assert CareItem.objects.get().state == "claimed"
    care.release(item.pk, moderator)
    care.release(item.pk, moderator)
    assert CareItem.objects.get().state == "open"
    assert [act for act, _new in acts(item.comment)] == ["care_opened", "care_claimed", "care_released"]


def test_closing_is_done_once_and_the_second_is_told(item, moderator, owner):
    care.claim(item.pk, moderator)
    care.close(item.pk, "resources", moderator, "Wrote to her.")
    care.close(item.pk, "resources", moderator, "Wrote to her.")
    with pytest.raises(Conflict, match="Mod has closed this already: ways to help were sent"):
        care.close(item.pk, "replied", owner)
    with pytest.raises(Conflict, match="closed this already"):
        care.claim(item.pk, owner)
    closed = CareItem.objects.get()
    assert (closed.state, closed.code, closed.note, closed.closed_by) == (
        "closed", "resources", "Wrote to her.", moderator.user,
    )  # fmt: skip
    assert acts(item.comment)[-1] == ("care_closed", "resources")
    assert ModerationLogEntry.objects.get(action="care_closed").note == "Wrote to her."
    assert not ModerationLogEntry.objects.get(action="care_closed").reason


def test_only_known_codes_close(item, moderator):
    with pytest.raises(CommentsError, match="what was done"):
        care.close(item.pk, "fine", moderator)


def test_only_who_moderates_the_article_sees_and_acts(item, moderator, post):
    host = Viewer(post.author)
    for viewer in (moderator, host):
        assert list(care.queue(viewer)) == [item]
    for viewer in (Viewer(factories.person()), factories.guest(), Viewer(factories.post().author)):
        assert list(care.queue(viewer)) == []
        for act in (care.claim, care.release, lambda pk, who: care.close(pk, "replied", who)):
            with pytest.raises(NotAllowed):
                act(item.pk, viewer)


def test_the_queue_is_oldest_first_and_knows_what_is_overdue(post, arranged, moderator):
    first, second = (open_for(submit(post, f"{DARK} {n}")) for n in range(2))
    CareItem.objects.filter(pk=second.pk).update(opened_at=timezone.now() - timedelta(hours=5))
    assert [item.pk for item in care.queue(moderator)] == [second.pk, first.pk]
    assert list(CareItem.objects.overdue(4)) == [second]


def test_care_rows_are_in_the_way_of_no_decision(post, arranged, moderator):
    comment = submit(post)
    moderation.decide(comment.pk, "approve", moderator)
    care.close(open_for(comment).pk, "replied", moderator)
    moderation.undo(comment.pk, moderator)
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_a_queue_page_costs_the_same_queries_for_any_number(post, arranged, moderator, django_assert_num_queries):
    for number in range(12):
        submit(post, f"{DARK} {number}")
    list(care.queue(moderator)[:2])
    with django_assert_num_queries(2):
        for item in care.queue(moderator)[:20]:
            assert item.comment.post.title
            assert [signal.person for signal in item.signals.all()] == [None]


@pytest.mark.django_db(transaction=True)
def test_many_who_worry_at_once_open_one_item():
    comment = factories.comment(factories.post())
    opened = at_once(*(partial(worry, comment, key=f"network:{number}") for number in range(4)))
    assert opened == [CareItem.objects.get()] * 4
    assert CareSignal.objects.count() == 4


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
