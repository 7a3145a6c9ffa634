"""Passages taken out: only removed, shown before, sealed for a time, put back."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from comments import moderation, submission
from comments.exceptions import Conflict, NotAllowed
from comments.models import Comment, CommentRevision, HouseRules, ModerationLogEntry, Redaction
from comments.moderation import redaction
from comments.moderation.redaction import CannotRedact
from comments.viewers import Viewer
from storied import sealing, search
from tests import factories

pytestmark = pytest.mark.django_db

BODY = "I lived in *Millbrook* then.\n\nI took **forty of them** with tea, and woke up. Millbrook was grey."


@pytest.fixture
def post():
    factories.published_guidelines("Be kind", "No details of methods")
    return factories.post()


@pytest.fixture
def owner():
    return Viewer(factories.person("Owner", "owner"))


@pytest.fixture
def writer():
    return factories.guest()


@pytest.fixture
def comment(post, writer):
    return factories.comment(post, BODY, guest_key=writer.guest_key)


def take_out(comment, viewer, passage="forty of them", **how):
    how = {"what": "method detail", "clause": "no-details-of-methods", **how}
    return redaction.redact(comment.pk, viewer, passage, **how)


def now(comment):
    return Comment.objects.get(pk=comment.pk)


def test_a_passage_goes_and_its_place_says_what_it_was_and_for_which_clause(comment, moderator, client, post):
    take_out(comment, moderator)
    after = now(comment)
    assert "forty" not in after.body + after.body_html
    assert "[removed: method detail, clause 2]" in after.body_html
    assert (after.revision, after.status, after.edited_at) == (2, "approved", None)
    page = client.get(post.get_absolute_url()).text
    assert "forty" not in page
    assert "[removed: method detail, clause 2] with tea" in page.replace("</strong>", "")


def test_search_and_feeds_follow(comment, moderator, client, post):
    from comments import searching

    search.index(searching.documents([now(comment)]))
    assert search.query("forty", limit=5).total == 1
    made = take_out(comment, moderator)
    assert search.query("forty", limit=5).total == 0
    assert search.query("woke", limit=5).total == 1
    assert "forty" not in client.get(f"/comments/feed/{post.pk}/").text
    redaction.put_back(made.pk, moderator)
    assert search.query("forty", limit=5).total == 1


def test_the_database_does_not_have_what_was_said_in_clear(comment, moderator):
    CommentRevision.objects.create(comment=comment, number=0, body="Before: forty of them.", body_format="markdown")
    take_out(comment, moderator)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            if table.startswith("comments_"):
                cursor.execute(f"SELECT * FROM {table}")
                assert "forty of them" not in str(cursor.fetchall()), table
    assert CommentRevision.objects.get().body == "Before: [removed: method detail, clause 2]."


def test_what_was_taken_out_is_put_back_in_every_wording(comment, moderator):
    CommentRevision.objects.create(comment=comment, number=0, body="Before: forty of them.", body_format="markdown")
    made = take_out(comment, moderator)
    redaction.put_back(made.pk, moderator)
    after = now(comment)
    assert (after.body, after.body_html, after.revision) == (comment.body, comment.body_html, 3)
    assert CommentRevision.objects.get().body == "Before: forty of them."
    assert Redaction.objects.get().sealed == ""
    assert redaction.put_back(made.pk, moderator).revision == 2
    assert now(comment).revision == 3


def test_one_after_another_and_back_in_turn(comment, moderator):
    first = take_out(comment, moderator, "*Millbrook*", what="place", clause="")
    second = take_out(comment, moderator)
    with pytest.raises(CannotRedact, match="changed since"):
        redaction.put_back(first.pk, moderator)
    assert redaction.original_of(now(comment)) == BODY
    redaction.put_back(second.pk, moderator)
    assert redaction.original_of(now(comment)) == BODY
    redaction.put_back(first.pk, moderator)
    assert now(comment).body == BODY


@pytest.mark.parametrize(
    ("passage", "occurrence", "left"),
    [
        ("Millbrook", 1, "I lived in *\\[removed: place\\]* then.|Millbrook was grey."),
        ("Millbrook", 2, "I lived in *Millbrook* then.|\\[removed: place\\] was grey."),
        ("Millbrook", 0, "I lived in *\\[removed: place\\]* then.|\\[removed: place\\] was grey."),
        (" then.\r\n\r\nI took ", 1, "*Millbrook*\\[removed: place\\]**forty of them**"),
    ],
)
def test_the_chosen_one_goes(comment, passage, occurrence, left):
    proposal = redaction.propose(comment, passage, what="place", occurrence=occurrence)
    for part in left.split("|"):
        assert part in proposal.body


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"passage": "forty-one"}, "passage"),
        ({"passage": ""}, "passage"),
        ({"passage": "Millbrook", "occurrence": 3}, "occurrence"),
        ({"passage": BODY}, "passage"),
        ({"passage": "forty", "what": "nonsense, say I"}, "what"),
    ],
)
def test_what_cannot_be_taken_out_is_refused_in_words(comment, moderator, how, field):
    passage = how.pop("passage")
    with pytest.raises(CannotRedact) as refusal:
        redaction.redact(comment.pk, moderator, passage, **{"what": "place", **how})
    assert refusal.value.field == field
    assert now(comment).body == BODY


@pytest.mark.parametrize(
    ("body", "passage", "shown"),
    [
        ("See [my page](https://example.org/x) there.", "my page", ">[removed: words]</a>"),
        ("A word (https://example.org/) here.", "word ", "[removed: words]("),
        ("Run `rm -rf` now.", "rm -rf", "<code>[removed: words]</code>"),
        ("1 < 2 & so on <b>x</b>", "& so", "[removed: words]"),
    ],
)
def test_the_mark_stands_there_as_text_whatever_is_around_it(post, body, passage, shown):
    proposal = redaction.propose(factories.comment(post, body), passage, what="words")
    assert shown in proposal.body_html


def test_an_address_goes_in_part_or_whole_and_never_leads_anywhere(post):
    comment = factories.comment(post, "See [my page](https://example.org/x) there.")
    for passage in ("example.org", "[my page](https://example.org/x)"):
        proposal = redaction.propose(comment, passage, what="contact detail")
        assert "example.org" not in proposal.body_html
        assert "[removed: contact detail]" in proposal.body_html


def test_what_only_a_browser_reads_is_not_taken_out(post):
    comment = factories.comment(post, '<p>See <a href="https://example.org/x">this</a>.</p>', body_format="html")
    with pytest.raises(CannotRedact, match="marks"):
        redaction.propose(comment, "example.org/x", what="words")


def test_imported_html_is_redacted_the_same_way(post, moderator):
    comment = factories.comment(post, "<p>I am <em>Ann Miller</em> &amp; so on.</p>", body_format="html")
    redaction.redact(comment.pk, moderator, "Ann Miller", what="name")
    after = now(comment)
    assert "<em>[removed: name]</em>" in after.body_html
    assert after.body_format == "html"


@given(st.data())
def test_nothing_is_ever_added_but_the_mark(data):
    body = data.draw(st.text(st.sampled_from("ab c.*_`[]()<>&\\\n#-1"), min_size=2, max_size=60))
    start = data.draw(st.integers(0, len(body) - 1))
    passage = body[start : data.draw(st.integers(start + 1, len(body)))]
    comment = Comment(body=body, body_format="markdown", revision=1)
    number = data.draw(st.integers(0, body.count(passage)))
    try:
        proposal = redaction.propose(comment, passage, what="words", occurrence=number)
    except CannotRedact:
        return
    for mark in ("\\[removed: words\\]", "[removed: words]"):
        if mark in proposal.body:
            rest = proposal.body.replace(mark, "")
            break
    left = iter(body)
    assert all(letter in left for letter in rest)
    assert len(rest) < len(body)


def test_only_who_moderates_there_and_only_what_they_have_read(comment, moderator, writer):
    for nobody in (writer, Viewer(factories.person())):
        with pytest.raises(NotAllowed):
            take_out(comment, nobody)
    with pytest.raises(Conflict):
        take_out(comment, moderator, seen_revision=9)
    elsewhere = Viewer(factories.post().author)
    with pytest.raises(NotAllowed):
        take_out(comment, elsewhere)
    assert take_out(comment, Viewer(comment.post.author))


@pytest.mark.parametrize("state", ["rejected", "removed", "spam", "withdrawn"])
def test_only_what_is_published_or_waits(post, moderator, state):
    with pytest.raises(CannotRedact):
        take_out(factories.comment(post, BODY, status=state), moderator)


# --- The sealed copy ----------------------------------------------------------------------------------------


def test_the_owner_opens_the_copy_with_a_reason_that_stays_in_the_log(comment, moderator, owner):
    made = take_out(comment, moderator)
    assert redaction.open_sealed(made.pk, owner, "The writer asked me.") == BODY
    entry = ModerationLogEntry.objects.get(action="open_sealed")
    assert (entry.actor, entry.note, entry.reason) == (owner.user, "The writer asked me.", "")
    with pytest.raises(NotAllowed):
        redaction.open_sealed(made.pk, moderator, "Curious.")
    with pytest.raises(Exception, match="why"):
        redaction.open_sealed(made.pk, owner, " ")


def test_when_its_time_is_over_the_copy_is_gone_for_everybody(comment, moderator, owner):
    made = take_out(comment, moderator)
    Redaction.objects.update(sealed_until=timezone.now() - timedelta(minutes=1))
    for open_it in (
        lambda: redaction.open_sealed(made.pk, owner, "x"),
        lambda: redaction.put_back(made.pk, moderator),
    ):
        with pytest.raises(CannotRedact, match="expired"):
            open_it()
    assert redaction.original_of(now(comment)) == ""
    assert redaction.forget_expired() == 1
    assert Redaction.objects.get().sealed == ""
    assert redaction.forget_expired() == 0


def test_the_owner_says_for_how_many_days_and_may_say_none(comment, moderator):
    HouseRules.change({"sealed_days": 0}, by=None)
    assert take_out(comment, moderator).sealed == ""
    HouseRules.change({"sealed_days": 10}, by=None)
    made = take_out(comment, moderator, "woke up")
    assert timedelta(days=9) < made.sealed_until - timezone.now() < timedelta(days=11)


def test_a_copy_made_with_a_key_that_is_gone_says_so(comment, moderator, owner, settings):
    made = take_out(comment, moderator)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key, as long as it has to be, and then some"
    with pytest.raises(CannotRedact, match="another secret key"):
        redaction.open_sealed(made.pk, owner, "x")
    assert redaction.original_of(now(comment)) == ""
    settings.SECRET_KEY_FALLBACKS = [before]
    assert redaction.open_sealed(made.pk, owner, "x") == BODY


def test_what_is_sealed_tells_nothing_and_cannot_be_changed():
    sealed = sealing.seal("forty of them")
    assert "forty" not in sealed
    assert sealed != sealing.seal("forty of them")
    assert sealing.unseal(sealed) == "forty of them"
    with pytest.raises(sealing.CannotBeOpened):
        sealing.unseal(sealed[:-4] + "AAAA")


# --- Who wrote it -------------------------------------------------------------------------------------------


def test_its_author_reads_what_they_wrote_and_nobody_else_does(comment, moderator, writer, client):
    from comments import private_links

    take_out(comment, moderator)
    page = client.get(private_links.link_to(comment.pk)).text
    assert "forty of them" in page
    client.logout()
    assert client.get(f"/comment/{comment.pk}/own/").status_code == 404
    client.force_login(moderator.user)
    assert "forty" not in client.get(f"/moderation/comment/{comment.pk}/").text


def test_an_edit_of_what_was_redacted_is_read_by_a_moderator(comment, moderator, writer, post):
    take_out(comment, moderator)
    draft = factories.draft(post, BODY, viewer=writer, name=comment.author_name)
    edited = submission.edit(comment, draft, seen_revision=2)
    assert edited.status == "pending"
    assert {"code": "redacted", "detail": ""} in edited.reasons


def test_what_its_author_has_edited_since_is_not_written_over(comment, moderator, writer, post):
    made = take_out(comment, moderator)
    draft = factories.draft(post, "Other words.", viewer=writer, name=comment.author_name)
    submission.edit(comment, draft, seen_revision=2)
    with pytest.raises(CannotRedact, match="changed since"):
        redaction.put_back(made.pk, moderator)
    assert redaction.original_of(now(comment)) == ""


def test_a_decision_on_the_text_before_is_refused(comment, moderator):
    take_out(comment, moderator)
    with pytest.raises(Conflict):
        moderation.decide(comment.pk, "remove", moderator, seen_revision=1)
