"""Versions of the guidelines: published once, never changed; and who has to be told of what before they write."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from comments import guidelines
from comments.checks import guidelines_are_as_they_were_published
from comments.exceptions import Conflict, GuidelinesChanged, Refused
from comments.guidelines import Clause, consent, guards, published
from comments.models import Comment, EarlierAcceptance, GuidelineAcceptance, GuidelineClause, GuidelineVersion
from comments.viewers import Viewer
from storied.front import board
from tests import factories

pytestmark = pytest.mark.django_db

KIND = Clause("kind", "Be kind", "Be kind.", "Read twice before you answer.")
LINKS = Clause("links", "Links", "Few links.")


def reworded(number, **more):
    """The next version, in which one clause says something else."""
    return guidelines.publish([Clause("kind", "Be kind", f"Be kind, {number}."), LINKS], summary_of_change="x", **more)


def test_before_the_first_version_nothing_is_in_force():
    assert guidelines.current() is None
    assert guidelines.require_current(None, agreed=False) is None
    assert guidelines.clauses_for_choice() == []
    assert guidelines.clause_named("kind") is None


def test_versions_are_numbered_and_the_newest_is_in_force():
    first, second = factories.published_guidelines("Be kind"), factories.published_guidelines("Be kind", "No methods")
    assert (first.number, second.number) == (1, 2)
    assert guidelines.current() == second
    assert [version.number for version in guidelines.versions()] == [2, 1]
    assert first.digest != second.digest


def test_guidelines_without_a_clause_are_refused():
    with pytest.raises(Refused, match="at least one clause"):
        guidelines.publish([])


def test_what_cannot_be_printed_is_not_published():
    version = guidelines.publish([Clause("kind", "Be\u202e kind\n", "Be\x00 kind.", "One.\r\nTwo.")])
    clause = version.clauses.get()
    assert (clause.title, clause.short_point, clause.body) == ("Be kind", "Be kind.", "One.\nTwo.")
    assert published.tampered() == []


def test_who_expects_another_number_publishes_nothing():
    factories.published_guidelines()
    with pytest.raises(Conflict, match="published version 1 meanwhile"):
        guidelines.publish([KIND], expected=1)
    assert GuidelineVersion.objects.count() == 1


# --- Never changed -------------------------------------------------------------------------------------------


def test_the_models_say_so_in_words():
    version = factories.published_guidelines()
    version.body = "Other words."
    with pytest.raises(TypeError, match="publish the next"):
        version.save()
    with pytest.raises(TypeError, match="written once"):
        version.clauses.first().delete()


@pytest.fixture
def agreed():
    """A comment whose author has agreed to a version, twice."""
    version = guidelines.publish([KIND, LINKS])
    comment = factories.comment(factories.post())
    guidelines.record(comment, version, guidelines.SENTENCE, is_new=True)
    guidelines.record(comment, version, guidelines.SENTENCE, channel="edit")
    return comment


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE comments_guidelineversion SET body = 'Other words.'",
        "UPDATE comments_guidelineversion SET is_material = is_material",
        "DELETE FROM comments_guidelineversion",
        "UPDATE comments_guidelineclause SET title = 'Other words.'",
        "DELETE FROM comments_guidelineclause WHERE number = 2",
        "INSERT INTO comments_guidelineclause (version_id, key, number, title, short_point, body, body_html) "
        "SELECT version_id, 'more', 3, title, short_point, body, body_html FROM comments_guidelineclause",
        "UPDATE comments_guidelineacceptance SET sentence = 'I agree to all'",
        "DELETE FROM comments_guidelineacceptance",
        "UPDATE comments_earlieracceptance SET channel = 'form'",
        "DELETE FROM comments_earlieracceptance",
    ],
)
def test_the_database_refuses_changes_whoever_asks(agreed, statement):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_agreements_go_with_their_comment_and_with_its_article(agreed):
    other = factories.comment(agreed.post)
    guidelines.record(other, guidelines.current(), guidelines.SENTENCE, is_new=True)
    Comment.objects.get(pk=other.pk).delete()
    assert list(GuidelineAcceptance.objects.values_list("comment", flat=True)) == [agreed.pk]
    assert EarlierAcceptance.objects.count() == 1
    agreed.post.delete()
    assert not GuidelineAcceptance.objects.exists()
    assert not EarlierAcceptance.objects.exists()
    connection.check_constraints()


def test_the_guards_stand_after_all_migrations_and_come_back_when_they_are_lost():
    assert guards.are_set_up("default")
    assert guidelines_are_as_they_were_published(databases=["default"]) == []
    guards.lift("default")
    assert [warning.id for warning in guidelines_are_as_they_were_published(databases=["default"])] == ["comments.W011"]
    guards.set_up("default")
    assert guards.are_set_up("default")


def test_a_migration_lifts_the_guards_and_one_that_has_nothing_to_do_leaves_them():
    guards.before_migrations("default", plan=[])
    assert guards.are_set_up("default")
    guards.before_migrations("default", plan=["something"])
    assert not guards.are_set_up("default")
    guards.after_migrations("default")
    assert guards.are_set_up("default")


def test_what_was_tampered_with_is_found():
    first, second = guidelines.publish([KIND, LINKS]), guidelines.publish([KIND])
    guards.lift("default")
    try:
        GuidelineClause.objects.filter(version=first, key="links").update(short_point="Many links.")
        assert published.tampered() == [1]
        warnings = guidelines_are_as_they_were_published(databases=["default"])
        assert "Version 1 of the Commenting Guidelines is not what was published" in str(warnings[0])
        GuidelineClause.objects.create(version=second, key="more", number=9, title="More", short_point="More.")
        assert published.tampered() == [1, 2]
    finally:
        guards.set_up("default")


def test_nothing_is_checked_without_a_database():
    assert guidelines_are_as_they_were_published(databases=None) == []
    call_command("check", verbosity=0)


# --- Clauses that decisions name -----------------------------------------------------------------------------


def test_clauses_can_be_chosen_and_are_still_named_when_they_are_gone():
    guidelines.publish([LINKS, KIND])
    then = timezone.now()
    guidelines.publish([Clause("kind", "Kindness first", "Be kind."), Clause("privacy", "Privacy", "No names.")])
    assert [(c.number, c.key, c.title, c.short_point) for c in guidelines.clauses_for_choice()] == [
        (1, "kind", "Kindness first", "Be kind."), (2, "privacy", "Privacy", "No names."),
    ]  # fmt: skip
    now, before = guidelines.clause_named("kind"), guidelines.clause_named("kind", then)
    assert (now.title, now.path) == ("Kindness first", "/guidelines/#kind")
    assert (before.title, before.number, before.path) == ("Be kind", 2, "/guidelines/1/#kind")
    gone = guidelines.clause_named("links")
    assert (gone.title, gone.version, gone.is_in_force) == ("Links", 1, False)
    assert guidelines.clause_named("privacy", then).version == 2
    assert guidelines.clause_named("never there") is None


# --- Who has to be told --------------------------------------------------------------------------------------


def test_only_a_version_that_there_is_counts():
    factories.published_guidelines()
    assert guidelines.require_current(1, agreed=True).number == 1
    for shown in (None, 0, 2):
        with pytest.raises(GuidelinesChanged):
            guidelines.require_current(shown, agreed=True)
        assert guidelines.owed(shown, factories.guest()) is None


def test_a_material_change_is_shown_to_whoever_had_the_form_open():
    guidelines.publish([KIND, LINKS])
    reworded(2)
    with pytest.raises(GuidelinesChanged, match="since you opened this page"):
        guidelines.require_current(1, agreed=True)
    owed = guidelines.owed(1, Viewer())
    assert owed.since == 1
    assert [(change.kind, change.clause.key) for change in owed.difference.told] == [("changed", "kind")]
    assert guidelines.require_current(2, agreed=True, changes_seen=2).number == 2


def test_other_words_interrupt_nobody_and_what_stood_beside_the_form_is_what_was_agreed_to():
    guidelines.publish([KIND, LINKS])
    reworded(2, is_material=False)
    assert guidelines.require_current(1, agreed=True).number == 1
    assert guidelines.require_current(2, agreed=True).number == 2
    assert guidelines.owed(1, Viewer()) is None


def test_a_material_change_in_between_counts_whatever_followed():
    guidelines.publish([KIND, LINKS])
    reworded(2)
    reworded(3, is_material=False)
    with pytest.raises(GuidelinesChanged):
        guidelines.require_current(1, agreed=True)
    assert guidelines.require_current(2, agreed=True).number == 2
    owed = guidelines.owed(1, Viewer())
    assert owed.version.number == 3
    assert [version.number for version in owed.versions] == [2]


def wrote(writer, version, **fields):
    """A comment by this writer under a version of the guidelines."""
    fields = {"author": writer.user} if writer.is_member else {"guest_key": writer.guest_key}
    comment = factories.comment(factories.post(), **fields)
    guidelines.record(comment, version, guidelines.SENTENCE, is_new=True)
    return comment


@pytest.mark.parametrize("is_member", [True, False])
def test_who_wrote_under_an_older_version_is_shown_what_changed_since_though_the_form_is_new(is_member):
    writer = Viewer(factories.person()) if is_member else factories.guest()
    first = guidelines.publish([KIND, LINKS])
    wrote(writer, first)
    assert guidelines.require_current(1, agreed=True, writer=writer) == first
    reworded(2)
    reworded(3)
    with pytest.raises(GuidelinesChanged, match="since you last wrote here"):
        guidelines.require_current(3, agreed=True, writer=writer)
    assert guidelines.owed(3, writer).since == 1
    # Their own last version counts, not that of the page.
    assert guidelines.owed(2, writer).since == 1
    third = guidelines.require_current(3, agreed=True, writer=writer, changes_seen=3)
    wrote(writer, third)
    assert guidelines.require_current(3, agreed=True, writer=writer) == third
    assert guidelines.owed(3, writer) is None
    # A version that will come cannot be seen yet.
    reworded(4)
    with pytest.raises(GuidelinesChanged):
        guidelines.require_current(4, agreed=True, writer=writer, changes_seen=99)


def test_who_never_agreed_to_anything_has_nothing_to_compare():
    guidelines.publish([KIND, LINKS])
    newcomer, imported = Viewer(factories.person()), Viewer(factories.person())
    factories.comment(factories.post(), author=imported.user)
    reworded(2)
    for writer in (newcomer, imported, factories.guest(), Viewer()):
        assert guidelines.require_current(2, agreed=True, writer=writer).number == 2


def test_asking_costs_no_query_where_nothing_material_has_changed_and_one_for_each_writer_where_something_has(
    django_assert_num_queries,
):
    writer = Viewer(factories.person())
    first = guidelines.publish([KIND, LINKS])
    wrote(writer, first)
    # Inside the transaction of a change nothing is kept, and a test is one long transaction.
    board.end_all()
    guidelines.require_current(1, agreed=True, writer=writer)
    with django_assert_num_queries(0):
        guidelines.require_current(1, agreed=True, writer=writer)
    second = reworded(2)
    wrote(writer, second)
    board.end_all()
    guidelines.require_current(2, agreed=True, writer=writer)
    with django_assert_num_queries(0):
        guidelines.require_current(2, agreed=True, writer=writer)


def test_a_tick_is_asked_for_where_there_is_a_box():
    factories.published_guidelines()
    with pytest.raises(Refused, match="Please tick"):
        guidelines.require_current(1, agreed=False)


# --- What is kept --------------------------------------------------------------------------------------------


def test_a_new_comment_s_agreement_is_one_statement(django_assert_num_queries):
    version = factories.published_guidelines()
    comment = factories.comment(factories.post())
    with django_assert_num_queries(1) as statements:
        guidelines.record(comment, version, guidelines.SENTENCE, is_new=True)
    assert statements.captured_queries[0]["sql"].startswith("INSERT INTO")
    kept = GuidelineAcceptance.objects.get()
    assert (kept.comment, kept.version, kept.sentence, kept.channel) == (comment, version, guidelines.SENTENCE, "form")
    assert timezone.now() - kept.accepted_at < timedelta(minutes=1)


def test_an_edit_agrees_anew_and_what_was_agreed_to_before_is_kept():
    first = guidelines.publish([KIND, LINKS])
    comment = factories.comment(factories.post())
    guidelines.record(comment, first, guidelines.SENTENCE, is_new=True)
    before = GuidelineAcceptance.objects.get()
    second = reworded(2)
    guidelines.record(comment, second, guidelines.CHECKBOX_SENTENCE, channel="edit")
    guidelines.record(comment, second, guidelines.CHECKBOX_SENTENCE, channel="edit")
    now = GuidelineAcceptance.objects.get()
    assert (now.version, now.channel, now.sentence) == (second, "edit", guidelines.CHECKBOX_SENTENCE)
    earlier = guidelines.earlier(comment)
    assert [(kept.version.number, kept.channel) for kept in earlier] == [(1, "form"), (2, "edit")]
    assert (earlier[0].accepted_at, earlier[0].sentence) == (before.accepted_at, before.sentence)


def test_an_imported_comment_that_is_edited_has_an_agreement_from_then_on():
    version = factories.published_guidelines()
    comment = factories.comment(factories.post(), source="wordpress")
    guidelines.record(comment, version, guidelines.SENTENCE, channel="edit")
    assert GuidelineAcceptance.objects.get().channel == "edit"
    assert guidelines.earlier(comment) == []


def test_who_agreed_last_is_found_among_ten_thousand_by_an_index(django_assert_num_queries):
    version = factories.published_guidelines()
    post, writer = factories.post(), Viewer(factories.person())
    now = timezone.now()
    Comment.objects.bulk_create(
        Comment(
            post=post, author=writer.user if number % 100 == 0 else None, author_name="x", body="x", body_html="x",
            status="approved", created_at=now - timedelta(seconds=number), published_at=now, tree_id=number + 1, lft=1,
            rght=2, level=0,
        )
        for number in range(10_000)
    )  # fmt: skip
    rows = [
        GuidelineAcceptance(comment_id=pk, version=version, sentence="x")
        for pk in Comment.objects.values_list("pk", flat=True)
    ]
    GuidelineAcceptance.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with django_assert_num_queries(1) as statements:
        assert consent.last_agreed(writer) == 1
    with connection.cursor() as cursor:
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        cursor.execute(f"{explain} {statements.captured_queries[0]['sql']}")
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "author_history" in plan
    assert "SCAN comments_guidelineacceptance" not in plan
