"""What moderators know of a person and do about one: the record, notes, and restrictions that end by themselves."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from comments import permissions
from comments.events import CommentClaimed, subscribe
from comments.exceptions import CommentsError, Gone
from comments.models import Comment, DeskLogEntry, Flag, Person, PersonNote, Restriction
from comments.models.person import IS_A_GUEST
from comments.viewers import Viewer
from storied.accounts.models import User
from storied.turns import take_turn

# Moderators find somebody by a name; nobody reads further than this.
MOST_FOUND = 50
# A pause of more than a year is a ban, and should be called so.
LONGEST_MUTE = timedelta(days=366)


class NeedsAnEnd(CommentsError):
    code = "needs_an_end"
    http_status = 422
    message = "Somebody is muted for a time, of a year at most. Please say until when."


@dataclass
class Record:
    """What there is about one person, without anything by which the person could be found outside of this site."""

    person: Person
    name: str
    account: Any = None
    statuses: dict[str, int] = field(default_factory=dict)
    flags_upheld: int = 0
    flags_dismissed: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    names: list[str] = field(default_factory=list)
    notes: list[PersonNote] = field(default_factory=list)
    restrictions: list[Restriction] = field(default_factory=list)
    acts: list[DeskLogEntry] = field(default_factory=list)

    @property
    def in_force(self) -> list[Restriction]:
        return [restriction for restriction in self.restrictions if restriction.is_in_force]


def record_of(person: Person) -> Record | None:
    """Everything about one person for the page of moderators; None for nobody."""
    wrote = Comment.objects.filter(person.wrote)
    account = User.objects.filter(pk=person.account_id).first() if person.account_id is not None else None
    rows = list(wrote.order_by().values_list("author_name", "status").annotate(n=Count("pk"), last=Max("created_at")))
    if account is None and not rows:
        return None
    latest_name = max(rows, key=lambda row: row[3])[0] if rows else ""
    record = Record(person, account.display_name if account else latest_name, account)
    counted: Counter[str] = Counter()
    for _name, status, number, _last in rows:
        counted[status] += number
    record.statuses = {status: counted[status] for status in Comment.Status.values if counted[status]}
    record.names = sorted({row[0] for row in rows} - {record.name})
    record.last_at = max((row[3] for row in rows), default=None)
    record.first_at = wrote.order_by("created_at").values_list("created_at", flat=True).first()
    flags = Flag.objects.filter(comment__in=wrote.order_by().values("pk")).aggregate(
        upheld=Count("comment", filter=Q(outcome=Flag.Outcome.UPHELD), distinct=True),
        dismissed=Count("comment", filter=Q(outcome=Flag.Outcome.DISMISSED), distinct=True),
    )
    record.flags_upheld, record.flags_dismissed = flags["upheld"], flags["dismissed"]
    record.notes = list(PersonNote.objects.filter(person.about).select_related("by"))
    record.restrictions = list(Restriction.objects.on(person).select_related("by"))
    record.acts = acts_on(person)
    return record


def acts_on(person: Person) -> list[DeskLogEntry]:
    """What moderators did about somebody, the newest first."""
    return list(DeskLogEntry.objects.filter(subject=person.key)[:MOST_FOUND])


@dataclass
class Brief:
    """What a card says about who wrote a comment."""

    notes: int = 0
    flags_upheld: Any = 0  # in words where the number would tell too much
    restrictions: list[Restriction] = field(default_factory=list)


def briefs(comments: Iterable[Comment]) -> dict[int, Brief]:
    """The brief on the writer of each comment, by the comment's number: three queries for a whole page of cards."""
    people = {comment.pk: Person.who_wrote(comment) for comment in comments}
    everybody = {person for person in people.values() if person is not None}
    if not everybody:
        return {pk: Brief() for pk in people}
    accounts = [p.account_id for p in everybody if p.account_id is not None]
    guests = [p.guest_key for p in everybody if p.account_id is None]
    about = Q(account__in=accounts) | (Q(account=None, guest_key__in=guests) & IS_A_GUEST)
    found = {person: Brief() for person in everybody}
    for account, guest, number in (
        PersonNote.objects.filter(about).order_by().values_list("account", "guest_key").annotate(n=Count("pk"))
    ):
        found[_person(account, guest)].notes = number
    for restriction in Restriction.objects.in_force().filter(about):
        found[restriction.person].restrictions.append(restriction)
    upheld = Flag.objects.filter(
        Q(comment__author__in=accounts)
        | (Q(comment__author=None, comment__guest_key__in=guests) & ~Q(comment__guest_key="")),
        outcome=Flag.Outcome.UPHELD,
    )
    rows = upheld.order_by().values_list("comment__author", "comment__guest_key")
    for account, guest, number in rows.annotate(n=Count("comment", distinct=True)):
        found[_person(account, guest)].flags_upheld += number
    return {pk: found[person] if person is not None else Brief() for pk, person in people.items()}


