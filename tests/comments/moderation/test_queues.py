"""What waits, in which order, found by what, and what it costs when ten thousand wait."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments import care, moderation, searching, status
from comments.exceptions import CommentsError, Conflict, NotAllowed
from comments.models import Comment, DeskClaim, ModerationLogEntry, PersonNote, ReplyMark
from comments.models.risk import RISKS
from comments.moderation import claims, filters, queues, replies
from comments.viewers import Viewer
from storied import search
from tests import factories
from tests.comments.test_discussion import grow

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    return factories.post(factories.person("Host", "owner"))


def ago(**span):
    return timezone.now() - timedelta(**span)


def held(post, *codes, **fields):
    reasons = [{"code": code, "detail": fields.pop("detail", "")} for code in codes]
    return factories.comment(post, status="pending", reasons=reasons, **fields)


def found(name, viewer, **asked):
    return list(moderation.comments_in(name, viewer, moderation.Wanted.of(asked)))


# --- Order ------------------------------------------------------------------------------------------------


def test_what_may_be_danger_comes_first_then_the_doubtful_and_the_oldest_of_each(post, moderator):
    late = held(post, "newcomer", created_at=ago(hours=1))
    early = held(post, "newcomer", created_at=ago(hours=9))
    links = held(post, "newcomer", "links", created_at=ago(hours=2))
    watched = held(post, "watched_word", created_at=ago(hours=3))
    reported = held(post, "flagged", created_at=ago(hours=1))
    dark = held(post, "care", created_at=ago(minutes=1))
    assert found("pending", moderator) == [dark, reported, watched, links, early, late]


def test_words_that_look_like_a_reason_are_none(post, moderator):
    posing = held(post, "newcomer", detail='"code": "care"', created_at=ago(hours=1))
    links = held(post, "links")
    assert found("pending", moderator) == [links, posing]


def test_most_reports_come_first(post, moderator):
    once, twice = factories.comment(post, created_at=ago(days=2)), factories.comment(post)
    for comment, readers in ((once, "a"), (twice, "ab")):
        for reader in readers:
            moderation.flag(comment.pk, factories.guest(), reporter_key=reader, reason="unkind")
    assert found("reported", moderator) == [twice, once]


def test_decisions_are_listed_the_newest_first_and_only_those_of_people(post, moderator, other):
    first, second = held(post, "newcomer"), held(post, "newcomer")
    moderation.decide(first.pk, "approve", moderator)
    moderation.decide(second.pk, "reject", other, reason="No.")
    status.change_status(first.pk, "withdraw", actor=None)
    assert [(e.comment_id, e.action) for e in moderation.decisions(moderator)] == [
        (second.pk, "reject"),
        (first.pk, "approve"),
    ]
    scoped = Viewer(factories.post().author)
    assert list(moderation.decisions(scoped)) == []


# --- Awaiting a reply ---------------------------------------------------------------------------------------


def test_first_and_long_comments_without_an_answer_wait_for_a_reply(post, moderator):
    writer, member = factories.guest(), factories.person()
    first = factories.comment(post, guest_key=writer.guest_key, created_at=ago(days=3))
    factories.comment(post, guest_key=writer.guest_key, created_at=ago(days=2))
    long = factories.comment(post, "word " * 200, guest_key=writer.guest_key, created_at=ago(days=1))
    of_member = factories.comment(post, author=member, created_at=ago(hours=5))
    factories.comment(post, author=post.author)
    factories.comment(post, "Imported, by nobody we know.")
    factories.comment(post, guest_key=factories.guest().guest_key, created_at=ago(days=40))
    held(post, "newcomer", guest_key=factories.guest().guest_key)
    assert found("awaiting", moderator) == [first, long, of_member]
    factories.comment(post, parent=first, guest_key=writer.guest_key)
    assert first in found("awaiting", moderator), "an answer to oneself is none"
    factories.comment(post, parent=of_member, author=member)
    assert of_member in found("awaiting", moderator)
    factories.comment(post, parent=first, author=post.author)
    factories.comment(post, parent=long, status="pending")
    assert found("awaiting", moderator) == [long, of_member]


@pytest.mark.parametrize("what", ReplyMark.What.values)
def test_what_needs_no_reply_is_marked_logged_and_unmarked(post, moderator, what):
    comment = factories.comment(post, author=factories.person())
    for nobody in (Viewer(factories.person()), factories.guest()):
        with pytest.raises(NotAllowed):
            replies.mark(comment.pk, what, nobody)
    replies.mark(comment.pk, what, moderator)
    replies.mark(comment.pk, what, moderator)
    assert found("awaiting", moderator) == []
    replies.mark(comment.pk, replies.WANTED, moderator)
    assert found("awaiting", moderator) == [comment]
    with pytest.raises(CommentsError, match="no such"):
        replies.mark(comment.pk, "approve", moderator)
    said = ModerationLogEntry.objects.exclude(action="submit").order_by("pk").values_list("action", "actor_name")
    assert list(said) == [(what, "Mod"), (replies.WANTED, "Mod")]


# --- Finding ------------------------------------------------------------------------------------------------


def test_a_queue_is_narrowed_by_article_person_reason_age_and_words(post, moderator):
    guest, member = factories.guest(), factories.person()
    mine = held(
        post, "links", body="About lighthouses.", guest_key=guest.guest_key, author_name="Ruth",
        author_email="ruth@example.org", network="a" * 32, created_at=ago(days=5),
    )  # fmt: skip
    near = held(factories.post(), "newcomer", author=member, network="a" * 32)
    assert found("pending", moderator, article=str(post.pk)) == [mine]
    assert found("pending", moderator, person=f"guest-{guest.guest_key}") == [mine]
    assert found("pending", moderator, person=f"account-{member.pk}") == [near]
    assert found("pending", moderator, reason="links") == [mine]
    assert found("pending", moderator, age="over-three-days") == [mine]
    assert found("pending", moderator, age="day") == [near]
    for words in ("LIGHTHOUSE", "ruth", "Ruth@example.org", f"  {'lighthouses'} "):
        assert found("pending", moderator, q=words) == [mine], words
    assert found("pending", moderator, q=member.email) == [near]
    assert found("pending", moderator, q="ruth@example") == []
    assert set(found("recent", moderator, network=str(near.pk))) == {mine, near}
    assert found("recent", moderator, network=str(factories.comment(post).pk)) == []


def test_who_moderates_one_article_finds_nobody_by_address_person_or_network(post):
    guest = factories.guest()
    mine = held(post, "links", guest_key=guest.guest_key, author_email="ruth@example.org", network="a" * 32)
    author = Viewer(factories.person("Author"))
    mine.post.author = author.user
    mine.post.save()
    assert found("pending", author) == [mine]
    assert found("pending", author, q="ruth@example.org") == []
    assert found("pending", author, person=f"guest-{guest.guest_key}") == []
    assert found("pending", author, network=str(mine.pk)) == []
    assert found("recent", author, q="nothing like it") == []


def test_what_is_published_is_found_however_old_and_the_rest_among_the_newest(post, moderator, monkeypatch):
    monkeypatch.setattr(filters, "LOOKED_THROUGH", 2)
    old = factories.comment(post, "An old lighthouse.", status="spam")
    public = factories.comment(post, "A public lighthouse.")
    search.index(searching.documents([public]))
    new = [factories.comment(post, f"A new lighthouse {n}.", status="spam") for n in range(2)]
    assert set(found("recent", moderator, q="lighthouse")) == {public, *new}
    assert old not in found("spam", moderator, q="lighthouse")


@pytest.mark.parametrize(
    "asked",
    [
        {"article": "x"}, {"article": "9" * 30}, {"person": "account-x"}, {"person": "guest-" + "a" * 50},
        {"person": "guest-<script>"}, {"age": "never"}, {"reason": '" or 1'}, {"network": "-1"}, {"q": " \x00 "},
    ],
)  # fmt: skip
def test_what_makes_no_sense_in_an_address_is_left_out(asked):
    assert not moderation.Wanted.of(asked)


def test_an_address_says_again_what_was_asked(post):
    asked = {"q": "a b&c", "reason": "links", "age": "day", "article": "7", "person": "account-3", "network": "4"}
    assert dict(parse_qsl(moderation.Wanted.of(asked).query)) == asked


# --- Cards --------------------------------------------------------------------------------------------------


def test_a_card_shows_what_stands_beside_it_care_notes_and_who_looks(post, moderator, other):
    guest = factories.guest()
    before, after = factories.comment(post), None
    shown = held(post, "newcomer", guest_key=guest.guest_key)
    after = factories.comment(post)
    PersonNote.objects.create(guest_key=guest.guest_key, words="Kind.", by_name="Ada")
    care.open_by_hand(shown.pk, moderator, words="Look.")
    moderation.claim(shown.pk, other)
    card = moderation.cards([shown], moderator)[0]
    assert (card.before, card.after) == (before, after)
    assert [note.words for note in card.notes] == ["Kind."]
    assert card.is_heavy
    assert card.claim.by == other.user
    author = Viewer(factories.person("Nobody"))
    assert moderation.cards([shown], author)[0].notes == []


def test_a_reply_stands_between_the_public_replies_to_the_same_comment(post, moderator):
    root = factories.comment(post)
    first = factories.comment(post, parent=root)
    factories.comment(post, parent=root, status="removed")
    shown = held(post, "newcomer", parent=root)
    factories.comment(post, parent=shown, status="pending")
    last = factories.comment(post, parent=root)
    card = moderation.cards([shown], moderator)[0]
    assert (card.before, card.after, card.ancestors) == (first, last, [root])


# --- Claims -------------------------------------------------------------------------------------------------


def test_a_claim_is_seen_keeps_nobody_out_and_ends_by_itself(post, moderator, other):
    comment = held(post, "newcomer")
    moderation.claim(comment.pk, moderator)
    moderation.claim(comment.pk, moderator)
    with pytest.raises(Conflict, match="Mod is looking at this already"):
        moderation.claim(comment.pk, other)
    moderation.release(comment.pk, other)
    assert DeskClaim.objects.get().by == moderator.user
    DeskClaim.objects.update(at=ago(minutes=5, seconds=1))
    assert claims.claims_on([comment.pk]) == {}
    moderation.claim(comment.pk, other)
    moderation.decide(comment.pk, "approve", moderator)
    moderation.release(comment.pk, other)
    assert not DeskClaim.objects.exists()
    with pytest.raises(NotAllowed):
        moderation.claim(comment.pk, Viewer(factories.person()))


def test_who_decides_on_what_somebody_has_decided_since_learns_who_and_what(post, moderator, other):
    comment = held(post, "newcomer")
    moderation.decide(comment.pk, "approve", other)
    for action in ("mark_spam", "hold", "remove", "remove_branch"):
        with pytest.raises(Conflict, match="Somebody was first.*“published” now, by Other"):
            moderation.decide(comment.pk, action, moderator, seen_status="pending", reason="x")
    _, outcomes = moderation.decide_all([comment.pk], "approve", moderator, seen_as={comment.pk: "pending"})
    assert "by Other, already" in outcomes[0].was_first


# --- What it costs ------------------------------------------------------------------------------------------


def pile(post, size):
    """So many held comments, of all reasons."""
    grow(post, size)
    rows = list(Comment.objects.filter(post=post).order_by("pk").values_list("pk", flat=True))
    codes = [*RISKS, "newcomer"]
    for place, code in enumerate(codes):
        Comment.objects.filter(pk__in=rows[place :: len(codes)][:500]).update(reasons=[{"code": code, "detail": ""}])
    Comment.objects.filter(post=post).update(status="pending", published_at=None)
    if connection.vendor == "postgresql":
        # It keeps statistics by itself; SQLite has none.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


ROOMS = ["pending", "reported", "awaiting", "spam", "decided", "recent"]


@pytest.mark.parametrize("size", [20, 1_000, 10_000])
def test_no_room_of_the_desk_costs_more_queries_or_scans_a_table_when_many_wait(client, post, moderator, size):
    pile(post, size)
    first = Comment.objects.filter(post=post).order_by("pk").first()
    second = Comment.objects.filter(post=post).order_by("-pk").first()
    moderation.decide(first.pk, "approve", moderator)
    moderation.decide(second.pk, "mark_spam", moderator)
    moderation.flag(first.pk, factories.guest(), reporter_key="a", reason="unkind")
    client.force_login(moderator.user)
    client.get("/moderation/pending/")
    counted, scans = {}, []
    addresses = [f"/moderation/{room}/" for room in ROOMS]
    addresses += ["/moderation/pending/?view=short", f"/moderation/pending/?article={post.pk}&age=hour"]
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counted[address] = len(queries)
        if size == 10_000:
            scans += [f"{address}: {plan}" for query in queries for plan in scans_in(query["sql"])]
    assert max(counted.values()) <= 19, counted
    assert scans == []


def scans_in(sql):
    """Lines of a plan by which a table that grows is read from one end to the other."""
    if not sql.startswith(("SELECT", "WITH")):
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # All of them wait here, so that reading the whole table is cheapest; asked is whether it is the only way.
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {sql}")
            return [
                line for (line,) in cursor.fetchall() if "Seq Scan on comments_" in line and "guideline" not in line
            ]
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        lines = [row[3] for row in cursor.fetchall()]
    # The newest by their number, up to a limit, is a walk along the key and no scan.
    growing = ("comments_comment", "comments_moderationlogentry")
    walks = "ORDER BY" in sql and "LIMIT" in sql and not any("TEMP B-TREE" in line for line in lines)
    return [
        line
        for line in lines
        if line.startswith("SCAN") and line.split()[1] in growing and "INDEX" not in line and not walks
    ]


def test_the_order_of_what_waits_is_read_off_an_index(post, moderator):
    pile(post, 3_000)
    rows = moderation.comments_in("pending", moderator)[:20]
    plan = rows.explain()
    assert "held_by_risk" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("room", ROOMS)
def test_the_rows_of_a_page_are_read_by_their_numbers_alone(client, post, moderator, room):
    held(post, "newcomer")
    comment = factories.comment(post, guest_key=factories.guest().guest_key)
    moderation.flag(comment.pk, factories.guest(), reporter_key="a", reason="unkind")
    moderation.decide(factories.comment(post).pk, "mark_spam", moderator)
    client.force_login(moderator.user)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/moderation/{room}/")
    beside = '"comments_comment"."body_html"'
    reads = [query["sql"] for query in queries if beside in query["sql"].partition(" FROM ")[0]]
    assert reads
    for sql in reads:
        condition = sql.rpartition(" WHERE ")[2]
        assert '"id" IN (' in condition, sql
        assert " AND " not in condition, sql
        assert "SELECT" not in condition, sql


def test_whether_somebody_replied_is_asked_only_of_what_may_wait_for_a_reply(post, moderator):
    sql = str(moderation.comments_in("awaiting", moderator).query)
    # As a condition beside the others it becomes a join on PostgreSQL, with all comments of the site.
    before, _, after = sql.partition("CASE WHEN")
    assert '"parent_id" = ' not in before
    assert '"parent_id" = ' in after.partition(" END")[0]


def test_what_waits_is_asked_by_a_statement_that_is_put_together_once_an_hour(post, moderator, monkeypatch):
    queues._question_of_all.cache_clear()
    held(post, "newcomer")
    before = moderation.waiting(moderator)
    monkeypatch.setattr(queues, "_rooms", None)
    held(post, "newcomer")
    assert (before["pending"], moderation.waiting(moderator)["pending"]) == ("1", "2")
    monkeypatch.undo()
    # Who moderates one article has a statement of their own.
    assert moderation.waiting(Viewer(factories.post().author))["pending"] == "0"
    later = replies.looked_back_to() + timedelta(hours=1)
    monkeypatch.setattr(replies, "looked_back_to", lambda: later)
    assert moderation.waiting(moderator)["pending"] == "2"
    assert queues._question_of_all.cache_info().misses == 2


def test_counts_end_at_a_thousand(post, moderator, monkeypatch):
    monkeypatch.setattr(queues, "COUNTED", 3)
    for _ in range(4):
        held(post, "newcomer")
    assert moderation.waiting(moderator)["pending"] == "3+"
    assert moderation.waiting(Viewer(factories.person()))["pending"] == "0"


def test_a_page_beyond_the_end_is_the_first_one(post, moderator):
    comments = [held(post, "newcomer", created_at=ago(hours=n)) for n in range(5, 0, -1)]
    rows = moderation.comments_in("pending", moderator)
    second = moderation.page_of(rows, "2", size=2)
    assert (second.rows, second.has_next, second.has_previous) == (comments[2:4], True, True)
    assert moderation.page_of(rows, "3", size=2).has_next is False
    for odd in ("99", "x", "-1", "0", "9" * 40, "١"):
        assert moderation.page_of(rows, odd, size=2).rows == comments[:2]
