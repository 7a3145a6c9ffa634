"""Notes on people, restrictions that end by themselves, and what of a person nobody sees without saying so."""

import contextlib
import threading
from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import log, moderation, submission
from comments.exceptions import CommentsError, Gone, NotAllowed, Refused
from comments.models import Comment, DeskLogEntry, Person, PersonNote, Restriction
from comments.moderation import people, roles
from comments.viewers import Viewer
from storied.accounts.models import User
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture(params=["member", "guest"])
def writer(request, post):
    """Somebody who has been published before, so that nothing but a restriction holds them."""
    if request.param == "member":
        viewer = Viewer(factories.person("Ann"))
        factories.comment(post, author=viewer.user)
    else:
        viewer = factories.guest()
        factories.comment(post, guest_key=viewer.guest_key, author_name="Ann", author_email="ann@example.org")
    return viewer


def person_of(viewer):
    return Person.of_viewer(viewer)


def soon(**span):
    return timezone.now() + timedelta(**span)


# --- Restrictions -------------------------------------------------------------------------------------------


def test_an_account_that_was_erased_meanwhile_is_said_to_be_gone(moderator):
    owner, account = Viewer(factories.person("Host", "owner")), factories.person("Ann")
    person = Person(account.pk)
    ban = people.restrict(person, "ban", moderator, reason="Spam.")
    User.objects.filter(pk=account.pk).delete()
    for act in (
        lambda: people.restrict(person, "hold", moderator, reason="x"),
        lambda: people.add_note(person, moderator, "A note."),
        lambda: people.lift(ban.pk, moderator),
        lambda: roles.set_role(account, "moderator", owner),
    ):
        with pytest.raises(Gone, match="no longer exists"):
            act()
    assert not Restriction.objects.exists()


def test_who_is_always_held_is_held_and_others_are_not(post, writer, moderator):
    people.restrict(person_of(writer), "hold", moderator, reason="Talked about it.")
    held = submission.submit(factories.draft(post, viewer=writer))
    assert [reason["code"] for reason in held.reasons] == ["always_held"]
    other = Viewer(factories.person(standing="trusted"))
    assert submission.submit(factories.draft(post, viewer=other)).is_approved


def test_who_is_muted_reads_until_when_and_can_write_after_it(post, writer, moderator):
    until = timezone.now().replace(hour=12, minute=30) + timedelta(days=3)
    people.restrict(person_of(writer), "mute", moderator, reason="A quarrel.", words="Sleep on it?", until=until)
    with pytest.raises(Refused) as refused:
        submission.submit(factories.draft(post, viewer=writer))
    assert refused.value.code == "muted"
    assert f"{timezone.localtime(until):%H:%M}" in refused.value.message
    assert "“Sleep on it?”" in refused.value.message
    assert "A quarrel" not in refused.value.message
    with time_machine.travel(until + timedelta(seconds=1)):
        assert submission.submit(factories.draft(post, viewer=writer)).is_approved


def test_who_is_banned_neither_writes_nor_edits_but_still_withdraws(post, writer, moderator):
    draft = factories.draft(post, viewer=writer)
    mine = submission.submit(draft)
    people.restrict(person_of(writer), "ban", moderator, reason="Spam.")
    with pytest.raises(Refused, match="can no longer write here"):
        submission.submit(factories.draft(post, viewer=writer))
    with pytest.raises(Refused, match="you can still withdraw it"):
        submission.edit(mine, factories.draft(post, "Other words.", viewer=writer), seen_revision=1)
    assert submission.withdraw(mine, writer).status == "withdrawn"


def test_a_restriction_that_is_lifted_or_over_restricts_nobody(post, writer, moderator):
    ban = people.restrict(person_of(writer), "ban", moderator, reason="A mistake.")
    hold = people.restrict(person_of(writer), "hold", moderator, reason="For a day.", until=soon(days=1))
    people.lift(ban.pk, moderator, reason="It was a mistake.")
    assert submission.submit(factories.draft(post, viewer=writer)).status == "pending"
    with time_machine.travel(soon(days=2)):
        assert not Restriction.objects.get(pk=hold.pk).is_in_force
        assert submission.submit(factories.draft(post, viewer=writer)).is_approved
    ban.refresh_from_db()
    assert (ban.is_in_force, ban.lifted_by, ban.lifted_by_name) == (False, moderator.user, "Mod")


def test_lifting_twice_is_one_act(writer, moderator):
    ban = people.restrict(person_of(writer), "ban", moderator, reason="Spam.")
    first = people.lift(ban.pk, moderator).lifted_at
    assert people.lift(ban.pk, moderator).lifted_at == first
    assert [act.action for act in people.acts_on(person_of(writer))] == ["lift", "restrict_ban"]


