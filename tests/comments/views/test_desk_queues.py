"""The pages of the queues, as a browser without JavaScript uses them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from comments import care, moderation
from comments.models import Comment, DeskClaim, HouseRules, ModerationLogEntry, PersonNote, ReplyMark
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db
HOSTILE = '"><script>alert(1)</script>'


@pytest.fixture
def post():
    factories.published_guidelines("Be kind")
    return factories.post(factories.person("Host", "owner"))


@pytest.fixture
def moderator(client):
    person = factories.person("Mod", "moderator")
    client.force_login(person)
    return Viewer(person)


def press(client, name, comment, queue="pending", **fields):
    return client.post("/moderation/decide/", {"one": f"{name}:{comment.pk}", "queue": queue, **fields}, follow=True)


def test_every_room_has_tabs_with_what_waits_in_the_others(client, moderator, post):
    factories.comment(post, status="pending")
    for room in ("pending", "reported", "awaiting", "spam", "decided", "recent", "care", "appeals"):
        page = client.get(f"/moderation/{room}/").text
        assert 'Held <span class="count">1</span>' in page, room
        assert page.count('aria-current="page"') >= 1


def test_filters_stay_when_one_has_decided(client, moderator, post):
    comment = factories.comment(post, "About a lighthouse.", status="pending")
    page = client.get("/moderation/pending/?q=lighthouse&view=short").text
    assert 'name="asked" value="&amp;q=lighthouse&amp;view=short"' in page
    answer = client.post(
        "/moderation/decide/",
        {"one": f"approve:{comment.pk}", "queue": "pending", "asked": "&q=lighthouse&view=short&next=//evil.example"},
    )
    assert answer.url.startswith("/moderation/pending/?q=lighthouse&view=short&done=")
    assert "evil" not in answer.url


def test_what_is_looked_for_is_shown_as_words(client, moderator, post):
    factories.comment(
        post, HOSTILE, author_name=HOSTILE, status="pending", reasons=[{"code": HOSTILE, "detail": HOSTILE}]
    )
    for address in ("/moderation/pending/", "/moderation/pending/?view=short", "/moderation/recent/"):
        page = client.get(address, {"q": HOSTILE, "reason": HOSTILE, "view": "short" if "short" in address else ""})
        assert "<script>alert" not in page.text
    assert "Nothing here is like that." in client.get("/moderation/pending/?q=nothing-like-it").text


def test_what_may_be_heavy_is_opened_by_a_click_and_never_shown_in_short(client, moderator, post):
    factories.comment(post, "Very dark.", status="pending", reasons=[{"code": "care", "detail": ""}])
    page = client.get("/moderation/pending/").text
    assert page.index('<details class="heavy"><summary>') < page.index("Very dark.")
    assert "Very dark." not in client.get("/moderation/pending/?view=short").text


def test_what_is_in_care_is_never_shown_in_short(client, moderator, post):
    """Also where its own words did not hold it: a reader may have been worried about it."""
    comment = factories.comment(post, "Very dark.", author=factories.person("Judith"), status="pending")
    care.open_by_hand(comment.pk, moderator, words="Somebody should read this.")
    moderation.decide(comment.pk, "approve", moderator)
    decided = client.get("/moderation/decided/").text
    assert "Very dark." not in decided
    assert "may be heavy" in decided
    assert "Very dark." not in client.get("/moderation/recent/?view=short").text
    assert "Very dark." not in client.get(f"/moderation/people/account/{comment.author_id}/").text
    chosen = {"chosen": [comment.pk, factories.comment(post, "Light.").pk], "action": "remove", "queue": "recent"}
    asked = client.post("/moderation/decide/", chosen).text
    assert "Light." in asked
    assert "Very dark." not in asked


def test_a_move_by_number_or_address_can_be_put_back(client, moderator, post):
    root, reply = factories.comment(post), factories.comment(post, status="pending")
    for said in (f"{root.pk}", f"https://example.org/comment/{root.pk}/", f"#comment-{root.pk}"):
        page = press(client, "move", reply, **{f"under_{reply.pk}": said})
        assert "Put it back" in page.text
        reply.refresh_from_db()
        assert reply.parent_id == root.pk
        client.post(f"/moderation/comment/{reply.pk}/move/", {"under": "", "queue": "pending"})
        reply.refresh_from_db()
        assert reply.parent_id is None
    for odd in ("-1", "x", "1 2", "9" * 30, f"{root.pk}abc"):
        assert press(client, "move", reply, **{f"under_{reply.pk}": odd}).status_code == 200
        reply.refresh_from_db()
        assert reply.parent_id is None, odd


def test_a_note_and_a_claim_are_given_on_the_card(client, moderator, post):
    comment = factories.comment(post, status="pending", guest_key=factories.guest().guest_key)
    nobodys = factories.comment(post, status="pending")
    assert "The note is kept" in press(client, "note", comment, **{f"about_{comment.pk}": "Kind."}).text
    assert "no words in this note" in press(client, "note", comment).text
    assert "Nobody knows who wrote this" in press(client, "note", nobodys, **{f"about_{nobodys.pk}": "x"}).text
    assert PersonNote.objects.get().words == "Kind."
    assert "You look at it" in press(client, "claim", comment).text
    client.force_login(factories.person("Other", "moderator"))
    assert "<bdi>Mod</bdi> looks at it" in client.get("/moderation/pending/").text
    assert "Mod is looking at this already" in press(client, "claim", comment).text
    assert client.get("/moderation/looking/", {"of": f"{comment.pk},{nobodys.pk},x"}).json() == {str(comment.pk): "Mod"}
    client.force_login(moderator.user)
    press(client, "release", comment)
    assert not DeskClaim.objects.exists()


def test_who_moderates_one_article_learns_of_no_claims_on_others_and_makes_none(client, post):
    comment = factories.comment(post, status="pending")
    moderation.claim(comment.pk, Viewer(post.author))
    client.force_login(factories.post().author)
    assert client.get("/moderation/looking/", {"of": comment.pk}).json() == {}
    client.post("/moderation/looking/", {"comment": comment.pk})
    assert DeskClaim.objects.get().by == post.author
    assert press(client, "claim", comment).status_code == 404
    assert press(client, "no_reply_needed", comment).status_code == 404


def test_what_waits_for_a_reply_is_answered_elsewhere_or_needs_none(client, moderator, post):
    comment = factories.comment(post, author=factories.person())
    assert f"replytocom={comment.pk}#respond" in client.get("/moderation/awaiting/").text
    page = press(client, "answered_elsewhere", comment, "awaiting").text
    assert "Nobody is waiting for an answer." in page
    own = client.get(f"/moderation/comment/{comment.pk}/").text
    assert "Answered elsewhere: it does not wait for a reply." in own
    press(client, "reply_wanted", comment, str(comment.pk))
    assert not ReplyMark.objects.exists()


def test_publish_and_reply_leads_to_the_form_below_the_comment(client, moderator, post):
    comment = factories.comment(post, status="pending")
    answer = client.post("/moderation/decide/", {"one": f"answer:{comment.pk}", "queue": "pending"})
    assert answer.url == f"{post.get_absolute_url()}?replytocom={comment.pk}#respond"
    assert Comment.objects.get(pk=comment.pk).is_approved


def test_many_are_named_and_counted_before_and_told_of_one_by_one_after(client, moderator, post):
    waiting = [factories.comment(post, status="pending", author_name=f"Writer {n}") for n in range(4)]
    gone = factories.comment(post, status="withdrawn")
    said = {
        "action": "reject", "chosen": [c.pk for c in [*waiting, gone]], "queue": "pending", "clause_all": "be-kind",
        **{f"status_{c.pk}": c.status for c in waiting},
    }  # fmt: skip
    asked = client.post("/moderation/decide/", said)
    assert "Decline 5 comments?" in asked.text
    assert all(f"Writer {n}" in asked.text for n in range(4))
    assert Comment.objects.pending().count() == 4
    done = client.post("/moderation/decide/", {**said, "sure": "yes"}, follow=True)
    assert "4 comments declined" in done.text
    assert f"Comment {gone.pk}: This comment is no longer what you saw" in done.text
    assert "Each of them" in done.text
    parent = ModerationLogEntry.objects.get(comment=None)
    assert ModerationLogEntry.objects.filter(bulk=parent, clause="be-kind").count() == 4
    assert client.post("/moderation/decide/", {**said, "action": "undo"}).status_code == 400


@pytest.mark.parametrize(("action", "most"), [("approve", 13), ("reject", 10), ("mark_spam", 9)])
def test_a_decision_costs_few_statements(client, moderator, post, action, most, django_assert_max_num_queries):
    writer = factories.guest()
    first, second = (factories.comment(post, status="pending", guest_key=writer.guest_key) for _ in range(2))
    press(client, action, first)
    # Who asks (2), the comment and its article, the change and its counts, the log, who wants mail, the search.
    with django_assert_max_num_queries(most):
        answer = client.post("/moderation/decide/", {"one": f"{action}:{second.pk}", "queue": "pending"})
    assert "done=" in answer.url


def test_reports_that_were_settled_are_open_again_after_an_undo(client, moderator, post):
    comment = factories.comment(post)
    moderation.flag(comment.pk, factories.guest(), reporter_key="reader", reason="be-kind")
    page = press(client, "keep", comment, queue="reported").text
    assert "1 comment kept, with the reports settled." in page
    batch = ModerationLogEntry.objects.get(action="keep").batch
    assert comment.flags.open().count() == 0
    client.post("/moderation/undo/", {"batch": batch, "queue": "reported"})
    assert comment.flags.open().count() == 1
    assert "data-undo" not in client.get(f"/moderation/reported/?done={batch}").text
    assert "Kept, with its reports settled" in client.get("/moderation/decided/").text


def test_what_was_held_after_years_in_public_waits_since_it_was_held(client, moderator, post):
    old = factories.comment(post, created_at=timezone.now() - timedelta(days=900))
    for reader in range(HouseRules.current().flags_to_hold):
        moderation.flag(old.pk, factories.guest(), reporter_key=f"reader {reader}", reason="be-kind")
    page = client.get("/moderation/reported/").text
    assert "Waits for less than a minute" in page
    assert 'value="keep:' not in page
    assert f'value="approve:{old.pk}"' in page


def test_the_question_before_a_decision_on_many_says_what_their_authors_will_read(client, moderator, post):
    many = [factories.comment(post, status="pending").pk for _ in range(2)]
    said = {"action": "reject", "chosen": many, "clause_all": "be-kind", "reason_all": HOSTILE, "note_all": "Twice."}
    page = client.post("/moderation/decide/", said).text
    assert "For clause 1, Be kind." in page
    assert "The author of each reads:" in page
    assert "For moderators: Twice." in page
    assert "<script>alert" not in page
    assert Comment.objects.pending().count() == 2


def test_what_is_in_care_is_not_read_in_passing_beside_another_comment(client, moderator, post):
    dark = factories.comment(post, "Very dark.")
    held = factories.comment(post, "An answer.", parent=dark, status="pending")
    assert "Very dark." in client.get("/moderation/pending/").text
    care.open_by_hand(dark.pk, moderator)
    page = client.get("/moderation/pending/").text
    assert "Very dark." not in page
    assert f'id="card-{held.pk}"' in page


@pytest.mark.parametrize("role", ["moderator", "member"])
def test_who_moderates_does_not_learn_who_reported_or_worries_about_them(client, moderator, role):
    host, other = factories.person("Host", role), factories.person("Another", "moderator")
    comment = factories.comment(factories.post(host), "Words of the host.", author=host)
    for name, reason in (("Rita Reporter", "other"), ("Wendy Worrier", moderation.WORRIED)):
        reader = factories.person(name)
        moderation.flag(comment.pk, Viewer(reader), reporter_key=f"account:{reader.pk}", reason=reason, words="Why.")
    rooms = ["/moderation/reported/", f"/moderation/comment/{comment.pk}/", "/moderation/care/"]
    for viewer, is_told in ((host, False), (other, True)):
        client.force_login(viewer)
        pages = "".join(client.get(room).text for room in rooms)
        assert "Why." in pages
        for name in ("Rita Reporter", "Wendy Worrier"):
            assert (name in pages) is is_told
