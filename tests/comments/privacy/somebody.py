"""A member and a guest who left something everywhere, each thing with words that stand nowhere else."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django.utils import timezone

from comments import guidelines, moderation, muting, status, unsent
from comments.models import (
    AddressProof,
    Alias,
    Block,
    CommentRevision,
    DeskLogEntry,
    GreetingOffer,
    Kind,
    Mute,
    Notification,
    NotMine,
    PersonNote,
    ReceivedMail,
    Redaction,
    Restriction,
)
from comments.moderation import people
from comments.notifications import Recipient, preferences_of, subscriptions
from comments.viewers import Viewer
from storied import sealing
from storied.accounts.models import Invitation, User
from tests import factories

NETWORK = "feedc0de" * 4


def left_everywhere(word: str, *, is_member: bool, role: str = "member") -> SimpleNamespace:
    """Somebody whose name, address and every text have `word` in them; what they may read of it is in `own`."""
    email = f"{word}@example.org"
    post = factories.post(author=factories.person("Host of all"))
    moderator = factories.person(role="moderator")
    account = None
    if is_member:
        account = User.objects.create_user(email, "pw", display_name=f"{word} Name", url=f"https://{word}.example")
        User.objects.filter(pk=account.pk).update(role=role)
        account.refresh_from_db()
        EmailAddress.objects.create(user=account, email=email, verified=True, primary=True)
    browser = factories.guest(f"browser of {word}")
    viewer = Viewer(account) if is_member else browser
    recipient = Recipient(account.pk) if is_member else Recipient(email=email, guest_key=browser.guest_key)
    by_guest = {
        "author_name": f"{word} Guest", "author_email": email.title(), "author_url": f"https://{word}.example",
        "guest_key": browser.guest_key, "network": NETWORK,
    }  # fmt: skip
    who = {"author": account, "network": NETWORK} if is_member else by_guest
    comments = {}
    for state in ("approved", "pending", "rejected", "removed", "spam", "withdrawn"):
        comments[state] = factories.comment(
            post, f"{word} text {state}", status=state, reasons=[{"code": "watched_word", "detail": f"{word} d"}], **who
        )
    comments["imported"] = factories.comment(
        post, f"{word} text imported", source="wordpress:x", source_id=str(len(word)), **by_guest | {"guest_key": ""}
    )
    reply = factories.comment(post, "Somebody else's answer.", parent=comments["approved"], author_name="Other")
    if guidelines.current():
        guidelines.record(comments["approved"], guidelines.current(), "A sentence.", is_new=True)
    _decided(word, comments, viewer, moderator)
    _around(word, post, account, browser, viewer, recipient, moderator, reply)
    _to_others(word, comments, account, moderator, reply)
    return SimpleNamespace(
        word=word, email=email, account=account, post=post, comments=comments, reply=reply, viewer=viewer,
        moderator=moderator, browser=browser,
    )  # fmt: skip


def _decided(word: str, comments: dict[str, Any], viewer: Any, moderator: Any) -> None:
    approved = comments["approved"]
    CommentRevision.objects.create(comment=approved, number=1, body=f"{word} wording", body_format="markdown")
    Redaction.objects.create(
        comment=approved, what="name", revision=1, sealed=sealing.seal(json.dumps({"body": word, "earlier": {}})),
        sealed_until=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    with transaction.atomic():
        why = status.Why(reason=f"{word} told", note=f"{word} noted", rules=({"code": "x", "detail": f"{word} rule"},))
        status.change_status(approved.pk, "remove", actor=moderator, why=why)
    approved.refresh_from_db()
    moderation.appeal(approved, viewer, f"{word} appeals")
    asked = approved.appeals.get()
    moderation.decide_appeal(asked.pk, "reversed", Viewer(factories.person(role="owner")), answer=f"{word} answered")


def _to_others(word: str, comments: dict[str, Any], account: Any, moderator: Any, reply: Any) -> None:
    muting.mute(Viewer(moderator), comments["approved"], "fold")
    muting.mute(Viewer(moderator), comments["imported"], "mail")
    GreetingOffer.objects.create(comment=reply, about=comments["approved"], name=f"{word} Guest")
    if account is not None:
        muting.mute(Viewer(account), reply, "fold")
        Alias.objects.create(
            post=comments["approved"].post, user=account, name=f"{word} Alias", name_key=f"{word}alias"
        )


def _around(
    word: str, post: Any, account: Any, browser: Any, viewer: Any, recipient: Any, moderator: Any, reply: Any
) -> None:
    key = f"account:{account.pk}" if account else f"network:{NETWORK}"
    moderation.flag(reply.pk, viewer, reporter_key=key, reason="other", words=f"{word} reports" if account else "")
    moderation.flag(reply.pk, viewer, reporter_key=key, reason="worried", words=f"{word} worries" if account else "")
    subscriptions.follow_posts(recipient, NETWORK)
    preferences_of(recipient)
    Notification.objects.create(
        kind=Kind.POST, key=f"k:{recipient.who}", **recipient.fields, post=post, due_at=timezone.now(), state="sent"
    )
    AddressProof.objects.create(email=f"{word}@example.org", network=NETWORK, proved_at=timezone.now())
    about = {"account": account} if account else {"guest_key": browser.guest_key}
    PersonNote.objects.create(**about, by=moderator, by_name=moderator.display_name, words=f"{word} note")
    Restriction.objects.create(**about, kind="hold", reason=f"{word} reason", words=f"{word} for you", by=moderator)
    person = people.Person(account.pk) if account else people.Person(guest_key=browser.guest_key)
    DeskLogEntry.note(moderator, "restrict", person.key, f"{word} name", f"{word} desk", to_the_person=f"{word} x")
    ReceivedMail.objects.create(key=word, who=recipient.who, name=f"{word} Mail", body=f"{word} mailed", post=post)
    Invitation.objects.create(email=f"{word}@example.org", until=timezone.now(), used_at=timezone.now())
    Block.objects.create(kind="address", value=f"{word}@example.org", effect="hold")
    if account is None:
        return
    Mute.objects.create(user=moderator, whom="an alias", kind="fold", name=f"{word} Alias", post=post)
    NotMine.objects.create(user=account, comment=reply)
    unsent.save(account, post, f"{word} unsent", parent_id=reply.pk)
    Mute.objects.create(user=account, whom="another", kind="fold", name=f"{word} muted", account=moderator)
    DeskLogEntry.note(account, "slow", f"article {post.pk}", "An article")
    PersonNote.objects.create(account=moderator, by=account, by_name=account.display_name, words="About another.")
    other = factories.comment(post, "Of another.")
    with transaction.atomic():
        status.change_status(other.pk, "remove", actor=account)
    LogEntry.objects.create(
        user=moderator, content_type=ContentType.objects.get_for_model(User), object_id=str(account.pk),
        object_repr=account.display_name, action_flag=CHANGE, change_message="",
    )  # fmt: skip
    browser_of_theirs = Client()
    browser_of_theirs.force_login(account)
    UserSession.objects.create(
        user=account, ip="fd00::1", user_agent=f"{word} Browser", session_key=browser_of_theirs.session.session_key
    )