def test_a_restriction_of_the_same_kind_is_replaced_and_one_of_another_stays(writer, moderator):
    person = person_of(writer)
    people.restrict(person, "hold", moderator, reason="One.")
    people.restrict(person, "mute", moderator, reason="Two.", until=soon(days=1))
    people.restrict(person, "hold", moderator, reason="Three.", until=soon(days=7))
    assert {r.reason for r in Restriction.objects.in_force().on(person)} == {"Two.", "Three."}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "mute"}, "until"), ({"kind": "mute", "until": timedelta(days=400)}, "until"),
        ({"kind": "ban", "until": timedelta(days=-1)}, "until"), ({"kind": "ban", "reason": "  "}, "reason"),
        ({"kind": "shadow_ban"}, ""),
    ],
)  # fmt: skip
def test_a_restriction_needs_a_reason_and_a_mute_an_end(writer, moderator, said, field):
    said = dict(said)
    until = said.pop("until", None)
    with pytest.raises(CommentsError) as refused:
        people.restrict(
            person_of(writer), viewer=moderator, **{"reason": "Why."} | said, until=until and timezone.now() + until
        )
    assert refused.value.field == field
    assert not Restriction.objects.exists()


def test_only_moderators_of_the_whole_site_note_restrict_lift_and_look(post, writer, moderator):
    ban = people.restrict(person_of(writer), "hold", moderator, reason="Why.")
    someone = person_of(writer)
    for nobody in (Viewer(factories.person()), factories.guest(), Viewer(factories.post().author)):
        for act in (
            lambda viewer: people.add_note(someone, viewer, "x"),
            lambda viewer: people.restrict(someone, "ban", viewer, reason="x"),
            lambda viewer: people.lift(ban.pk, viewer),
            lambda viewer: people.see_contact(someone, viewer),
            lambda viewer: people.find("Ann", viewer),
            lambda viewer: people.restricted(viewer),
        ):
            with pytest.raises(NotAllowed):
                act(nobody)
    assert PersonNote.objects.count() == 0
    assert Restriction.objects.get().is_in_force


def test_nobody_restricts_who_moderates(post, moderator):
    for account in (moderator.user, post.author, factories.person(role="moderator")):
        with pytest.raises(NotAllowed, match="role away first"):
            people.restrict(Person(account.pk), "ban", moderator, reason="x")


