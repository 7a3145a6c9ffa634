"""The log is written once: the database says so, and the one exception leaves its own trace."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from comments import checks, log, moderation, status
from comments.exceptions import CommentsError
from comments.models import Comment, LogCorrection, ModerationLogEntry
from comments.moderation.appeals import WordsAreMissing
from comments.viewers import Viewer
from storied import written_once
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post()


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod", "moderator"))


@pytest.fixture
def other():
    return Viewer(factories.person("Other", "moderator"))


def entries(**which):
    return ModerationLogEntry.objects.filter(**which)


def earlier(seconds):
    """The log as if it had been written so much earlier."""
    with log.corrected("a test needs the past"):
        for entry in entries():
            entries(pk=entry.pk).update(at=entry.at - timedelta(seconds=seconds))


# --- The database refuses -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE comments_moderationlogentry SET reason = 'other words'",
        "UPDATE comments_moderationlogentry SET actor_id = NULL",
        "UPDATE comments_moderationlogentry SET comment_id = NULL",
        "DELETE FROM comments_moderationlogentry",
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(post, statement):
    factories.comment(post)
    before = list(entries().values())
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(entries().values()) == before


def test_querysets_are_refused_as_well(post):
    factories.comment(post)
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        entries().update(reason="other words")
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
        entries().delete()


def test_an_account_and_a_comment_can_go_and_the_entries_stay_as_they_are(post, moderator):
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "approve", moderator)
    before = list(entries().order_by("pk").values())
    number = comment.pk
    comment.delete()
    moderator.user.emailaddress_set.all().delete()
    moderator.user.delete()
    assert list(entries().order_by("pk").values()) == before
    entry = entries(action="approve").select_related("comment", "actor").get()
    assert (entry.comment, entry.actor, entry.comment_id, entry.actor_name) == (None, None, number, "Mod")


def test_an_authors_name_is_not_kept_in_the_log(post):
    author = factories.person("Ruth")
    comment = factories.comment(post, author=author)
    status.change_status(comment.pk, "withdraw", actor=author)
    assert set(entries().values_list("actor_name", "by_author", "actor_id")) == {("", True, author.pk)}


def test_retention_has_one_way_and_it_is_on_record(post, moderator):
    factories.comment(post)
    with log.corrected("Older than two years", by=moderator.user):
        entries().update(reason="")
        entries().delete()
    assert not entries().exists()
    kept = LogCorrection.objects.get()
    assert (kept.why, kept.by_name, kept.is_open) == ("Older than two years", "Mod", False)
    factories.comment(post)
    with pytest.raises(DatabaseError), transaction.atomic():
        entries().delete()


def test_a_correction_that_fails_leaves_the_log_closed_and_as_it_was(post):
    factories.comment(post)

    def correct_wrongly():
        with log.corrected("A mistake"):
            entries().delete()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        correct_wrongly()
    assert entries().exists()
    assert not LogCorrection.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        entries().delete()


def test_a_correction_says_why():
    with pytest.raises(log.NoReason), log.corrected(" "):
        pass


def test_the_guard_is_lifted_for_migrations_and_comes_back_after_them():
    assert written_once.is_protected(connection, log.TABLE)
    log.let_migrations_pass("default", plan=[])
    assert written_once.is_protected(connection, log.TABLE)
    log.let_migrations_pass("default", plan=[("a migration", False)])
    assert not written_once.is_protected(connection, log.TABLE)
    log.keep_written_once("default")
    log.keep_written_once("default")
    assert written_once.is_protected(connection, log.TABLE)


@pytest.mark.parametrize("table", log.WRITTEN_ONCE)
def test_each_log_that_the_database_does_not_guard_is_warned_of(table):
    assert checks.log_is_written_once(["default"]) == []
    written_once.release(connection, table)
    assert [warning.id for warning in checks.log_is_written_once(["default"])] == ["comments.W012"]
    written_once.protect(connection, table, unless=log.UNLESS)


# --- What an entry says -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "queries"), [("pending", 1), ("approved", 2)])
def test_the_first_entry_costs_one_statement_and_the_counts_another(post, state, queries, django_assert_num_queries):
    comment = factories.comment(post, status="withdrawn")
    comment.status = state
    with transaction.atomic(), django_assert_num_queries(queries):
        status.begin(comment)


def test_a_decision_says_who_when_from_to_why_and_on_which_text(post, moderator):
    comment = factories.comment(post, status="pending", revision=3)
    moderation.decide(
        comment.pk, "reject", moderator, clause="privacy", reason="It names your neighbour.", note="The second time."
    )
    entry = entries(action="reject").get()
    assert (entry.actor, entry.actor_name, entry.by_author) == (moderator.user, "Mod", False)
    assert (entry.old, entry.new, entry.revision) == ("pending", "rejected", 3)
    assert (entry.clause, entry.reason, entry.note) == ("privacy", "It names your neighbour.", "The second time.")
    assert timezone.now() - entry.at < timedelta(minutes=1)


def test_a_decision_on_many_has_one_row_that_those_of_the_comments_point_to(post, moderator):
    waiting = [factories.comment(post, status="pending") for _ in range(3)]
    gone = factories.comment(post, status="withdrawn")
    pks = [comment.pk for comment in (gone, *waiting)]
    batch, _ = moderation.decide_all(pks, "reject", moderator, reason="Enough of this.", clause="kind")
    whole = entries(comment=None).get()
    assert (whole.action, whole.count, whole.reason, whole.clause, whole.batch) == (
        "reject", 4, "Enough of this.", "kind", batch,
    )  # fmt: skip
    assert set(whole.parts.values_list("comment", flat=True)) == {comment.pk for comment in waiting}


def test_a_decision_on_many_that_changes_nothing_leaves_no_row(post, moderator, other):
    withdrawn = [factories.comment(post, status="withdrawn").pk for _ in range(2)]
    moderation.decide_all(withdrawn, "approve", moderator)
    approved = [factories.comment(post, status="pending").pk for _ in range(2)]
    moderation.decide_all(approved, "approve", other)
    before = entries().count()
    _, outcomes = moderation.decide_all(approved, "approve", moderator)
    assert entries().count() == before
    assert [(outcome.error, "Other" in outcome.was_first) for outcome in outcomes] == [("", True)] * 2


def test_one_comment_alone_is_no_bulk_decision(post, moderator):
    moderation.decide_all([factories.comment(post, status="pending").pk], "approve", moderator)
    assert not entries(comment=None).exists()


def test_a_move_is_no_change_of_status(post, moderator):
    parent, comment = factories.comment(post), factories.comment(post)
    moderation.move(comment.pk, parent.pk, moderator)
    assert entries(comment=comment).of_status().get().action == "submit"


# --- Who was first ------------------------------------------------------------------------------------------


def test_the_second_of_two_learns_who_decided_what_and_for_which_clause(post, moderator, other):
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "reject", moderator, clause="privacy")
    with pytest.raises(status.NoSuchTransition, match="“declined” now, by Mod \\(clause privacy\\)"):
        moderation.decide(comment.pk, "hold", other)


def test_who_decides_the_same_is_told_and_nothing_is_written(post, moderator, other):
    comment = factories.comment(post, status="pending")
    moderation.decide_all([comment.pk], "approve", moderator)
    before = entries().count()
    outcome = moderation.decide_all([comment.pk], "approve", other)[1][0]
    assert (outcome.error, outcome.was_first) == ("", "It is “published” now, by Mod, already.")
    assert entries().count() == before


# --- Taking back --------------------------------------------------------------------------------------------


def test_a_decision_is_undone_by_who_made_it_without_words_for_thirty_seconds(post, moderator, other):
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "reject", moderator)
    with pytest.raises(status.NoSuchTransition, match="by Mod"):
        moderation.undo(comment.pk, other)
    earlier(29)
    assert moderation.undo(comment.pk, moderator).status == "pending"
    moderation.decide(comment.pk, "reject", moderator)
    earlier(31)
    with pytest.raises(status.NoSuchTransition, match="30 seconds"):
        moderation.undo(comment.pk, moderator)


def test_a_bulk_decision_can_be_undone_until_thirty_seconds_after_its_end(post, moderator):
    first = factories.comment(post, status="pending")
    second = factories.comment(post, status="pending")
    batch, _ = moderation.decide_all([first.pk, second.pk], "approve", moderator)
    with log.corrected("a slow machine"):
        entry = entries(comment=first, action="approve").get()
        entries(pk=entry.pk).update(at=entry.at - timedelta(seconds=50))
    assert [outcome.error for outcome in moderation.undo_all(batch, moderator)] == ["", ""]
    assert [outcome.error != "" for outcome in moderation.undo_all(batch, moderator)][:2] == [True, True]


@pytest.mark.parametrize(
    ("refuse", "back", "state"), [("reject", "approve", "pending"), ("remove", "restore", "approved")]
)
def test_later_a_decision_is_reversed_with_words_as_a_decision_of_its_own(post, moderator, other, refuse, back, state):
    comment = factories.comment(post, status=state)
    moderation.decide(comment.pk, refuse, moderator)
    with pytest.raises(WordsAreMissing, match="decided by Mod"):
        moderation.decide(comment.pk, back, other)
    moderation.decide(comment.pk, back, other, note="I read it otherwise.")
    entry = entries(action=back).get()
    assert (entry.actor, entry.new, entry.note) == (other.user, "approved", "I read it otherwise.")


def test_what_the_rules_set_aside_needs_no_words(post, moderator):
    comment = factories.comment(post, status="spam")
    assert moderation.decide(comment.pk, "approve", moderator).is_approved


def test_an_undone_restoration_says_again_for_which_clause_it_was_removed(post, moderator):
    factories.published_guidelines("Be kind", "Speak for yourself")
    comment = factories.comment(post)
    moderation.decide(comment.pk, "remove", moderator, clause="speak-for-yourself")
    moderation.decide(comment.pk, "restore", moderator, note="x")
    assert Comment.objects.get(pk=comment.pk).gone_note == ""
    moderation.undo(comment.pk, moderator)
    assert Comment.objects.get(pk=comment.pk).gone_note == "by a moderator: clause 2, Speak for yourself"


# --- What stands in its place -------------------------------------------------------------------------------


def test_a_placeholder_says_by_whom_and_for_which_clause(post, moderator, client):
    factories.published_guidelines("Be kind", "Speak <for> yourself")
    for viewer, by in ((moderator, "by a moderator"), (Viewer(post.author), "by the author of the article")):
        comment = factories.comment(post)
        factories.comment(post, parent=comment)
        moderation.decide(comment.pk, "remove", viewer, clause="speak-<for>-yourself")
        assert Comment.objects.get(pk=comment.pk).gone_note == f"{by}: clause 2, Speak <for> yourself"
        page = client.get(post.get_absolute_url()).text
        assert f"This comment was removed {by}: clause 2, Speak &lt;for&gt; yourself." in page


def test_what_its_author_withdrew_says_so(post, client):
    comment = factories.comment(post)
    factories.comment(post, parent=comment)
    status.change_status(comment.pk, "withdraw")
    assert "This comment was withdrawn by its author." in client.get(post.get_absolute_url()).text


def test_what_was_never_public_has_no_note(post, moderator):
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "reject", moderator, clause="be-kind")
    assert Comment.objects.get(pk=comment.pk).gone_note == ""


def test_no_decision_is_made_by_who_may_not(post):
    waiting = [factories.comment(post, status="pending").pk for _ in range(2)]
    for nobody in (Viewer(factories.person()), factories.guest()):
        _, outcomes = moderation.decide_all(waiting, "approve", nobody)
        assert all(outcome.error for outcome in outcomes)
        with pytest.raises(CommentsError):
            moderation.decide(waiting[0], "remove_branch", nobody)
    assert not entries().exclude(action="submit").exists()
