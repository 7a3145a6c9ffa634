"""Mail: who wants which, and what is owed. The rows owed are the outbox; they are written where the event is."""

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .comment import Comment
from .proof import AddressProof


def new_token() -> str:
    """128 random bits: who has it can end what it belongs to, for ever."""
    return secrets.token_urlsafe(16)


def key_of(user: Any = None, email: str = "") -> str:
    """One person in one word: an account, or an address without one."""
    return f"account:{user.pk}" if user is not None else f"mail:{email.lower()}"


class Kind(models.TextChoices):
    """What a mail is about; the strongest reason wins where there are several."""

    REPLY = "reply", "a reply to you"
    THREAD = "thread", "a comment in a thread that you follow"
    ARTICLE = "article", "a comment below an article that you follow"
    DECISION = "decision", "a decision about your comment"
    ANSWER = "answer", "an answer to your asking for a second look"
    GREETING = "greeting", "a name in your comment that was taken off"
    MOVED = "moved", "your comment, which was moved under the one it answers"
    ALERT = "alert", "a comment that waits for a moderator"
    APPEAL = "appeal", "a writer who asks for a second look"
    CARE = "care", "somebody who may be in danger"
    UNMASK = "unmask", "a moderator who looked up whose a name is"
    POST = "post", "a new article"
    CONFIRM = "confirm", "a question whether mail is wanted"
    PROOF = "proof", "a link that was asked for"
    RECEIVED = "received", "what became of a mail that came in"


class Frequency(models.TextChoices):
    AT_ONCE = "at_once", "At once"
    HOURLY = "hourly", "At most once an hour"
    DAILY = "daily", "Once a day"
    WEEKLY = "weekly", "Once a week"
    NEVER = "never", "Never"


class MailPreferences(models.Model):
    """What one person wants by mail, each kind apart. Whoever has no row wants what the defaults say."""

    who = models.CharField(max_length=265, unique=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="mail_preferences"
    )
    email = models.EmailField(max_length=254, blank=True)
    token = models.CharField(max_length=22, unique=True, default=new_token)
    replies = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.AT_ONCE)
    follows = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.AT_ONCE)
    decisions = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.AT_ONCE)
    posts = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.AT_ONCE)
    alerts = models.CharField(max_length=10, choices=Frequency.choices, default=Frequency.AT_ONCE)
    care = models.CharField(
        max_length=10, choices=Frequency.choices, default=Frequency.AT_ONCE, db_default=Frequency.AT_ONCE
    )
    plain_subject = models.BooleanField(default=False)
    # Nothing at all goes to this person: asked for, or their mail server refuses it.
    stopped_at = models.DateTimeField(null=True)
    stopped_because = models.CharField(max_length=20, blank=True)
    # Days on which mail could not be delivered for a passing reason, since the last one that was long ago.
    bounces = models.PositiveSmallIntegerField(default=0, db_default=0)
    bounced_at = models.DateTimeField(null=True)

    # Which field rules which kind of mail; a question whether mail is wanted is ruled by none.
    RULED_BY = {
        Kind.REPLY: "replies", Kind.THREAD: "follows", Kind.ARTICLE: "follows", Kind.DECISION: "decisions",
        Kind.ANSWER: "decisions", Kind.GREETING: "decisions", Kind.MOVED: "decisions", Kind.POST: "posts",
        Kind.ALERT: "alerts", Kind.APPEAL: "alerts", Kind.CARE: "care",
    }  # fmt: skip

    # How often mail comes that holds what is ruled by several fields.
    TOGETHER = (Frequency.HOURLY, Frequency.DAILY, Frequency.WEEKLY)

    class Meta:
        verbose_name_plural = "mail preferences"

    def __str__(self) -> str:
        return f"Mail for {self.who}"

    def wishes_named(self, what: str) -> list[str]:
        """The fields that a word stands for: one of a kind itself, and for "daily" and the like all that come so."""
        if what in self.TOGETHER:
            return [name for name in dict.fromkeys(self.RULED_BY.values()) if getattr(self, name) == what]
        return [what]

    def wish_for(self, kind: str) -> str:
        """How often this kind is wanted."""
        name = self.RULED_BY.get(Kind(kind))
        return getattr(self, name) if name else Frequency.AT_ONCE


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def standing(self) -> "SubscriptionQuerySet":
        """Those that nobody has ended, confirmed or not."""
        return self.filter(ended_at=None)

    def confirmed(self) -> "SubscriptionQuerySet":
        return self.standing().filter(confirmed_at__isnull=False)


