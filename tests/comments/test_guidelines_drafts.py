"""The next version while it is being written: one draft, two owners, published once."""

from dataclasses import replace
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from comments import guidelines
from comments.exceptions import CommentsError, Conflict, Refused
from comments.guidelines import Clause, drafts
from comments.guidelines.drafts import DraftChanged, Words
from comments.models import GuidelineDraft, GuidelineVersion
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db

KIND, LINKS = Clause("kind", "Be kind", "Be kind.", "Read twice."), Clause("links", "Links", "Few links.")


@pytest.fixture
def owners():
    return factories.person("Ann", "owner"), factories.person("Ben", "owner")


def begun(by):
    guidelines.publish([KIND, LINKS], introduction="Welcome.")
    return drafts.begin(by)


def test_a_draft_begins_with_what_is_in_force_and_is_the_same_for_both_owners(owners):
    draft = begun(owners[0])
    assert drafts.words_of(draft) == Words("Welcome.", (KIND, LINKS))
    assert drafts.begin(owners[1]) == draft
    assert drafts.the_draft().changed_by == owners[0]


def test_a_site_without_guidelines_begins_with_those_that_come_along(owners):
    draft = drafts.begin(owners[0])
    assert [clause.key for clause in drafts.words_of(draft).clauses][:2] == ["kindness", "own-experience"]
    version = drafts.publish_draft(seen=1, expected=1, by=owners[0])
    assert (version.number, version.published_by, version.clauses.count()) == (1, "Ann", 6)
    assert drafts.the_draft() is None


def test_there_is_one_draft_whatever_happens(owners):
    begun(owners[0])
    with pytest.raises(IntegrityError), transaction.atomic():
        GuidelineDraft.objects.create(pk=2)


def test_who_saves_over_somebody_elses_words_learns_it_and_so_does_the_other(owners):
    ann, ben = owners
    draft = begun(ann)
    words = drafts.words_of(draft)
    first = drafts.save(replace(words, introduction="Ann's."), seen=1, by=ann)
    assert first.revision == 2
    with pytest.raises(DraftChanged, match="Ann has saved this draft since you opened it") as refusal:
        drafts.save(replace(words, introduction="Ben's."), seen=1, by=ben)
    assert refusal.value.draft.introduction == "Ann's."
    # Having read it, Ben saves over it; Ann learns that when she saves again.
    drafts.save(replace(words, introduction="Ben's."), seen=2, by=ben)
    with pytest.raises(DraftChanged, match="Ben has saved"):
        drafts.save(replace(words, introduction="Ann's again."), seen=2, by=ann)
    with pytest.raises(DraftChanged, match="You have saved this draft, in another window,"):
        drafts.save(words, seen=2, by=ben)
    assert drafts.the_draft().introduction == "Ben's."


def test_a_draft_survives_its_writer(owners):
    begun(owners[0])
    owners[0].delete()
    assert drafts.the_draft().changed_by is None
    with pytest.raises(DraftChanged, match="Somebody has saved"):
        drafts.discard(seen=7, by=owners[1])


def test_a_draft_is_published_as_it_was_read(owners):
    ann, ben = owners
    words = drafts.words_of(begun(ann))
    changed = replace(words, clauses=(LINKS, replace(KIND, title="Kindness")), summary_of_change="New order.")
    drafts.save(replace(changed, is_material=False), seen=1, by=ann)
    with pytest.raises(DraftChanged):
        drafts.publish_draft(seen=1, expected=2, by=ben)
    version = drafts.publish_draft(seen=2, expected=2, by=ben)
    assert (version.number, version.published_by, version.is_material) == (2, "Ben", False)
    assert version.summary_of_change == "New order."
    assert [(c.number, c.key, c.title) for c in version.clauses.all()] == [
        (1, "links", "Links"),
        (2, "kind", "Kindness"),
    ]
    assert guidelines.current() == version
    with pytest.raises(DraftChanged, match="Ben has published version 2 meanwhile"):
        drafts.save(changed, seen=2, by=ann)
    # Nothing typed is lost: it can begin the next draft.
    assert drafts.save(changed, seen=0, by=ann).revision == 1
    with pytest.raises(DraftChanged, match="Ann has saved"):
        drafts.save(changed, seen=0, by=ben)


