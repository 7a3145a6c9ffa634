"""Random histories: whatever people do, in whatever order, the log replays to what there is, and nothing leaks."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from comments import discussion, events, moderation, status, submission, tree
from comments.exceptions import CommentsError
from comments.models import Appeal, Comment, Flag, HouseRules, ModerationLogEntry, Notification, Redaction
from comments.moderation import redaction
from comments.notifications import Recipient, delivery, subscriptions
from comments.viewers import NOBODY, Viewer
from storied import search
from storied.search.models import SearchDocument
from tests import factories
from tests.comments.reading import threads_html

pytestmark = pytest.mark.django_db

RULES = {
    "flood_per_minute": 0, "flood_per_hour": 0, "flood_per_network": 0, "min_seconds": 0, "max_links": 0,
    "flags_to_hold": 2, "edit_minutes": 60, "resubmissions": 2,
}  # fmt: skip
any_number = st.integers(0, 10_000)


class Histories(RuleBasedStateMachine):
    """People write, change, take back, ask again; moderators decide, move, take passages out, and take it all back."""

    def __init__(self) -> None:
        super().__init__()
        self._whole = transaction.atomic()
        self._whole.__enter__()
        self.published: Counter[int] = Counter()
        self._heard = lambda event: self.published.update([event.comment.pk])
        events._subscribers[events.CommentPublished].append(self._heard)
        self.batches: list[tuple] = []
        self.number = 0

    def teardown(self) -> None:
        events._subscribers[events.CommentPublished].remove(self._heard)
        transaction.set_rollback(True)
        self._whole.__exit__(None, None, None)

    @initialize(hold=st.booleans())
    def found_a_house(self, hold):
        HouseRules.change({**RULES, "hold_newcomers": hold}, by=None)
        self.post = factories.post(factories.person("Host"))
        self.guests = [factories.guest(f"browser {n}") for n in range(2)]
        self.member = Viewer(factories.person("Member"))
        self.writers = [*self.guests, self.member]
        self.moderators = [Viewer(factories.person(f"Mod {n}", "moderator")) for n in range(2)]
        self.mails: Counter[tuple[str, str]] = Counter()
        subscriptions.follow_article(self.post, Recipient(self.member.user.pk))
        subscriptions.follow_article(self.post, Recipient(self.moderators[0].user.pk))
        self._a_beginning()

    def _a_beginning(self):
        """A conversation with something in every state, so that a history soon has something to do."""
        for parent in (None, 0, 1, None, 3):
            self.submit(who=self.number, parent=parent or 0, is_reply=parent is not None)
        for action, which in (("approve", [0, 1, 2, 3]), ("remove", [1]), ("reject", [4])):
            self.decide(which=which, who=0, action=action, says_why=True)
        self.appeal(which=1)
        self.flag(which=0, reader=0)
        self.decide(which=[0], who=0, action="keep", says_why=False)
        self.undo(which=-1)

    # --- Helpers --------------------------------------------------------------------------------------------

    def some_comment(self, number):
        found = list(Comment.objects.filter(post=self.post).order_by("pk"))
        return found[number % len(found)] if found else None

    def try_to(self, act):
        """An act, or a refusal that leaves everything as it was."""
        try:
            with transaction.atomic():
                return act()
        except CommentsError:
            return None

    def words(self):
        self.number += 1
        return f"public{self.number}x and secret{self.number}x to all."

    def draft(self, viewer, body, comment=None):
        name = viewer.user.display_name if viewer.is_member else f"Guest {viewer.guest_key[:4]}"
        return factories.draft(self.post, body, viewer=viewer, name=comment.author_name if comment else name)

    def writer_of(self, comment):
        return next((viewer for viewer in self.writers if viewer.wrote(comment)), None)

    # --- What people do -------------------------------------------------------------------------------------

    @rule(who=any_number, parent=any_number, is_reply=st.booleans())
    def submit(self, who, parent, is_reply):
        viewer, above = self.writers[who % 3], self.some_comment(parent) if is_reply else None
        draft = replace(self.draft(viewer, self.words()), parent_id=above.pk if above else None)
        self.try_to(lambda: submission.submit(draft))

    @rule(which=any_number)
    def edit(self, which):
        comment = self.some_comment(which)
        viewer = self.writer_of(comment) if comment else None
        if viewer:
            draft = self.draft(viewer, self.words(), comment)
            self.try_to(lambda: submission.edit(comment, draft, seen_revision=comment.revision))

    @rule(which=any_number)
    def withdraw(self, which):
        comment = self.some_comment(which)
        viewer = self.writer_of(comment) if comment else None
        if viewer:
            self.try_to(lambda: submission.withdraw(comment, viewer))

    @rule(which=any_number, reader=st.integers(0, 3))
    def flag(self, which, reader):
        comment = self.some_comment(which)
        if comment:
            self.try_to(
                lambda: moderation.flag(comment.pk, factories.guest(), reporter_key=f"r{reader}", reason="kind")
            )

    @rule(which=any_number)
    def appeal(self, which):
        comment = self.some_comment(which)
        if comment:
            self.try_to(lambda: moderation.appeal(comment, NOBODY, "Please look again.", by_link=True))

    @rule(which=any_number, way=st.sampled_from(["appeal", "edit", "withdraw", "undo"]))
    def refuse_and_go_on(self, which, way):
        """A decision, and at once what its author, or who made it, makes of it."""
        comment = self.some_comment(which)
        if comment and comment.status in {"approved", "pending"}:
            action = "remove" if comment.status == "approved" else "reject"
            place = list(Comment.objects.order_by("pk").values_list("pk", flat=True)).index(comment.pk)
            self.decide(which=[place], who=which, action=action, says_why=False)
            self.undo(which=-1) if way == "undo" else getattr(self, way)(which=place)

    @rule(which=any_number, who=any_number, outcome=st.sampled_from(["kept", "reversed"]))
    def answer(self, which, who, outcome):
        asked = list(Appeal.objects.open().order_by("pk"))
        if asked:
            pk = asked[which % len(asked)].pk
            self.try_to(lambda: moderation.decide_appeal(pk, outcome, self.moderators[who % 2], answer="So."))

    # --- What moderators do ---------------------------------------------------------------------------------

    @rule(
        which=st.lists(any_number, min_size=1, max_size=3),
        who=any_number,
        action=st.sampled_from(moderation.DECISIONS),
        says_why=st.booleans(),
    )
    def decide(self, which, who, action, says_why):
        found = {comment.pk for comment in map(self.some_comment, which) if comment}
        viewer = self.moderators[who % 2]
        if found:
            batch, _ = moderation.decide_all(sorted(found), action, viewer, note="Because." if says_why else "")
            self.batches.append((batch, viewer))

    @rule(which=any_number)
    def undo(self, which):
        if self.batches:
            moderation.undo_all(*self.batches[which % len(self.batches)])

    @rule(which=any_number, under=any_number, to_the_top=st.booleans())
    def move(self, which, under, to_the_top):
        comment, parent = self.some_comment(which), self.some_comment(under)
        if comment:
            self.try_to(
                lambda: moderation.move(comment.pk, None if to_the_top else parent.pk, self.moderators[0])
            )  # fmt: skip

    @rule(which=any_number)
    def redact(self, which):
        comment = self.some_comment(which)
        if comment:
            secret = next((word for word in comment.body.split() if word.startswith("secret")), "")
            self.try_to(lambda: redaction.redact(comment.pk, self.moderators[0], secret, what="words"))

    @rule(which=any_number)
    def put_back(self, which):
        made = list(Redaction.objects.order_by("pk"))
        if made:
            self.try_to(lambda: redaction.put_back(made[which % len(made)].pk, self.moderators[1]))

    # --- What the mail carries ------------------------------------------------------------------------------

    @rule()
    def mail_leaves(self):
        long_ago = timezone.now() - timedelta(minutes=5)
        Notification.objects.owed().update(due_at=long_ago)
        before = set(Notification.objects.filter(state="sent").values_list("pk", flat=True))
        mail.outbox = []
        delivery.deliver()
        for row in Notification.objects.filter(state="sent").exclude(pk__in=before).select_related("comment"):
            if row.kind in {"reply", "thread", "article"}:
                assert row.comment.is_approved
                assert self.published[row.comment_id] == 1
            elif row.kind in {"decision", "answer"}:
                assert row.comment.status != "spam"
                assert row.user_id == row.comment.author_id
        self.mails.update((message.to[0], message.extra_headers["Message-ID"]) for message in mail.outbox)
        assert all(times == 1 for times in self.mails.values())

    # --- What is true all the time --------------------------------------------------------------------------

    @invariant()
    def the_log_replays_to_what_there_is(self):
        states: dict[int, str] = {}
        for entry in ModerationLogEntry.objects.of_status().exclude(comment=None).order_by("pk"):
            assert entry.old == states.get(entry.comment_id, "")
            if entry.action not in {"submit", "undo"}:
                froms, to = status.TRANSITIONS[entry.action]
                assert entry.old in froms
                assert entry.new == to
            states[entry.comment_id] = entry.new
        assert states == dict(Comment.objects.values_list("pk", "status"))

    @invariant()
    def the_places_replay_as_well(self):
        for comment in Comment.objects.all():
            last = comment.log.filter(action="move").first()
            if last:
                assert last.new == (f"under {comment.parent_id}" if comment.parent_id else "top level")

    @invariant()
    def trees_and_counts_are_right(self):
        assert list(tree.check()) == []
        assert status.wrong_counts() == []

    @invariant()
    def nobody_reads_what_is_not_for_them(self):
        if not hasattr(self, "post"):
            return
        comments = list(Comment.objects.select_related("post"))
        public = {comment.pk for comment in comments if comment.is_approved}
        for viewer in (NOBODY, *self.writers):
            page = threads_html(discussion.load(self.post, viewer))
            mine = {c.pk for c in comments if viewer.wrote(c)}
            for comment in comments:
                shown = comment.pk in public or (comment.pk in mine and comment.status == "pending")
                word = next(word for word in [*comment.body.split(), "-"] if word.startswith("public") or word == "-")
                assert (word in page) == shown, (word, comment.status)
            readable = set(Comment.objects.visible_to(viewer).values_list("pk", flat=True))
            assert readable == public | mine
        found = SearchDocument.objects.filter(kind="comment").values_list("object_id", flat=True)
        assert set(found) == public

    @invariant()
    def what_was_taken_out_is_nowhere_to_be_read(self):
        if not hasattr(self, "post"):
            return
        page = threads_html(discussion.load(self.post, NOBODY))
        for made in Redaction.objects.in_force().select_related("comment"):
            comment = made.comment
            if made.revision == comment.revision:
                assert "[removed: words]" in comment.body_html
                secret = next(w for w in redaction.original_of(comment).split() if w.startswith("secret"))
                assert secret not in page + comment.body
                assert search.query(secret, limit=1).total == 0

    @invariant()
    def reports_are_open_unless_the_last_decision_settled_them(self):
        decided = ModerationLogEntry.objects.filter(new__in=[*Comment.Status.values, "kept", "reported"])
        last = {pk: (new, at) for pk, new, at in decided.order_by("pk").values_list("comment", "new", "at")}
        reports = list(Flag.objects.open().values_list("comment", "created_at"))
        for comment_id, reported_at in reports:
            assert last[comment_id][0] != "kept" or reported_at > last[comment_id][1]
        assert {pk for pk, (new, _at) in last.items() if new == "reported"} <= {pk for pk, _at in reports}

    @invariant()
    def second_looks_are_at_what_is_refused(self):
        for asked in Appeal.objects.open().select_related("comment"):
            assert asked.comment.status in status.REFUSED
            assert asked.decision_id == status.refusal_of(asked.comment).pk

    @invariant()
    def bulk_rows_have_parts_that_are_theirs(self):
        for part in ModerationLogEntry.objects.filter(bulk__isnull=False).select_related("bulk"):
            assert part.bulk.batch in {part.batch, None}
            assert part.bulk.count >= part.bulk.parts.count()

    @invariant()
    def everybody_hears_of_a_comment_once(self):
        assert all(times == 1 for times in self.published.values())


def test_random_histories():
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=12, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
