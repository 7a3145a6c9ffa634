"""What readers, writers, moderators and the owner see of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from comments import care, moderation, private_links, submission
from comments.models import (
    CareArrangements,
    CareItem,
    CarePhrases,
    CareResponder,
    Comment,
    DeskLogEntry,
    Flag,
    HelpLine,
)
from tests import factories

from .conftest import DARK, open_for

pytestmark = pytest.mark.django_db


def as_(client, viewer):
    client.force_login(viewer.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def send(client, post, body=DARK, **fields):
    return client.post(
        reverse("comments:submit", args=[post.pk]),
        factories.form(post, body, **fields),
        HTTP_SEC_FETCH_SITE="same-origin",
    )


# --- Get help now -----------------------------------------------------------------------------------------------


def test_help_is_linked_on_every_page_once_it_is_named(client, post):
    pages = ["/", "/archive/", "/guidelines/", post.get_absolute_url(), "/nothing/here/", "/accounts/login/"]
    for page in pages:
        assert "Get help now" not in client.get(page).text
    assert client.get("/help/").status_code == 404
    HelpLine.objects.create(region="Northland", name="The Night Line", phone="0555 100")
    for page in pages:
        assert client.get(page).text.count('href="/help/"') >= 2, page
    shown = client.get("/help/")
    assert "The Night Line" in shown.text
    assert 'href="tel:0555100"' in shown.text
    assert shown["Cache-Control"] == "public, no-cache"
    HelpLine.objects.all().delete()
    assert "Get help now" not in client.get("/").text


def test_a_blog_s_own_page_of_that_address_stands_while_nobody_is_named(client, post):
    factories.post(post.author, kind="page", slug="help", title="Our own help page")
    assert "Our own help page" in client.get("/help/").text
    HelpLine.objects.create(name="The Night Line", phone="1")
    assert "The Night Line" in client.get("/help/").text


def test_a_region_can_be_chosen_and_a_made_up_one_shows_all(client, db):
    for region in ("Northland", "Southland", ""):
        HelpLine.objects.create(region=region, name=f"Line of {region or 'all'}", phone="1")
    shown = client.get("/help/?region=Northland").text
    assert "Line of Northland" in shown
    assert "Line of all" in shown
    assert "Line of Southland" not in shown
    assert "Line of Southland" in client.get("/help/?region=<b>").text


def test_what_the_owner_writes_is_escaped(client, db):
    HelpLine.objects.create(region="<i>", name="<b>x</b>", about="<script>", url="https://example.org/?a=1&b=2")
    shown = client.get("/help/").text
    for raw in ("<b>x</b>", "<script>", "<i>"):
        assert raw not in shown.split("<main")[1].split("</main")[0].replace("<i class", "")


# --- The writer -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hold_newcomers", ["on", "off"])
def test_the_writer_is_shown_help_at_once_and_alone(client, post, arranged, settings, hold_newcomers):
    settings.STORIED_RULES = {"hold_newcomers": hold_newcomers}
    response = send(client, post)
    comment = Comment.objects.get()
    assert comment.is_approved is (hold_newcomers == "off")
    assert response["Location"] == private_links.link_to(comment.pk)
    shown = client.get(response["Location"])
    assert "If things are heavy right now" in shown.text
    assert "The Night Line" in shown.text
    assert "it may be that nobody of us is reading" in shown.text
    assert shown["Cache-Control"] == "private, no-store"
    stranger = type(client)()
    assert "If things are heavy" not in stranger.get(post.get_absolute_url()).text


def test_other_writers_see_nothing_of_it(client, post, arranged):
    response = send(client, post, "A good day by the river.")
    assert "If things are heavy" not in client.get(response["Location"]).text


def test_the_writer_chooses_a_region(client, post, arranged):
    HelpLine.objects.create(region="Southland", name="Listening Ear", phone="2")
    HelpLine.objects.create(region="", name="Letters at Night", url="https://example.org/")
    address = send(client, post)["Location"]
    first = client.get(address).text
    assert "Letters at Night" in first
    assert '<option value="Southland">' in first
    assert "Listening Ear" not in first
    assert "Listening Ear" in client.get(f"{address}?region=Southland").text


@pytest.mark.parametrize("status", ["pending", "spam", "rejected", "removed", "withdrawn"])
def test_help_is_shown_whatever_became_of_the_comment(client, post, arranged, status):
    comment = factories.comment(post, DARK, status=status)
    assert "If things are heavy" in client.get(private_links.link_to(comment.pk)).text


def test_a_comment_held_for_care_says_so_kindly(client, post, arrange):
    arrange(on_match="hold")
    shown = client.get(send(client, post)["Location"]).text
    assert "somebody from here would like to read it with care first" in shown


def test_after_an_edit_the_writer_is_shown_help_too(client, post, arranged, settings):
    settings.STORIED_RULES = {"hold_newcomers": "off"}
    send(client, post, "A good day.")
    comment = Comment.objects.get()
    edit = {"body": DARK, "revision": 1, "guidelines_version": 1}
    response = client.post(f"/comment/{comment.pk}/own/edit/", edit, HTTP_SEC_FETCH_SITE="same-origin")
    assert response["Location"] == f"/comment/{comment.pk}/own/"
    assert "If things are heavy" in client.get(response["Location"]).text


def test_one_s_own_record_tells_of_no_worry(client, post):
    member = factories.person("Frances")
    comment = factories.comment(post, author=member)
    care.worry(comment.pk, factories.guest(), reporter_key="network:1")
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    shown = client.get("/accounts/record/").text
    assert "Care" not in shown
    assert "care_" not in shown


# --- The reader ---------------------------------------------------------------------------------------------------


def test_a_reader_s_worry_is_thanked_for_and_reported_nowhere(client, post):
    comment = factories.comment(post, author_name="Ann")
    said = {"reason": "worried", "words": "She writes at four in the morning."}
    response = client.post(f"/comment/{comment.pk}/report/", said)
    assert response.status_code == 200
    assert "is no complaint" in response.text
    assert "They may not read it at once" in response.text
    assert not Flag.objects.exists()
    assert CareItem.objects.get().signals.get().words == said["words"]


# --- Moderators -----------------------------------------------------------------------------------------------------


@pytest.fixture
def item(post, arranged):
    return open_for(submission.submit(factories.draft(post, DARK, name="Ann")))


def test_the_queue_shows_why_and_lets_one_claim_and_close(client, item, moderator, owner):
    as_(client, moderator)
    shown = client.get("/moderation/care/").text
    assert "Ann" in shown
    assert "I want to die" in shown
    client.post(f"/moderation/care/{item.pk}/claim/")
    assert "You look after this." in client.get("/moderation/care/").text
    refused = as_(type(client)(), owner).post(f"/moderation/care/{item.pk}/claim/")
    assert refused.status_code == 409
    assert "looking after this already" in refused.text
    wrong = client.post(f"/moderation/care/{item.pk}/close/", {"code": ""})
    assert wrong.status_code == 422
    assert "Please choose what was done." in wrong.text
    client.post(f"/moderation/care/{item.pk}/close/", {"code": "escalated", "note": "Her sister knows."})
    assert "Nobody is waiting here." in client.get("/moderation/care/").text
    closed = client.get("/moderation/care/?show=closed").text
    assert "Her sister knows." in closed
    assert "Handed on to somebody else" in closed


def test_the_pages_of_a_queue_say_where_the_older_ones_are(client, post, arranged, moderator, monkeypatch):
    monkeypatch.setattr("comments.views.care.CARDS_A_PAGE", 1)
    items = [open_for(submission.submit(factories.draft(post, f"{DARK} {name}", name=name))) for name in "AB"]
    as_(client, moderator)
    assert '<a class="button" rel="next" href="?page=2">Newer →</a>' in client.get("/moderation/care/").text
    for item in items:
        care.close(item.pk, "escalated", moderator, "")
    closed = client.get("/moderation/care/?show=closed").text
    assert '<a class="button" rel="next" href="?page=2&amp;show=closed">Older →</a>' in closed


def test_what_is_older_than_the_owner_wants_is_marked(client, item, moderator, arrange):
    arrange(target_hours=2)
    CareItem.objects.update(opened_at=timezone.now() - timedelta(hours=3))
    assert "Overdue" in as_(client, moderator).get("/moderation/care/").text


def test_the_queue_costs_the_same_queries_however_much_waits(client, post, arranged, moderator):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    as_(client, moderator)
    counted = []
    for _ in range(2):
        for number in range(5):
            submission.submit(factories.draft(post, f"{DARK} {number} {len(counted)}"))
        client.get("/moderation/care/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/moderation/care/")
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[0] <= 14


def test_a_comment_can_be_brought_to_care_by_hand(client, post, moderator):
    comment = factories.comment(post)
    as_(client, moderator)
    assert "Bring it to Care" in client.get(f"/moderation/comment/{comment.pk}/").text
    client.post(f"/moderation/comment/{comment.pk}/care/", {"words": "Please look."})
    assert "Please look." in client.get("/moderation/care/").text
    assert "Brought to Care" in client.get(f"/moderation/comment/{comment.pk}/").text


def test_while_the_lane_is_off_the_queue_says_so_and_takes_worries_in(client, post, moderator):
    moderation.flag(
        factories.comment(post).pk, factories.guest(), reporter_key="network:1", reason="worried", words="So tired."
    )
    shown = as_(client, moderator).get("/moderation/care/").text
    assert "The care lane is off" in shown
    assert "So tired." in shown


# --- The owner --------------------------------------------------------------------------------------------------------

OWNERS = [
    "/moderation/care/arrange/",
    "/moderation/care/arrange/line/",
    "/moderation/care/arrange/phrases/en/",
    "/moderation/care/arrange/phrases/",
    "/moderation/care/arrange/on-call/",
]


@pytest.mark.parametrize("address", OWNERS)
def test_only_the_owner_arranges(client, moderator, owner, address):
    before = (CareArrangements.objects.count(), HelpLine.objects.count(), CarePhrases.objects.count())
    as_(client, moderator)
    for method in (client.get, client.post):
        assert method(address, {"name": "x", "phone": "1", "language": "fr", "text": "x"}).status_code in {403, 405}
    assert (CareArrangements.objects.count(), HelpLine.objects.count(), CarePhrases.objects.count()) == before
    assert as_(type(client)(), owner).get(address).status_code in {200, 405}


def test_the_owner_arranges_everything_in_the_site(client, owner, moderator):
    as_(client, owner)
    assert "There is no help line" in client.get("/moderation/care/arrange/").text
    wrong = client.post("/moderation/care/arrange/line/", {"name": "The Night Line", "last_checked": "2026-01-01"})
    assert wrong.status_code == 422
    assert "A telephone number" in wrong.text
    for odd in ({"phone": "call us"}, {"phone": "1", "last_checked": "2999-01-01"}, {"url": "javascript:alert(1)"}):
        said = {"name": "x", "last_checked": "2026-01-01", **odd}
        assert client.post("/moderation/care/arrange/line/", said).status_code == 422, odd
    said = {"region": "Northland", "name": "The Night Line", "phone": "0555 100", "last_checked": "2026-01-01"}
    assert client.post("/moderation/care/arrange/line/", said).status_code == 302
    line = HelpLine.objects.get()
    said["hours"] = "Day and night"
    client.post(f"/moderation/care/arrange/line/{line.pk}/", said)
    client.post("/moderation/care/arrange/on-call/", {"person": moderator.user.pk, "when": "evenings"})
    assert care.why_off() == []
    chosen = {"is_wanted": "on", "on_match": "hold", "note": "", "target_hours": "2"}
    client.post("/moderation/care/arrange/", chosen)
    assert (care.current().on_match, care.current().target_hours) == ("hold", 2)
    noteless = client.post("/moderation/care/arrange/", {**chosen, "on_match": "note"})
    assert "What should the note say?" in noteless.text
    shown = client.get("/moderation/care/arrange/").text
    assert "Day and night" in client.get("/help/").text
    assert "evenings" in shown
    client.post(f"/moderation/care/arrange/on-call/{CareResponder.objects.get().pk}/remove/")
    client.post(f"/moderation/care/arrange/line/{line.pk}/", {"remove": "1"})
    assert not CareResponder.objects.exists()
    assert not HelpLine.objects.exists()
    acts = list(DeskLogEntry.objects.order_by("pk").values_list("action", flat=True))
    assert acts == ["care_line", "care_line", "care_on_call", "care_arranged", "care_off_call", "care_line_removed"]


def test_only_who_moderates_everything_can_be_on_call(client, owner):
    member = factories.person()
    response = as_(client, owner).post("/moderation/care/arrange/on-call/", {"person": member.pk})
    assert response.status_code == 422
    assert not CareResponder.objects.exists()


def test_phrases_are_tried_before_they_are_saved(client, owner, arranged, post):
    as_(client, owner)
    address = "/moderation/care/arrange/phrases/en/"
    own = "want to vanish\n- vanish ... weekend\n"
    said = {"text": own, "sample": "I want to vanish\nI want to vanish for a weekend\nHello", "is_used": "on"}
    factories.comment(post, "Sometimes I want to vanish.")
    untried = client.post(address, {**said, "save": "1"})
    assert untried.status_code == 422
    assert "try these phrases on a text first" in untried.text
    assert not CarePhrases.objects.exists()
    tried = client.post(address, {**said, "try": "1"})
    assert "In your text: 1 of 3" in tried.text
    assert "a phrase that is not meant" in tried.text
    assert "In the newest 200 comments: 1" in tried.text
    mark = tried.context["form"].data["tried"]
    other = client.post(address, {**said, "text": "something else", "tried": mark, "save": "1"})
    assert other.status_code == 422
    saved = client.post(address, {**said, "text": own.replace("\n", "\r\n"), "tried": mark, "save": "1"})
    assert saved.status_code == 302
    assert care.look("I want to vanish")
    assert not care.look(DARK)
    client.post(address, {"reset": "1"})
    assert care.look(DARK)


def test_a_set_that_cannot_be_read_says_where(client, owner):
    response = as_(client, owner).post(
        "/moderation/care/arrange/phrases/de/", {"text": "gut\n(so) nicht", "try": "1", "is_used": "on"}
    )
    assert response.status_code == 422
    assert "Line 2" in response.text


def test_another_language_can_be_begun_and_given_up(client, owner):
    as_(client, owner)
    assert client.post("/moderation/care/arrange/phrases/", {"language": "fr", "name": "French"}).status_code == 302
    assert "French" in client.get("/moderation/care/arrange/").text
    assert client.post("/moderation/care/arrange/phrases/", {"language": "f r", "name": "x"}).status_code == 422
    client.post("/moderation/care/arrange/phrases/fr/", {"reset": "1"})
    assert client.get("/moderation/care/arrange/phrases/fr/").status_code == 404
