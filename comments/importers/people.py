"""The old site's authors as accounts here."""

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import Q

from storied.accounts import names
from storied.accounts.models import User
from storied.text import clean_line

from . import ledger as kinds
from .ledger import Ledger
from .records import SourceAuthor

_NAME_CHARACTERS = 100


def fit_name(name: str) -> str:
    """A name that can be stored and seen."""
    name = clean_line(name)
    if names.is_empty(name):
        return names.GENERIC
    return name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 1].rstrip() + "…"


def fit_email(email: str) -> str:
    """The address, or nothing where it is none."""
    email = clean_line(email)
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email if len(email) <= 254 else ""


class People:
    """Finds or makes the account of an author when the first row of theirs asks for it.

    A comment belongs to an account only through the number of its author on the old site and that number's
    entry in the export. The e-mail address typed beside a comment decides nothing.
    """

    def __init__(self, authors: list[SourceAuthor], source: str, ledger: Ledger) -> None:
        self._source = source
        self._ledger = ledger
        self._by_login: dict[str, SourceAuthor] = {}
        self._by_id: dict[str, SourceAuthor] = {}
        self._listed: list[SourceAuthor] = []
        for author in authors:
            if author.login in self._by_login:
                ledger.skip(kinds.AUTHORS, "stands in the file twice")
                continue
            self._listed.append(author)
            self._by_login[author.login] = author
            if author.source_id:
                self._by_id[author.source_id] = author
        self._accounts: dict[str, User] = {}
        self._made: set[str] = set()

    def by_login(self, login: str) -> User:
        """The account of an article's author, made from the bare name where the file does not list it."""
        author = self._by_login.get(login)
        if author is None:
            author = self._by_login[login] = SourceAuthor("", login, name=login)
        return self._account(author)

    def by_id(self, source_id: str) -> User | None:
        """The account of a comment's author, if the file says whose it is."""
        author = self._by_id.get(source_id) if source_id else None
        return self._account(author) if author else None

    def settle(self) -> None:
        """Enters into the ledger what became of each author that the file lists."""
        for author in self._listed:
            if author.login in self._made:
                self._ledger.imported[kinds.AUTHORS] += 1
            elif author.login in self._accounts or self._found(author):
                self._ledger.merged[kinds.AUTHORS] += 1
            else:
                self._ledger.skip(kinds.AUTHORS, "wrote nothing that was imported")

    def _account(self, author: SourceAuthor) -> User:
        account = self._accounts.get(author.login) or self._found(author)
        if account is None:
            account = self._new(author)
            self._made.add(author.login)
        self._accounts[author.login] = account
        return account

    def _found(self, author: SourceAuthor) -> User | None:
        email = fit_email(author.email)
        holder = User.objects.filter(email__iexact=email).first() if email else None
        if holder is not None and _address_is_proved(holder):
            return holder
        # Without an address of its own an account is known by what it wrote in an earlier import.
        written = Q(posts__source=self._source) | Q(comments__source=self._source)
        return User.objects.filter(written, email=None, display_name=_name_of(author)).first()

    def _new(self, author: SourceAuthor) -> User:
        email = fit_email(author.email)
        if email and User.objects.filter(email__iexact=email).exists():
            email = ""
            self._ledger.notes[
                "author's address belongs to an account here that never confirmed it: "
                "a new account without an address was made"
            ] += 1
        return User.objects.create_user(email or None, display_name=_name_of(author))


def _name_of(author: SourceAuthor) -> str:
    return fit_name(author.name or author.login)


def _address_is_proved(account: User) -> bool:
    """Whether the address was more than typed at sign-up: confirmed, or entered by the owner or an import."""
    if account.is_moderator or not account.has_usable_password():
        return True
    return EmailAddress.objects.filter(user=account, email__iexact=account.email, verified=True).exists()