def test_the_database_knows_that_a_restriction_is_on_one_person_and_a_mute_ends():
    for wrong in (
        {"kind": "ban"}, {"kind": "ban", "account": factories.person(), "guest_key": "a" * 40},
        {"kind": "mute", "guest_key": "a" * 40},
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            Restriction.objects.create(reason="x", **wrong)


@pytest.mark.django_db(transaction=True)
def test_a_submit_asks_for_restrictions_only_of_who_ever_had_one(post, writer, moderator):
    def questions(viewer):
        with CaptureQueriesContext(connection) as asked:
            submission.submit(factories.draft(post, viewer=viewer))
        return sum("comments_restriction" in query["sql"] for query in asked), sum(
            "comments_block" in query["sql"] for query in asked
        )

    other = Viewer(factories.person(standing="trusted"))
    people.restrict(person_of(other), "hold", moderator, reason="x")
    questions(writer)  # fills the memory
    assert questions(writer) == (0, 0)
    assert questions(other) == (1, 0)
    assert questions(writer) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_of_two_restrictions_of_a_kind_at_once_one_stays_in_force(writer, monkeypatch):
    person, end, together = person_of(writer), people._end, threading.Barrier(2)

    def end_together(before, viewer):
        end(before, viewer)
        # Whoever has to wait for the first does not come.
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(2)

    monkeypatch.setattr(people, "_end", end_together)
    moderators = [Viewer(factories.person(f"Mod {n}", "moderator")) for n in range(2)]
    made = at_once(*(partial(people.restrict, person, "ban", viewer, reason="Spam.") for viewer in moderators))
    assert all(isinstance(outcome, Restriction) for outcome in made), made
    assert Restriction.objects.on(person).count() == 2
    assert len(Restriction.objects.in_force().on(person)) == 1
    assert DeskLogEntry.objects.filter(action="restrict_ban").count() == 2


# --- Notes and the record -----------------------------------------------------------------------------------


def test_notes_are_kept_with_who_and_when_and_never_changed(writer, moderator):
    note = people.add_note(person_of(writer), moderator, "Wrote to us in March.")
    assert (note.by_name, note.person) == ("Mod", person_of(writer))
    note.words = "Something else."
    with pytest.raises(TypeError):
        note.save()
    with pytest.raises(CommentsError):
        people.add_note(person_of(writer), moderator, " \n ")
    name = moderator.user.display_name
    moderator.user.delete()
    assert PersonNote.objects.get().by_name == name


def test_the_record_counts_what_became_of_comments_and_reports(post, writer, moderator):
    whose = {"author": writer.user} if writer.is_member else {"guest_key": writer.guest_key}
    for state in ("pending", "rejected", "rejected", "spam"):
        factories.comment(post, status=state, author_name="Ann", **whose)
    reported = factories.comment(post, author_name="Anna", **whose)
    for key in "ab":
        moderation.flag(reported.pk, factories.guest(), reporter_key=key, reason="unkind")
    moderation.decide(reported.pk, "remove", moderator)
    factories.comment(post, author_name="Somebody else", guest_key="f" * 40)
    record = people.record_of(person_of(writer))
    assert record.statuses == {"pending": 1, "approved": 1, "rejected": 2, "removed": 1, "spam": 1}
    assert (record.flags_upheld, record.flags_dismissed) == (1, 0)
    assert record.names == ["Anna"] if record.name == "Ann" else record.names == ["Ann"]
    assert people.record_of(Person(guest_key="e" * 40)) is None
    assert people.record_of(Person(10**9)) is None


def test_a_page_of_cards_has_the_briefs_in_three_queries(post, writer, moderator, django_assert_num_queries):
    people.add_note(person_of(writer), moderator, "One.")
    people.add_note(person_of(writer), moderator, "Two.")
    people.restrict(person_of(writer), "hold", moderator, reason="x")
    comments = [*Comment.objects.all(), *(factories.comment(post) for _ in range(20))]
    with django_assert_num_queries(3):
        briefs = people.briefs(comments)
    assert [(brief.notes, len(brief.restrictions)) for brief in briefs.values()] == [(2, 1)] + [(0, 0)] * 20


def test_the_page_of_a_person_costs_the_same_for_few_and_many_comments(post, moderator, client):
    client.force_login(moderator.user)

    def queries(number):
        guest = factories.guest()
        for _ in range(number):
            factories.comment(post, guest_key=guest.guest_key)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(Person(guest_key=guest.guest_key).get_absolute_url()).status_code == 200
        return len(asked)

    queries(1)
    assert queries(2) == queries(40)


def test_addresses_and_networks_are_seen_after_a_click_that_is_on_record(post, moderator, client):
    guest = factories.guest()
    factories.comment(
        post, guest_key=guest.guest_key, author_email="secret@example.org", network="ab" * 16,
        author_url="https://secret.example/",
    )  # fmt: skip
    client.force_login(moderator.user)
    address = person_of(guest).get_absolute_url()
    page = client.get(address).text
    assert "secret" not in page
    assert "ab" * 16 not in page
    assert not DeskLogEntry.objects.filter(action="see_contact").exists()
    seen = client.post(f"{address}contact/")
    assert "secret@example.org" in seen.text
    assert "ab" * 16 in seen.text
    assert seen["Cache-Control"] == "private, no-store"
    entry = DeskLogEntry.objects.get(action="see_contact")
    assert (entry.actor_number, entry.subject) == (moderator.user.pk, f"guest {guest.guest_key}")
    assert "secret" not in client.get(address).text
    assert client.get(f"{address}contact/").status_code == 405


def test_people_are_found_by_a_part_of_the_name_or_the_whole_address(post, moderator):
    ann = factories.person("Ann Miller")
    guest = factories.guest()
    factories.comment(post, guest_key=guest.guest_key, author_name="Joanna", author_email="jo@example.org")
    assert {found.person for found in people.find("ann", moderator)} == {Person(ann.pk), person_of(guest)}
    assert [found.person for found in people.find("JO@example.org", moderator)] == [person_of(guest)]
    assert people.find("@example.org", moderator) == []
    assert people.find("  ", moderator) == []


# --- The desk's own log -------------------------------------------------------------------------------------


def test_the_desk_s_log_is_written_once_in_the_database_too(writer, moderator):
    people.restrict(person_of(writer), "hold", moderator, reason="x")
    entry = DeskLogEntry.objects.get()
    for change in (entry.save, entry.delete):
        with pytest.raises(TypeError):
            change()
    for change in (
        lambda: DeskLogEntry.objects.update(words="y"),
        lambda: DeskLogEntry.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            change()
    with log.corrected("An erasure was asked for."):
        DeskLogEntry.objects.update(words="")
    assert DeskLogEntry.objects.get().words == ""


def test_the_log_keeps_the_name_of_a_moderator_whose_account_goes(writer, moderator):
    people.restrict(person_of(writer), "hold", moderator, reason="x")
    number = moderator.user.pk
    moderator.user.delete()
    entry = DeskLogEntry.objects.get()
    assert (entry.actor_number, entry.actor_name) == (number, "Mod")
    assert Restriction.objects.get().by_name == "Mod"