class Subscription(models.Model):
    """That somebody wants to hear of something, or, muted, wants to hear no more of it.

    `who` and `about` say in one word each whose it is and of what, for one constraint and one index.
    """

    class Scope(models.TextChoices):
        REPLIES = "replies", "Replies to a comment of mine"
        THREAD = "thread", "A thread"
        ARTICLE = "article", "The whole discussion of an article"
        POSTS = "posts", "New articles"
        MUTED = "muted", "A thread that I want to hear no more of"

    scope = models.CharField(max_length=10, choices=Scope.choices)
    who = models.CharField(max_length=265)
    about = models.CharField(max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="subscriptions"
    )
    email = models.EmailField(max_length=254, blank=True)
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="subscriptions")
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="subscriptions")
    token = models.CharField(max_length=22, unique=True, default=new_token)
    # The browser and the network that asked, as far as a guest's can be known.
    guest_key = models.CharField(max_length=40, blank=True)
    network = models.CharField(max_length=32, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["about"], condition=Q(ended_at=None), name="who_wants_to_know"),
            models.Index(fields=["who", "asked_at"], name="wishes_of_a_person"),
            models.Index(fields=["network", "asked_at"], condition=~Q(network=""), name="wishes_from_a_network"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["who", "about", "scope"], condition=Q(ended_at=None), name="a_wish_stands_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} ({self.about})"


class ReceivedMail(models.Model):
    """A mail that came in as an answer: so that it becomes one comment however often it comes, and what was said to it.

    The text is kept only where it became no comment, and only for some days.
    """

    # Of the mail's own identifier and of the address that it came to.
    key = models.CharField(max_length=64, unique=True)
    who = models.CharField(max_length=265)
    message_id = models.CharField(max_length=250, blank=True)
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+")
    parent = models.ForeignKey(Comment, null=True, on_delete=models.SET_NULL, related_name="+")
    # What it became, if it was taken in.
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="received_mails")
    name = models.CharField(max_length=100, blank=True)
    refusal = models.TextField(blank=True)
    body = models.TextField(blank=True)
    guidelines_version = models.PositiveIntegerField(null=True)
    left_out = models.PositiveSmallIntegerField(default=0, help_text="attachments that came with it")
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["who", "received_at"], name="mail_received_from"),
            models.Index(fields=["received_at"], name="mail_received_then"),
        ]

    def __str__(self) -> str:
        return f"Mail of {self.received_at:%Y-%m-%d %H:%M}"


class NotificationQuerySet(models.QuerySet["Notification"]):
    def owed(self) -> "NotificationQuerySet":
        return self.filter(state=Notification.State.OWED)

    def due(self, now: Any) -> "NotificationQuerySet":
        """What should leave now, and is in nobody's hands."""
        free = Q(claimed_until=None) | Q(claimed_until__lte=now)
        return self.owed().filter(free, due_at__lte=now)


class Notification(models.Model):
    """Owed mail. `key` is the same however often an event is told, so that it is owed once."""

    class State(models.TextChoices):
        OWED = "owed", "Owed"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "No longer wanted or true"
        FAILED = "failed", "Could not be sent"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=330, unique=True)
    who = models.CharField(max_length=265)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="notifications"
    )
    email = models.EmailField(max_length=254, blank=True)
    comment = models.ForeignKey(Comment, null=True, on_delete=models.CASCADE, related_name="notifications")
    post = models.ForeignKey("posts.Post", null=True, on_delete=models.CASCADE, related_name="+")
    # The wish that it comes from; none where an account's preferences alone decide.
    subscription = models.ForeignKey(
        Subscription, null=True, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    # The question to an address that the mail asks; none for all other kinds.
    proof = models.ForeignKey(AddressProof, null=True, on_delete=models.CASCADE, related_name="+")
    # The mail that this one says something about.
    received = models.ForeignKey(
        ReceivedMail, null=True, on_delete=models.CASCADE, related_name="notifications", db_index=False
    )
    # The log's entry that is told of, or asked about: a plain number, like everything that names the log.
    decision_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    # "daily" and the like: all that is due goes in one mail.
    bundle = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OWED)
    why = models.CharField(max_length=300, blank=True, help_text="why it was dropped, or what went wrong last")
    attempts = models.PositiveSmallIntegerField(default=0)
    # Whose hands it is in, and until when that is believed.
    claim = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="owed"), name="mail_owed_now"),
            models.Index(fields=["who", "bundle"], condition=Q(state="owed"), name="mail_owed_to_a_person"),
            models.Index(fields=["ended_at"], condition=~Q(state="owed"), name="mail_done_with"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.key})"
