"""Who sees what: each secret has a word of its own, and every byte that anybody gets is looked through for it."""

import zipfile
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.signing import get_cookie_signer
from django.test import Client
from django.utils import timezone

from comments import submission, unsent
from comments.models import Comment, HouseRules, ModeratorScope, Notification
from comments.moderation import unmasking
from comments.notifications import delivery
from comments.privacy import export
from comments.privacy.belongings import Belongings
from comments.submission import detaching, rewriting
from comments.viewers import GUEST_COOKIE_SALT, Viewer, guest_key
from storied.accounts.models import User
from storied.front import site_changes
from tests import factories

pytestmark = pytest.mark.django_db

BROWSER, OTHER_BROWSER = "browser of the guest who wrote", "browser of another guest"
NUMBER = 987654321
SECRETS = {
    "whose alias": ["Zenobiaquill", "zenobia.secret", "zenobiasite.example.org", str(NUMBER)],
    "guest's address": ["mildred.secret"],
    "guest's browser": [guest_key(BROWSER)],
    "network": ["0badcafe0badcafe"],
    "what waits": ["Waitingwords"],
    "earlier words": ["Earlierwords"],
    "name taken off": ["Takenoffname"],
    "draft": ["Draftedwords"],
}
# Where each may be read and by whom. What does not stand here may be read nowhere, by nobody.
TABLE = {
    # One's own name stands on each page that one reads.
    "whose alias": {"writer": {"article", "comments", "own", "lists", "mine", "desk", "download"}},
    "guest's browser": {"moderator": {"desk"}, "owner": {"desk"}},
    "what waits": {
        "guest": {"article", "comments", "own"},
        "article's moderator": {"desk"},
        "host": {"desk", "mail"},
        "moderator": {"desk", "mail"},
        "owner": {"desk", "mail"},
    },
    "earlier words": {
        "article's moderator": {"desk"}, "host": {"desk"}, "moderator": {"desk"}, "owner": {"desk"},
    },
    # What was not sent yet stands in the box below the article, whatever leads there.
    "draft": {"writer": {"article", "comments", "mine", "download"}},
    # What is kept about oneself goes along with all the rest.
    "network": {"writer": {"download"}},
}  # fmt: skip
# What leads from the person to the alias: looked for where somebody's pages are.
ALIAS, SAID = "Xanthevole", "Aliaswords"


@dataclass
class Scene:
    people: dict[str, User]
    post: Any
    alias: Comment
    comments: dict[str, Comment]

    def client(self, viewer: str) -> Client:
        client = Client()
        if viewer in self.people:
            client.force_login(self.people[viewer], backend="django.contrib.auth.backends.ModelBackend")
        elif browser := {"guest": BROWSER, "another guest": OTHER_BROWSER}.get(viewer):
            name = settings.GUEST_COOKIE_NAME
            client.cookies[name] = get_cookie_signer(salt=name + GUEST_COOKIE_SALT).sign(browser)
        return client


VIEWERS = [
    "nobody", "guest", "another guest", "writer", "member", "article's moderator", "host", "moderator", "owner"
]  # fmt: skip


@pytest.fixture
def scene(settings) -> Scene:
    settings.ACCOUNT_RATE_LIMITS = False
    HouseRules.change({"hold_newcomers": False, "flood_per_minute": 0, "flood_per_hour": 0}, by=None)
    factories.watched("waitingwords")
    people = {
        "member": factories.person("Member"), "host": factories.person("Host"),
        "article's moderator": factories.person("Scoped"), "moderator": factories.person("Mod", role="moderator"),
        "owner": factories.person("Owner", role="owner"),
    }  # fmt: skip
    people["writer"] = factories.person(
        "Zenobiaquill", pk=NUMBER, url="https://zenobiasite.example.org/", is_public=True
    )
    User.objects.filter(pk=NUMBER).update(email="zenobia.secret@example.org")
    people["writer"].emailaddress_set.update(email="zenobia.secret@example.org")
    post = factories.post(people["host"])
    ModeratorScope.objects.create(account=people["article's moderator"], post=post)
    asks = factories.comment(post, "A question.", author=people["member"])
    alias = submission.submit(
        factories.draft(
            post, f"{SAID} of hers.", viewer=Viewer(people["writer"]), name="", email="", alias=ALIAS,
            parent_id=asks.pk, network="0badcafe0badcafe",
        )
    )  # fmt: skip
    comments = {"alias": alias}
    for what, name, body in (
        ("waiting", "Mildred", "Waitingwords of a guest."),
        ("edited", "Mildred", "Earlierwords of a guest."),
        ("taken off", "Takenoffname", "What somebody said."),
    ):
        comments[what] = submission.submit(
            factories.draft(
                post, body, viewer=Viewer(guest_key=guest_key(BROWSER)), name=name, network="0badcafe0badcafe",
                email="mildred.secret@example.org",
            )
        )  # fmt: skip
    rewriting.rewrite(comments["edited"], "Later words.", "<p>Later words.</p>", replaced_by=None)
    detaching.detach_all([comments["taken off"].pk])
    # As an answer to the alias, so that its writer is told of something, too.
    submission.submit(factories.draft(post, parent_id=alias.pk))
    unsent.save(people["writer"], post, "Draftedwords of hers.", parent_id=asks.pk)
    return Scene(people, post, alias, comments)