def test_somebody_publishes_by_the_command_line_while_a_draft_is_written(owners):
    words = drafts.words_of(begun(owners[0]))
    drafts.save(replace(words, introduction="Mine.", summary_of_change="x"), seen=1, by=owners[0])
    guidelines.publish([KIND])
    with pytest.raises(Conflict, match="Somebody has published version 2 meanwhile. Nothing of yours was published"):
        drafts.publish_draft(seen=2, expected=2, by=owners[0])
    assert drafts.the_draft().introduction == "Mine."
    assert drafts.publish_draft(seen=2, expected=3, by=owners[0]).number == 3


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "nothing to publish"),
        ({"introduction": "Other."}, "Say in a sentence"),
        ({"clauses": (), "summary_of_change": "x"}, "at least one clause"),
        ({"clauses": (KIND, replace(LINKS, title="")), "summary_of_change": "x"}, "Clause 2 has no title yet"),
        ({"clauses": (replace(KIND, title="", short_point=""),)}, "Clause 1 has no title and no short point yet"),
        ({"clauses": (replace(KIND, body="Read\n\n twice."), LINKS), "summary_of_change": "x"}, "nothing to publish"),
    ],
)
def test_what_stands_in_the_way_is_said_and_cannot_be_passed(owners, change, said):
    words = drafts.words_of(begun(owners[0]))
    draft = drafts.save(replace(words, **change), seen=1, by=owners[0])
    assert any(said in problem for problem in drafts.problems(draft))
    with pytest.raises(Refused):
        drafts.publish_draft(seen=2, expected=2, by=owners[0])
    assert GuidelineVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("clause", "said"),
    [
        (replace(KIND, key="Not A Key"), "is no key"),
        (replace(KIND, key="-x"), "is no key"),
        (replace(KIND, key="worried"), "has another meaning here"),
        (replace(KIND, key="links"), "taken by another clause"),
        (replace(KIND, title="x" * 201), "title is longer than the 200"),
        (replace(KIND, short_point="x" * 301), "short point is longer"),
        (replace(KIND, body="x" * 10_001), "text is longer than the 10,000"),
        (replace(KIND, body="A\n## Line {#x}"), "begins with “## ”"),
    ],
)
def test_what_cannot_be_saved_is_said(clause, said):
    found = drafts.what_is_wrong(Words("", (LINKS, clause)))
    assert len(found) == 1
    assert found[0].startswith("Clause 2: ")
    assert said in found[0]


def test_too_many_clauses_or_a_heading_before_them_cannot_be_saved():
    many = tuple(replace(KIND, key=f"k{number}") for number in range(31))
    assert drafts.what_is_wrong(Words("", many)) == ["That is more than 30 clauses: nobody reads so many."]
    assert "begins a clause" in drafts.what_is_wrong(Words("## Hello", (KIND,)))[0]
    assert drafts.what_is_wrong(Words("", (KIND, LINKS))) == []


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        ("1 2 3 4 5", "ABCDE"),
        ("1 2 3 4 2", "AEBCD"),  # the fifth to the second place
        ("1 5 3 4 5", "ACDEB"),  # the second to the fifth
        ("4 2 3 1 5", "DBCAE"),  # first and fourth change places
        ("2 3 4 5 1", "EABCD"),
        ("5 4 3 2 1", "EDCBA"),
        ("1 2 99 4 5", "ABDEC"),
        ("1 1 1 4 5", "BCADE"),
    ],
)
def test_a_clause_goes_where_its_number_says(numbers, order):
    rows = [(place, int(number), "ABCDE"[place - 1]) for place, number in enumerate(numbers.split(), start=1)]
    assert "".join(drafts.in_order(rows)) == order


def test_a_new_clause_gets_a_key_that_none_ever_had_and_an_old_one_keeps_its_own():
    guidelines.publish([KIND, LINKS])
    guidelines.publish([KIND])
    made = drafts.with_keys(
        [
            Clause("", "Be kind", "Retyped without its key."), Clause("", "Links", "Not the links of then."),
            Clause("", "Links", "And again."), Clause("", "Другое", "Letters that no key has."),
            Clause("", "other", "A word with another meaning."), Clause("links", "Links are back", "Said so."),
        ]
    )  # fmt: skip
    assert [clause.key for clause in made] == ["kind", "links-2", "links-3", "clause", "other-2", "links"]
    assert drafts.what_is_wrong(Words("", tuple(made))) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("there_is_one", [True, False])
def test_of_two_who_publish_at_once_one_gets_the_next_number_and_the_other_is_told(owners, there_is_one):
    if there_is_one:
        guidelines.publish([KIND])
    draft = drafts.begin(owners[0])
    words = replace(drafts.words_of(draft), clauses=(KIND, LINKS), summary_of_change="Links.")
    drafts.save(words, seen=1, by=owners[0])
    number = GuidelineVersion.objects.count() + 1
    outcomes = at_once(*(partial(drafts.publish_draft, seen=2, expected=number, by=owner) for owner in owners))
    told = [str(outcome) for outcome in outcomes if isinstance(outcome, CommentsError)]
    assert len(told) == 1
    published = next(outcome for outcome in outcomes if isinstance(outcome, GuidelineVersion))
    assert f"{published.published_by} has published version {number} meanwhile" in told[0]
    assert GuidelineVersion.objects.count() == number
    assert drafts.the_draft() is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("there_is_one", [True, False])
def test_of_two_commands_at_once_both_publish_or_one_is_told(there_is_one):
    if there_is_one:
        guidelines.publish([KIND])
    outcomes = at_once(lambda: guidelines.publish([KIND]), lambda: guidelines.publish([LINKS]))
    numbers = sorted(outcome.number for outcome in outcomes if isinstance(outcome, GuidelineVersion))
    assert all(isinstance(outcome, GuidelineVersion | Conflict) for outcome in outcomes), outcomes
    assert numbers == list(range(1, 3))[: len(numbers)] if not there_is_one else numbers in ([2], [2, 3])
    assert GuidelineVersion.objects.count() == len(numbers) + there_is_one


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_told(owners):
    words = drafts.words_of(begun(owners[0]))
    outcomes = at_once(
        *(partial(drafts.save, replace(words, introduction=owner.display_name), seen=1, by=owner) for owner in owners)
    )
    assert sorted(isinstance(outcome, DraftChanged) for outcome in outcomes) == [False, True]