def _person(account: int | None, guest_key: str) -> Person:
    return Person(account) if account is not None else Person(guest_key=guest_key)


def add_note(person: Person, viewer: Viewer, words: str) -> PersonNote:
    """A note for the other moderators; notes are added, never changed."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    if not words.strip():
        raise CommentsError("There are no words in this note.", code="empty", field="words")
    with transaction.atomic():
        _held(person)
        return PersonNote.objects.create(
            account_id=person.account_id, guest_key=person.guest_key, words=words, by=viewer.user,
            by_name=viewer.user.display_name,
        )  # fmt: skip


def restrict(
    person: Person, kind: str, viewer: Viewer, *, reason: str, words: str = "", until: datetime | None = None
) -> Restriction:
    """Holds, mutes or bans a person until then (None: for good); one of the same kind is replaced."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    if kind not in Restriction.Kind.values:
        raise CommentsError("There is no such restriction.")
    if not reason.strip():
        raise CommentsError("Please say why, for the other moderators.", code="no_reason", field="reason")
    now = timezone.now()
    if until is not None and until <= now:
        raise CommentsError("This time is over already.", code="over", field="until")
    if kind == Restriction.Kind.MUTE and (until is None or until - now > LONGEST_MUTE):
        raise NeedsAnEnd(field="until")
    with transaction.atomic():
        take_turn(person.key)
        permissions.ensure(permissions.why_not_restrict(viewer, _held(person)))
        _end(Restriction.objects.in_force().on(person).filter(kind=kind), viewer)
        restriction = Restriction.objects.create(
            account_id=person.account_id, guest_key=person.guest_key, kind=kind, reason=reason, words=words,
            until=until, by=viewer.user, by_name=viewer.user.display_name,
        )  # fmt: skip
        DeskLogEntry.note(
            viewer.user, f"restrict_{kind}", person.key, name_of(person), reason,
            until=until.isoformat() if until else "", to_the_person=words, restriction=restriction.pk,
        )  # fmt: skip
    return restriction


def _held(person: Person) -> Any:
    """A person's account, which nobody erases till the transaction ends; None for a guest, Gone where it is no more."""
    if person.account_id is None:
        return None
    account = User.objects.select_for_update(of=("self",)).filter(pk=person.account_id).first()
    if account is None:
        raise Gone("This account no longer exists.")
    return account