def places(scene: Scene) -> dict[str, list[str]]:
    """Addresses that only read, by the table's words."""
    numbers = [comment.pk for comment in scene.comments.values()]
    alias, article = scene.alias.pk, scene.post.get_absolute_url()
    return {
        "article": [article, f"{article}?replytocom={alias}", "/"],
        "comments": [f"/comment/{n}/{page}" for n in numbers for page in ("", "report/")] + [f"/comment/{alias}/mute/"],
        "own": [f"/comment/{n}/own/" for n in numbers],
        "lists": [
            "/comments/feed/", f"/comments/feed/{scene.post.pk}/", f"/search/?q={ALIAS}", "/search/?q=zenobia",
            "/search/?q=takenoff", "/search/?q=words", "/search/?q=draftedwords",
        ],
        "mine": ["/accounts/comments/", "/accounts/record/", "/accounts/muted/", "/accounts/profile/"],
        "desk": [
            *(f"/moderation/comment/{n}/" for n in numbers), "/moderation/", "/moderation/recent/",
            "/moderation/decided/", "/moderation/awaiting/", f"/moderation/recent/?person=account-{alias}",
            f"/moderation/recent/?q={ALIAS}", f"/moderation/recent/?network={alias}", "/moderation/recent/?q=zenobia",
            f"/moderation/comment/{alias}/unmask/", "/moderation/figures/", "/moderation/care/",
        ],
    }  # fmt: skip


def everything(scene: Scene, viewers: list[str] = VIEWERS) -> list[tuple[str, str, bytes]]:
    """All that these get to read: (viewer, where, what); and all mail."""
    read = []
    for viewer in viewers:
        client = scene.client(viewer)
        for where, addresses in places(scene).items():
            if where == "desk" and viewer in {"nobody", "guest", "another guest", "member"}:
                addresses = addresses[:1]  # each of these rooms is tried in tests/security
            for address in addresses:
                answer = client.get(address, follow=True)
                assert answer.status_code < 500, address
                read.append((viewer, where, answer.getvalue() + str(answer.headers).encode()))
        if viewer in scene.people:
            theirs = Belongings.of_account(scene.people[viewer])
            with export.zip_of(theirs) as made, zipfile.ZipFile(made) as files:
                read += [(viewer, "download", files.read(name)) for name in files.namelist()]
    Notification.objects.update(due_at=timezone.now())
    delivery.deliver()
    by_address = {person.email: viewer for viewer, person in scene.people.items()}
    by_address |= {"zenobia.secret@example.org": "writer", "mildred.secret@example.org": "guest"}
    for sent in mail.outbox:
        parts = [sent.subject, sent.body, str(sent.extra_headers), *(str(part) for part in sent.alternatives)]
        read.append((by_address[sent.to[0]], "mail", " ".join(parts).encode()))
    return read


def found_in(read: list[tuple[str, str, bytes]]) -> dict[str, dict[str, set[str]]]:
    found: dict[str, dict[str, set[str]]] = {}
    for viewer, where, what in read:
        for secret, words in SECRETS.items():
            if any(word.encode() in what for word in words):
                found.setdefault(secret, {}).setdefault(viewer, set()).add(where)
    return found


def test_everybody_reads_what_the_table_says_and_nothing_else(scene):
    read = everything(scene)
    assert found_in(read) == TABLE
    assert {where for _viewer, where, _what in read} >= {"article", "desk", "lists", "mail", "download"}
    assert {viewer for viewer, where, _what in read if where == "mail"} >= {"member", "writer", "moderator", "owner"}


def test_the_same_eyes_find_it_where_it_is_said(scene):
    Comment.objects.filter(pk=scene.alias.pk).update(signed="name", author_name="Zenobiaquill")
    Comment.objects.filter(pk=scene.comments["waiting"].pk).update(status="approved", published_at=timezone.now())
    site_changes()
    found = found_in(everything(scene, ["nobody", "host"]))
    assert found["whose alias"]["nobody"] >= {"article", "comments", "lists"}
    assert found["whose alias"]["host"] >= {"article", "desk"}
    assert "mail" in found["whose alias"]["member"]
    assert found["what waits"]["nobody"] == {"article", "comments", "lists"}


def test_nothing_about_the_person_leads_to_the_alias(scene):
    unmasking.unmask(scene.alias.pk, Viewer(scene.people["moderator"]), "A reason.")
    for viewer in ("nobody", "member", "host", "moderator", "owner"):
        client = scene.client(viewer)
        for address in (
            f"/people/{NUMBER}/", f"/moderation/people/account/{NUMBER}/", "/moderation/people/?q=zenobia",
            f"/moderation/recent/?person=account-{NUMBER}", "/moderation/recent/?q=zenobia.secret@example.org",
        ):  # fmt: skip
            answer = client.get(address, follow=True).text
            assert ALIAS not in answer, (viewer, address)
            assert SAID not in answer, (viewer, address)


def test_the_article_s_page_is_the_same_for_all_who_read_whoever_is_behind_an_alias(scene):
    """No attribute, mark or count differs between an alias of the host and one of anybody."""
    page = scene.client("nobody").get(scene.post.get_absolute_url()).text
    Comment.objects.filter(pk=scene.alias.pk).update(author=scene.people["host"])
    site_changes()
    assert scene.client("nobody").get(scene.post.get_absolute_url()).text == page
