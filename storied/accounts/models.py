"""People with an account."""

from typing import Any

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from storied import rows

from . import names


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

    def name_is_taken(self, name: str, *, by_anyone_but: int | None = None) -> bool:
        """Whether somebody with an account goes by a name that looks like this one."""
        # By hand, since every guest's submit asks it.
        return any(pk != by_anyone_but for (pk,) in rows.fetch(_WHO_GOES_BY, [names.key(name)]))

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
        self.email = self.email or None
        self.display_name = self.display_name or names.GENERIC
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
