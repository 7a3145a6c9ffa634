"""People with an account."""

import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from storied import rows
from storied.front import SITE, Memo
from storied.text import clean_line
from storied.turns import take_turn

from . import names

# What finds others by a name's key, and the parameters that go before it.
OrIn = tuple[str, list[Any]] | None
# Whether a name, by its key, is kept for somebody but this account, in a place that accounts know nothing of.
IsKept = Callable[[str, int | None], bool]
_kept_elsewhere: list[IsKept] = []


def names_are_kept_elsewhere(is_kept: IsKept) -> IsKept:
    """Marks a function that is asked before an account gets a name."""
    _kept_elsewhere.append(is_kept)
    return is_kept


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str | None, password: str | None = None, **fields: Any) -> "User":
        """An account; without a password nobody can log in with one (a mailed code still works)."""
        user = self.model(email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **{"role": User.Role.OWNER, **fields})

    def moderators(self) -> "models.QuerySet[User]":
        """Who may act on the whole site: its moderators and owners."""
        return self.filter(is_active=True, role__in=[User.Role.MODERATOR, User.Role.OWNER])

    def name_is_taken(self, name: str, *, by_anyone_but: int | None = None, or_in: OrIn = None) -> bool:
        """Whether nobody else may go by this name: it looks like an account's, or is kept for the site itself."""
        is_reserved = names.is_reserved(name, AccountRules.current().reserved_keys)
        return is_reserved or self.is_borne_by_another(name, but=by_anyone_but, or_in=or_in)

    def is_borne_by_another(self, name: str, *, but: int | None = None, or_in: OrIn = None) -> bool:
        """Whether somebody else with an account goes by a name that looks like this one, or has it kept elsewhere.

        `or_in` finds others of that name in the same query, in place of what would else be asked.
        """
        key = names.key(name)
        statement, parameters = _WHO_GOES_BY, [key]
        if or_in is None and any(is_kept(key, but) for is_kept in _kept_elsewhere):
            return True
        if or_in is not None:
            statement, parameters = f"{statement} UNION ALL {or_in[0]}", [key, *or_in[1], key]
        # By hand, since every guest's submit asks it.
        return any(pk != but for (pk,) in rows.fetch(statement, parameters))

    def wait_for_name(self, name: str, *, to_itself: bool = True) -> None:
        """Before it is asked whether a name is taken, in the transaction that gives it: of two at once one gets it.

        Those who would not have it to themselves, as guests, wait only for those who would.
        """
        take_turn(f"account name {names.key(name)}", side_by_side=not to_itself)

    def get_by_natural_key(self, email: str | None) -> "User":
        return self.get(email__iexact=email)


_WHO_GOES_BY = "SELECT id FROM accounts_user WHERE name_key = %s AND is_active"


class User(AbstractUser):
    """A person: known to others by the display name alone, to the software by the e-mail address."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        MODERATOR = "moderator", "Moderator"
        OWNER = "owner", "Owner"

    class Standing(models.TextChoices):
        ORDINARY = "ordinary", "Ordinary"
        TRUSTED = "trusted", "Trusted: never held as a newcomer"

    username = None
    first_name = None
    last_name = None
    email = models.EmailField("e-mail address", null=True, blank=True, unique=True)
    display_name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=200, editable=False, db_index=True)
    url = models.URLField("site", max_length=200, blank=True)
    about = models.CharField(max_length=600, blank=True, default="", db_default="")
    # Whether there is a page about this person for everybody.
    is_public = models.BooleanField(default=False, db_default=False)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.MEMBER)
    standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ORDINARY)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["display_name"]

    objects = UserManager()

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="email_in_any_case_is_one_account")]

    def __str__(self) -> str:
        return self.display_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # In small letters, as allauth looks for it.
        self.email = (self.email or "").lower() or None
        self.display_name = clean_line(self.display_name) or names.GENERIC
        self.name_key = names.key(self.display_name)
        # Django's admin is the owner's room; moderators have their own.
        self.is_staff = self.is_superuser = self.role == self.Role.OWNER
        super().save(*args, **kwargs)

    @property
    def is_owner(self) -> bool:
        return self.role == self.Role.OWNER

    @property
    def is_moderator(self) -> bool:
        """Whether this person may moderate everywhere: moderators and owners."""
        return self.role in {self.Role.MODERATOR, self.Role.OWNER}

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


_kept = Memo(most=2)


class AccountRules(models.Model):
    """What the owner says about accounts; one row, or none as long as nothing was changed."""

    class SignUp(models.TextChoices):
        OPEN = "open", "Everybody"
        INVITED = "invited", "Those who are invited"
        CLOSED = "closed", "Nobody"

    sign_up = models.CharField(max_length=10, choices=SignUp.choices)
    reserved_names = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "account rules"

    def __str__(self) -> str:
        return f"Accounts for: {self.get_sign_up_display()}"

    @classmethod
    def current(cls) -> "AccountRules":
        """The rules in force; as the environment says, until the owner has changed something."""
        return _kept.get("rules", (SITE,), cls.objects.first) or cls(sign_up=cls._at_first())

    @classmethod
    def change(cls, **said: Any) -> None:
        """Keeps what the owner says."""
        cls.objects.update_or_create(pk=1, defaults=said)

    @classmethod
    def _at_first(cls) -> str:
        return cls.SignUp.OPEN if settings.SIGNUP_IS_OPEN else cls.SignUp.CLOSED

    @property
    def reserved_keys(self) -> frozenset[str]:
        """The keys of the names that are kept for the site: its own, and those that the owner lists."""
        return names.keys_of(f"{settings.STORIED_SITE_NAME}\n{self.reserved_names}")


def new_token() -> str:
    """128 random bits: who has it can open one account."""
    return secrets.token_urlsafe(16)


class Invitation(models.Model):
    """Opens one account, for whoever has its link."""

    token = models.CharField(max_length=22, unique=True, default=new_token)
    # The only address that it is good for; empty for any.
    email = models.EmailField(max_length=254, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Invitation {self.pk}"