def lift(restriction_id: int, viewer: Viewer, *, reason: str = "") -> Restriction:
    """Ends a restriction before its time. Lifting one that has ended is a quiet no-op."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    with transaction.atomic():
        restriction = Restriction.objects.select_for_update(of=("self",)).filter(pk=restriction_id).first()
        if restriction is None:
            raise Gone("This restriction no longer exists: its person's account has been erased.")
        if restriction.is_in_force:
            _end(Restriction.objects.filter(pk=restriction.pk), viewer)
            DeskLogEntry.note(
                viewer.user, "lift", restriction.person.key, name_of(restriction.person), reason,
                restriction=restriction.pk, kind=restriction.kind,
            )  # fmt: skip
            restriction.refresh_from_db()
    return restriction


def _holds_as_long(others: Any, restriction: Restriction) -> bool:
    for_good = Q(until=None)
    return others.filter(for_good | Q(until__gte=restriction.until) if restriction.until else for_good).exists()


@subscribe(CommentClaimed)
def what_moderators_said_of_a_guest_follows(event: CommentClaimed) -> None:
    """Restrictions in force and notes are about a person: they hold for the account that the guest has taken out."""
    account, guest = event.comment.author, Person(guest_key=event.guest_key)
    if not event.guest_key or account.is_moderator:
        return
    person = Person(account.pk)
    take_turn(person.key)
    for restriction in Restriction.objects.in_force().on(guest):
        theirs = Restriction.objects.in_force().on(person).filter(kind=restriction.kind)
        if _holds_as_long(theirs, restriction):
            continue
        restriction.pk, restriction.account, restriction.guest_key = None, account, ""
        restriction.save(force_insert=True)
        DeskLogEntry.note(
            None, f"restrict_{restriction.kind}", person.key, account.display_name, "It held for the guest who has "
            "taken out this account.", until=restriction.until.isoformat() if restriction.until else "",
            to_the_person=restriction.words, restriction=restriction.pk,
        )  # fmt: skip
    known = set(PersonNote.objects.filter(person.about).values_list("words", "at"))
    for note in PersonNote.objects.filter(guest.about):
        if (note.words, note.at) not in known:
            PersonNote.objects.create(account=account, words=note.words, by=note.by, by_name=note.by_name, at=note.at)


def _end(restrictions: Any, viewer: Viewer) -> None:
    for restriction in restrictions:
        restriction.lifted_at, restriction.lifted_by = timezone.now(), viewer.user
        restriction.lifted_by_name = viewer.user.display_name
        restriction.save(update_fields=["lifted_at", "lifted_by", "lifted_by_name"])


@dataclass(frozen=True)
class Contact:
    """By what a person could be reached or blocked."""

    addresses: list[str]
    networks: list[str]
    sites: list[str]


def see_contact(person: Person, viewer: Viewer, *, reason: str = "") -> Contact:
    """E-mail addresses, networks and sites of a person; that somebody looked stays on record."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    with transaction.atomic():
        DeskLogEntry.note(viewer.user, "see_contact", person.key, name_of(person), reason)
        rows = Comment.objects.filter(person.wrote).order_by()
        addresses = set(rows.values_list("author_email", flat=True).distinct())
        networks = Counter(rows.order_by("-created_at").values_list("network", flat=True)[:1_000])
        sites = set(rows.values_list("author_url", flat=True).distinct())
        if person.account_id is not None:
            addresses |= set(User.objects.filter(pk=person.account_id).values_list("email", flat=True))
    del networks[""]
    return Contact(
        sorted(filter(None, addresses)), [key for key, _n in networks.most_common(10)], sorted(filter(None, sites))
    )


def name_of(person: Person) -> str:
    """The name that somebody goes by."""
    if person.account_id is not None:
        return User.objects.filter(pk=person.account_id).values_list("display_name", flat=True).first() or ""
    rows = Comment.objects.filter(person.wrote).order_by("-created_at")
    return rows.values_list("author_name", flat=True).first() or ""


@dataclass(frozen=True)
class Found:
    """Somebody found by a moderator."""

    person: Person
    name: str
    comments: int = 0
    last_at: datetime | None = None
    is_member: bool = False


def find(said: str, viewer: Viewer) -> list[Found]:
    """People by a part of their name, or by a whole e-mail address: accounts first, who wrote last before others."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    said = " ".join(said.split())
    if not said:
        return []
    accounts, guests = Q(display_name__icontains=said), Q(author_name__icontains=said)
    if "@" in said:
        accounts, guests = accounts | Q(email__iexact=said), guests | Q(author_email__iexact=said)
    by_name = Q(comments__signed=Comment.Signature.NAME)
    members = User.objects.filter(accounts).annotate(
        n=Count("comments", filter=by_name), last=Max("comments__created_at", filter=by_name)
    )
    found = [
        Found(Person(member.pk), member.display_name, member.n, member.last, True)
        for member in members.order_by("display_name")[:MOST_FOUND]
    ]
    of_guests = Comment.objects.signed_by_name().filter(guests, author=None).exclude(guest_key="")
    rows = of_guests.order_by().values_list("guest_key")
    rows = rows.annotate(n=Count("pk"), last=Max("created_at"), name=Max("author_name")).order_by("-last")
    found += [Found(Person(guest_key=key), name, n, last) for key, n, last, name in rows[:MOST_FOUND]]
    return found


def restricted(viewer: Viewer) -> list[Restriction]:
    """All restrictions in force, the newest first, with the names that people go by: two queries."""
    permissions.ensure(permissions.why_not_keep_people(viewer))
    rows = list(Restriction.objects.in_force().select_related("account")[:200])
    guests = {row.guest_key for row in rows if row.account_id is None}
    wrote = Comment.objects.signed_by_name().filter(IS_A_GUEST, author=None, guest_key__in=guests)
    wrote = wrote.order_by("created_at")
    names = dict(wrote.values_list("guest_key", "author_name"))
    for row in rows:
        row.name = row.account.display_name if row.account else names.get(row.guest_key, "")
    return rows
