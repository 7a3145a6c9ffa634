"""Submitting, editing and withdrawing: what is taken in and kept, and that nothing is taken twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from comments import submission
from comments.events import CommentPublished, CommentSubmitted
from comments.exceptions import AlreadyThere, CommentsError
from comments.models import Comment, Discussion, GuidelineAcceptance, ModerationLogEntry
from comments.viewers import Viewer
from tests import factories

from .conftest import known_guest, reasons, with_rules

pytestmark = pytest.mark.django_db


# --- The ordinary way ---------------------------------------------------------------------------------------


def test_a_newcomer_is_held_and_the_next_comment_after_an_approved_one_is_not(post):
    guest = factories.guest()
    first = submission.submit(factories.draft(post, viewer=guest))
    assert (first.status, reasons(first)) == ("pending", ["newcomer"])
    from comments import status

    status.change_status(first.pk, "approve", actor=factories.person(role="moderator"))
    assert submission.submit(factories.draft(post, viewer=guest)).status == "approved"


def test_typing_the_name_and_address_of_a_known_guest_gives_no_trust(post):
    factories.comment(post, author_name="Judy", author_email="judy@example.org", guest_key="somebody's browser")
    again = submission.submit(factories.draft(post, name="Judy", email="judy@example.org"))
    assert again.status == "pending"


def test_a_comment_keeps_its_source_its_html_and_its_place(post):
    parent = factories.comment(post)
    comment = submission.submit(factories.draft(post, "Some *words*.", parent_id=parent.pk))
    comment.refresh_from_db()
    assert comment.body == "Some *words*."
    assert comment.body_html == "<p>Some <em>words</em>.</p>"
    assert (comment.parent, comment.level) == (parent, 1)


def test_the_acceptance_says_version_sentence_time_and_channel(post):
    comment = submission.submit(factories.draft(post))
    acceptance = GuidelineAcceptance.objects.get(comment=comment)
    assert acceptance.version.number == 1
    assert acceptance.sentence.startswith("By clicking the Submit button below you agree")
    assert acceptance.channel == "form"
    assert timezone.now() - acceptance.accepted_at < timedelta(minutes=1)


def test_the_first_log_entry_names_the_rules_that_fired(post):
    comment = submission.submit(factories.draft(post))
    entry = ModerationLogEntry.objects.get(comment=comment)
    assert (entry.action, entry.old, entry.new, entry.by_author) == ("submit", "", "pending", True)
    assert [rule["code"] for rule in entry.rules] == ["newcomer"]


def test_a_published_comment_is_announced_and_counted(post, announced):
    submission.submit(factories.draft(post, viewer=Viewer(post.author)))
    assert announced.kinds() == [CommentSubmitted, CommentPublished]
    assert Discussion.objects.get(post=post).comment_count == 1


def test_a_held_comment_is_not_counted_and_not_published(post, announced):
    submission.submit(factories.draft(post))
    assert announced.kinds() == [CommentSubmitted]
    assert Discussion.objects.get(post=post).comment_count == 0


def test_a_guest_leaves_no_raw_network_address(post):
    comment = submission.submit(factories.draft(post, network="0123456789abcdef0123456789abcdef"))
    assert comment.network == "0123456789abcdef0123456789abcdef"


def test_the_same_draft_sent_twice_is_one_comment(post):
    draft = factories.draft(post)
    first, second = submission.submit(draft), submission.submit(draft)
    assert first.pk == second.pk
    assert Comment.objects.count() == 1
    assert ModerationLogEntry.objects.count() == 1


def test_somebody_else_who_types_the_same_is_told_and_gets_nothing_of_it(post):
    first = factories.draft(post, "Thanks!", name="Anna", email="", network="a" * 32)
    submission.submit(first)
    with pytest.raises(AlreadyThere):
        submission.submit(replace(first, viewer=factories.guest(), network="b" * 32))
    again = submission.submit(replace(first, viewer=factories.guest()))  # a double click, the browser still unknown
    assert again.author_name == "Anna"
    assert Comment.objects.count() == 1


def test_what_was_withdrawn_can_be_said_again(post):
    draft = factories.draft(post)
    first = submission.submit(draft)
    submission.withdraw(first, draft.viewer)
    assert submission.submit(draft).pk != first.pk


# --- Edit and withdraw --------------------------------------------------------------------------------------


def edited(comment, draft, body, **options):
    version = draft.guidelines_version
    new = replace(draft, body=body, guidelines_version=version)
    return submission.edit(comment, new, seen_revision=comment.revision, **options)


def test_a_waiting_comment_can_be_edited_and_keeps_its_old_text(post):
    draft = factories.draft(post, "First words.")
    comment = edited(submission.submit(draft), draft, "Second words.")
    comment.refresh_from_db()
    assert (comment.body, comment.revision, comment.status) == ("Second words.", 2, "pending")
    assert comment.body_html == "<p>Second words.</p>"
    assert [r.body for r in comment.revisions.all()] == ["First words."]
    assert comment.acceptance.channel == "edit"


def test_a_published_comment_can_be_edited_for_a_while(post):
    viewer = Viewer(factories.person(standing="trusted"))
    draft = factories.draft(post, viewer=viewer)
    comment = submission.submit(draft)
    assert edited(comment, draft, "Better words.").is_approved
    Comment.objects.filter(pk=comment.pk).update(published_at=timezone.now() - timedelta(minutes=16))
    comment.refresh_from_db()
    with pytest.raises(CommentsError, match="15 minutes"):
        edited(comment, draft, "Even better words.")
    with_rules(edit_minutes=0)
    with pytest.raises(CommentsError, match="can no longer be edited once it is published"):
        edited(comment, draft, "Even better words.")


def test_an_edit_that_the_rules_doubt_is_held_again(post, announced):
    factories.watched("cure")
    viewer = Viewer(factories.person(standing="trusted"))
    draft = factories.draft(post, viewer=viewer)
    comment = edited(submission.submit(draft), draft, "Buy this cure.")
    assert comment.status == "pending"
    assert Discussion.objects.get(post=post).comment_count == 0
    assert ModerationLogEntry.objects.get(comment=comment, action="hold").rules[0]["code"] == "edited"


def test_nobody_edits_or_withdraws_what_others_wrote(post):
    draft = factories.draft(post)
    comment = submission.submit(draft)
    for stranger in (factories.guest(), Viewer(factories.person()), Viewer(factories.person(role="moderator"))):
        with pytest.raises(CommentsError, match="yourself"):
            edited(comment, replace(draft, viewer=stranger), "Other words.")
        with pytest.raises(CommentsError, match="yourself"):
            submission.withdraw(comment, stranger)


def test_two_windows_do_not_overwrite_each_other(post):
    draft = factories.draft(post)
    comment = submission.submit(draft)
    edited(comment, draft, "From the first window.")
    with pytest.raises(CommentsError, match="another window"):
        submission.edit(comment, replace(draft, body="From the second."), seen_revision=1)


def test_withdrawing_twice_is_quiet(post):
    draft = factories.draft(post)
    comment = submission.withdraw(submission.submit(draft), draft.viewer)
    assert comment.status == "withdrawn"
    assert submission.withdraw(comment, draft.viewer).status == "withdrawn"
    assert ModerationLogEntry.objects.filter(comment=comment, action="withdraw").count() == 1


# --- What it costs ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_submit_costs_the_same_few_statements_however_long_the_discussion_is(post, django_assert_num_queries):
    guest = known_guest(post)
    submission.submit(factories.draft(post, "Makes this process know rules, words and guidelines.", viewer=guest))
    for body in ("first", "second"):
        parent = factories.comment(post)
        for _ in range(10 if body == "first" else 40):
            factories.comment(post, parent=parent)
        draft = factories.draft(post, f"The {body} answer.", viewer=guest, parent_id=parent.pk, network="a network")
        # Begin, parent (and on PostgreSQL a turn for the name, and the thread), discussion, name, floods, newcomer,
        # room, comment, consent, log, counts, who wants mail, search, end.
        with django_assert_num_queries(14 + 2 * (connection.vendor == "postgresql")):
            assert submission.submit(draft).is_approved
