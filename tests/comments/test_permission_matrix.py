"""Every action by everybody on a comment in every state: what happens is what stands in the table, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction

from comments import moderation, permissions, submission
from comments.exceptions import CommentsError
from comments.models import (
    Appeal,
    Comment,
    Discussion,
    Flag,
    HouseRules,
    ModerationLogEntry,
    ModeratorScope,
    Redaction,
    RefusalTemplate,
)
from comments.moderation import redaction, refusals
from comments.status import REFUSED, TRANSITIONS
from comments.viewers import Viewer
from posts.models import Category
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STATES = Comment.Status.values
MODERATE = {"moderator", "category moderator", "article's author", "owner"}
ROLES = ["stranger", "guest author", "member author", "other member", *sorted(MODERATE)]
EDITABLE = {"pending", "approved", "spam", *REFUSED}


@dataclass
class Scene:
    viewers: dict[str, Viewer]
    comments: dict[tuple[str, str], Comment]  # by writer and state
    decider: Viewer
    target: Comment  # to move something under
    elsewhere: Comment

    def wrote(self, role: str, writer: str) -> bool:
        return role == f"{writer} author"


@pytest.fixture
def scene() -> Scene:
    HouseRules.change({"flood_per_hour": 0, "max_links": 0, "hold_newcomers": False}, by=None)
    host = factories.person("Host")
    post = factories.post(host)
    category = Category.objects.create(name="Chosen", slug="chosen")
    post.categories.add(category)
    scoped = factories.person("Scoped")
    ModeratorScope.objects.create(account=scoped, category=category)
    viewers = {
        "stranger": factories.guest("a browser that never wrote"),
        "guest author": factories.guest("the guest's browser"),
        "member author": Viewer(factories.person("Member")),
        "other member": Viewer(factories.person("Other member")),
        "moderator": Viewer(factories.person("Moderator", "moderator")),
        "category moderator": Viewer(scoped),
        "article's author": Viewer(host),
        "owner": Viewer(factories.person("Owner", "owner")),
    }
    decider = Viewer(factories.person("Decider", "moderator"))
    made = {}
    for state in STATES:
        for writer, who in (
            ("guest", {"guest_key": viewers["guest author"].guest_key}),
            ("member", {"author": viewers["member author"].user}),
        ):
            made[writer, state] = _in_state(post, state, decider, who)
    elsewhere = factories.comment(factories.post())
    return Scene(viewers, made, decider, factories.comment(post), elsewhere)


def _in_state(post: Any, state: str, decider: Viewer, who: dict[str, Any]) -> Comment:
    """A comment that got to its state as they do."""
    before = {"rejected": "pending", "removed": "approved"}.get(state, state)
    comment = factories.comment(post, "Some words of mine.", status=before, **who)
    factories.comment(post, parent=comment)
    if before != state:
        moderation.decide(comment.pk, {"rejected": "reject", "removed": "remove"}[state], decider)
    return Comment.objects.get(pk=comment.pk)


# --- The actions, and who may ------------------------------------------------------------------------------

Act = Callable[[Scene, Comment, Viewer], Any]
May = Callable[[bool, bool, str], bool]  # (wrote it, moderates there, state)


def _edit(scene, comment, viewer):
    draft = factories.draft(comment.post, "Other words.", viewer=viewer, name=comment.author_name)
    submission.edit(comment, draft, seen_revision=comment.revision)


def _decided(action):
    froms, _ = TRANSITIONS[action]
    return (
        lambda scene, comment, viewer: moderation.decide(comment.pk, action, viewer, note="So that it is said."),
        lambda wrote, moderates, state: moderates and state in froms,
    )


def _move(scene, comment, viewer):
    moderation.move(comment.pk, scene.target.pk, viewer)


def _flag(scene, comment, viewer):
    moderation.flag(comment.pk, viewer, reporter_key="a reader", reason="kind")


def _branch(scene, comment, viewer):
    moderation.decide(comment.pk, "remove_branch", viewer)


ACTIONS: dict[str, tuple[Act, May]] = {
    "edit": (_edit, lambda wrote, moderates, state: wrote and state in EDITABLE),
    "withdraw": (
        lambda scene, comment, viewer: submission.withdraw(comment, viewer),
        lambda wrote, moderates, state: wrote and state in EDITABLE,
    ),
    "appeal": (
        lambda scene, comment, viewer: moderation.appeal(comment, viewer, "Please."),
        lambda wrote, moderates, state: wrote and state in REFUSED,
    ),
    "flag": (_flag, lambda wrote, moderates, state: not wrote and state == "approved"),
    **{name: _decided(name) for name in ("approve", "reject", "mark_spam", "remove", "restore", "hold")},
    "remove branch": (_branch, lambda wrote, moderates, state: moderates and state not in {"spam", "withdrawn"}),
    "restore branch": (
        lambda scene, comment, viewer: moderation.decide(comment.pk, "restore_branch", viewer),
        lambda wrote, moderates, state: False,  # nothing was taken away with it
    ),
    "move": (_move, lambda wrote, moderates, state: moderates),
    "redact": (
        lambda scene, comment, viewer: redaction.redact(comment.pk, viewer, "Some", what="words"),
        lambda wrote, moderates, state: moderates and state in {"approved", "pending"},
    ),
    "undo another's decision": (
        lambda scene, comment, viewer: moderation.undo(comment.pk, viewer),
        lambda wrote, moderates, state: False,
    ),
    "close the discussion": (
        lambda scene, comment, viewer: moderation.close_discussion(comment.post, viewer),
        lambda wrote, moderates, state: moderates,
    ),
}


def everything() -> list[Any]:
    models = (Comment, ModerationLogEntry, Appeal, Redaction, Flag, Discussion, RefusalTemplate)
    return [list(model._base_manager.order_by("pk").values_list()) for model in models]


def changes(act: Callable[[], Any]) -> bool:
    """Whether an act changed anything; a refusal that did is a fault. Everything is put back."""
    before = everything()
    refused = None
    with transaction.atomic():
        try:
            with transaction.atomic():
                act()
        except CommentsError as refusal:
            refused = refusal
        changed = everything() != before
        transaction.set_rollback(True)
    assert refused is None or (refused.message and not changed)
    return changed


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_everybody_may_just_what_the_table_says(scene, role, state):
    viewer = scene.viewers[role]
    for writer in ("guest", "member"):
        comment = scene.comments[writer, state]
        for name, (act, may) in ACTIONS.items():
            wanted = may(scene.wrote(role, writer), role in MODERATE, state)
            got = changes(lambda act=act, comment=comment: act(scene, Comment.objects.get(pk=comment.pk), viewer))
            assert got == wanted, f"{role}: {name} on a {state} comment of the {writer}"


@pytest.mark.parametrize("state", ["approved", "pending"])
@pytest.mark.parametrize("role", ROLES)
def test_who_puts_back_and_who_opens_what_was_sealed(scene, role, state):
    viewer, comment = scene.viewers[role], scene.comments["guest", state]
    made = redaction.redact(comment.pk, scene.decider, "Some", what="words")
    assert changes(lambda: redaction.put_back(made.pk, viewer)) == (role in MODERATE)
    assert changes(lambda: redaction.open_sealed(made.pk, viewer, "A reason.")) == (role == "owner")


@pytest.mark.parametrize("state", sorted(REFUSED))
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("outcome", ["kept", "reversed"])
def test_who_answers_a_second_look(scene, role, state, outcome):
    viewer, comment = scene.viewers[role], scene.comments["guest", state]
    asked = moderation.appeal(comment, scene.viewers["guest author"], "Please.")
    answered = changes(lambda: moderation.decide_appeal(asked.pk, outcome, viewer, answer="So it is."))
    assert answered == (role in MODERATE)
    assert not changes(lambda: moderation.decide_appeal(asked.pk, outcome, scene.decider, answer="So it is."))


@pytest.mark.parametrize("role", ROLES)
def test_the_words_for_refusals_and_the_house_rules_are_the_owners(scene, role):
    viewer = scene.viewers[role]
    said = {"title": "T", "words": "W", "clause": "", "is_gentle": False, "is_offered": True}
    assert changes(lambda: refusals.save(viewer, "unkind", **said)) == (role == "owner")
    assert (permissions.why_not_change_rules(viewer) == "") == (role == "owner")


@pytest.mark.parametrize("role", ["category moderator", "article's author"])
def test_who_moderates_here_moderates_nowhere_else(scene, role):
    viewer = scene.viewers[role]
    for name, (act, _may) in ACTIONS.items():
        if name != "flag":
            comment = Comment.objects.get(pk=scene.elsewhere.pk)
            assert not changes(lambda act=act, comment=comment: act(scene, comment, viewer)), name


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("role", ROLES)
def test_everybody_reads_just_what_they_may(scene, role, state):
    viewer = scene.viewers[role]
    for writer in ("guest", "member"):
        comment = scene.comments[writer, state]
        may = state == "approved" or scene.wrote(role, writer) or role in MODERATE
        assert Comment.objects.visible_to(viewer).filter(pk=comment.pk).exists() == may
        in_the_desk = moderation.moderated_by(viewer).filter(pk=comment.pk).exists()
        assert in_the_desk == (role in MODERATE)
