"""Pages as the door gives them: their price, their caching, and what a form gives back."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from comments import private_links
from comments.conf import Rules
from comments.models import Comment, Discussion, HouseRules
from storied import search
from tests import factories
from tests.comments.test_discussion import grow

pytestmark = pytest.mark.django_db

SAME_ORIGIN = {"headers": {"sec-fetch-site": "same-origin"}}


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


@pytest.fixture
def moderator(client):
    person = factories.person("Mod", "moderator")
    client.force_login(person)
    return person


def send(client, post, words="Words from a form.", **fields):
    address = reverse("comments:submit", args=[post.pk])
    return client.post(address, factories.form(post, words, **fields), **SAME_ORIGIN)


# --- What pages cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 200])
def test_an_article_costs_the_same_queries_however_long_its_discussion(client, post, size, django_assert_num_queries):
    grow(post, size)
    with django_assert_num_queries(12):
        # what is to come; the article and its text, its categories, the one before and after; where help is found;
        # rules, discussion, the comments; the guidelines and their clauses
        assert client.get(post.get_absolute_url()).status_code == 200
    with django_assert_num_queries(2):  # the discussion and its comments: everything around was kept
        assert client.get(post.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("page", [1, 5, 10])
def test_an_article_with_two_thousand_comments_costs_a_few_queries_more(
    client, post, page, django_assert_max_num_queries
):
    grow(post, 2_000)
    with django_assert_max_num_queries(21):
        answer = client.get(post.get_absolute_url(), {"comments": page})
    assert answer.status_code == 200
    assert answer.content.count(b'class="comment') > 100


@pytest.mark.parametrize("size", [2, 200, 2_000])
def test_a_queue_costs_the_same_queries_however_much_waits(client, post, moderator, size, django_assert_num_queries):
    grow(post, size)
    Comment.objects.filter(post=post).update(status="pending")
    with django_assert_num_queries(16):
        # session, account; what waits in all rooms; which comments, and themselves; reports, log, claims, what stands
        # around them (2), care, records, what is known of people (3); clauses, words for refusals
        assert client.get("/moderation/pending/").status_code == 200


def test_a_page_of_hits_costs_a_few_queries(client, post, django_assert_max_num_queries):
    for _ in range(5):
        factories.comment(post, "A word like lighthouse.")
    with django_assert_max_num_queries(6):
        client.get("/search/", {"q": "lighthouse"})


# --- Reading ------------------------------------------------------------------------------------------------


def test_the_heading_counts_comments_and_linkbacks_and_says_so(client, post):
    factories.comment(post)
    factories.comment(post, kind="pingback")
    page = client.get(post.get_absolute_url()).content.decode()
    assert re.search(rf"2\s+Responses to “{post.title}”", page)
    assert "1 comment" in page
    assert "1 linkback" in page


def test_reading_sets_no_cookie_and_shows_no_token(client, post):
    answer = client.get(post.get_absolute_url())
    assert not answer.cookies
    assert b"csrfmiddlewaretoken" not in answer.content


def test_a_permalink_leads_to_the_right_page_and_place(client, post):
    HouseRules.change({"comments_a_page": 20}, by=None)
    comments = grow(post, 90, roots=1.0)
    answer = client.get(f"/comment/{comments[70].pk}/")
    assert answer.url == f"{post.get_absolute_url()}?comments=4#comment-{comments[70].pk}"
    assert f'id="comment-{comments[70].pk}"' in client.get(answer.url).content.decode()


def test_without_a_rule_for_the_length_the_whole_of_a_text_is_shown_before_it_is_sent(client, post):
    HouseRules.change({"max_characters": 0}, by=None)
    form = {**factories.form(post, "A long letter."), "preview": "1"}
    submit, preview = (
        client.post(f"/discussion/{post.pk}/{what}/", form, HTTP_SEC_FETCH_SITE="same-origin")
        for what in ("submit", "preview")
    )
    assert "<p>A long letter.</p>" in submit.text
    assert preview.json() == {"html": "<p>A long letter.</p>"}


def test_a_permalink_of_what_was_never_public_leads_nowhere(client, post):
    waiting = factories.comment(post, status="pending")
    assert client.get(f"/comment/{waiting.pk}/").status_code == 404


@pytest.mark.parametrize("page", ["0", "2", "-1", "x", "9" * 40, "1e3", "²"])
def test_a_page_of_a_discussion_that_does_not_exist_is_not_found(client, post, page):
    assert client.get(post.get_absolute_url(), {"comments": page}).status_code == 404


def test_a_reply_is_prepared_without_javascript(client, post):
    comment = factories.comment(post, "What was said.", author_name="Michelle")
    page = client.get(post.get_absolute_url(), {"replytocom": comment.pk}).content.decode()
    assert "Reply to Michelle" in page
    assert f'name="parent" value="{comment.pk}"' in page
    assert "What was said." in page
    assert 'name="robots" content="noindex"' in page


def test_search_finds_articles_and_comments_and_nothing_that_is_not_public(client, post):
    factories.comment(post, "A lighthouse in the fog.")
    factories.comment(post, "An unseen lighthouse.", status="pending")
    factories.post(title="The lighthouse keeper", body="Words.")
    factories.post(title="A lighthouse to come", status="draft")
    search.rebuild()
    page = client.get("/search/", {"q": "lighthouse"}).content.decode()
    assert "in the fog" in page
    assert "keeper" in page
    assert "unseen" not in page
    assert "to come" not in page


# --- Writing ------------------------------------------------------------------------------------------------


def test_a_held_comment_leads_its_writer_to_a_private_page(client, post):
    answer = send(client, post)
    assert answer.status_code == 302
    page = client.get(answer.url)
    assert "waits for a moderator" in page.content.decode()
    assert page["Cache-Control"] == "private, no-store"
    comment = Comment.objects.get()
    token = answer.url.removesuffix("/").rpartition("/")[2]
    assert private_links.comment_id_of(token) == comment.pk


def test_the_writer_of_a_comment_that_is_held_again_is_not_thanked_for_it(client, post):
    comment = factories.comment(post, status="pending", was_public=True)
    page = client.get(private_links.link_to(comment.pk)).content.decode()
    assert "A moderator will read your comment again" in page
    assert "Thank you" not in page


def test_a_form_without_a_token_is_told_of_its_page_and_not_of_what_one_may(post):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(factories.person())
    answer = browser.post("/accounts/profile/", {"display_name": "Other"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "That page was too old" in page
    assert "not open to you" not in page


def test_a_private_link_works_in_any_browser_and_opens_one_comment_alone(client, django_user_model, post):
    send(client, post)
    comment = Comment.objects.get()
    other = factories.comment(post, status="pending")
    client.cookies.clear()
    assert client.get(private_links.link_to(comment.pk)).status_code == 200
    assert client.get(f"/comment/{other.pk}/own/").status_code == 404
    token = private_links.token_of(comment.pk)
    forged = token.replace(str(comment.pk), str(other.pk), 1)
    assert client.get(f"/comment/own/{forged}/").status_code == 404


def test_a_private_link_that_is_no_longer_good_names_another_way_to_what_one_wrote(client):
    answer = client.get("/comment/own/not-a-link/")
    assert answer.status_code == 404
    assert reverse("comments:mine") in answer.text


def test_by_a_private_link_a_comment_is_edited_and_withdrawn(client, post):
    send(client, post)
    comment = Comment.objects.get()
    link = private_links.link_to(comment.pk)
    new = {"body": "Better words.", "revision": 1, "guidelines_version": 1}
    assert client.post(f"{link}edit/", new).url == link
    comment.refresh_from_db()
    assert (comment.body, comment.revision) == ("Better words.", 2)
    assert client.post(f"{link}withdraw/").status_code == 302
    comment.refresh_from_db()
    assert comment.status == "withdrawn"


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "What may we call you?"),
        ("name", "\u200b\u3164", "shows nothing"),
        ("email", "nobody", "does not look like an e-mail address"),
        ("url", "javascript:alert(1)", "not the address of a site"),
        ("body", "  \n ", "There is no text yet"),
        ("body", "x" * 10_001, "1 character longer"),
        ("parent", "999999", "not part of this discussion"),
        ("stamp", "forged", "expired"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(client, post, field, value, said):
    typed = {"words": "My long letter.", "name": "Judith of Leeds", "email": "j@example.org"}
    fields = {**typed, **({"words": value} if field == "body" else {field: value})}
    answer = send(client, post, **fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    for kept in {v for k, v in fields.items() if k in typed and k != field and v} - {value}:
        assert kept in page
    assert not Comment.objects.exists()


def test_changed_guidelines_are_shown_with_the_text_kept(client, post):
    form = factories.form(post, "My long letter.")
    factories.published_guidelines("Be kind", "No methods")
    answer = client.post(reverse("comments:submit", args=[post.pk]), form, **SAME_ORIGIN)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "have changed" in page
    assert "No methods" in page
    assert "My long letter." in page
    assert 'name="guidelines_version" value="2"' in page


def test_too_many_comments_get_a_time_to_wait_and_the_text_back(client, post):
    HouseRules.change({"flood_per_minute": 1}, by=None)
    send(client, post, "First.")
    answer = send(client, post, "Second words.")
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert "Second words." in answer.content.decode()


def test_a_closed_discussion_gives_the_text_back(client, post):
    Discussion.objects.filter(post=post).update(is_open=False)
    answer = send(client, post, "Too late.")
    assert answer.status_code == 403
    assert "Too late." in answer.content.decode()


def test_a_form_that_comes_back_leaves_the_guidelines_folded(client, post):
    points = '<details class="points" open>'
    assert points in client.get(post.get_absolute_url()).text
    again = send(client, post, preview="1").text
    assert points not in again
    assert '<details class="points">' in again


def test_who_waits_reads_of_the_first_mail_whatever_was_asked_for(client, post):
    pages = [client.get(send(client, post, f"Words {tick}.", replies_by_mail=tick).url).text for tick in ("", "on")]
    assert all("the link in a first mail to you" in page for page in pages)


def test_a_preview_shows_the_text_and_stores_nothing(client, post):
    answer = send(client, post, "Some *words*.", preview="1")
    assert answer.status_code == 200
    assert "<em>words</em>" in answer.content.decode()
    assert not Comment.objects.exists()


def test_a_preview_for_scripts_is_cleaned_html(client, post):
    address = reverse("comments:preview", args=[post.pk])
    answer = client.post(address, {"body": "<b>x</b> *y*"}, **SAME_ORIGIN)
    assert answer.json() == {"html": "<p>&lt;b&gt;x&lt;/b&gt; <em>y</em></p>"}


def test_a_guest_is_remembered_for_a_year_only_when_asked(client, post):
    assert send(client, post).cookies["storied_guest"]["max-age"] == ""
    client.cookies.clear()
    answer = send(client, post, "Others.", remember="on", name="Ruth", email="r@example.org")
    assert answer.cookies["storied_guest"]["max-age"] == 60 * 60 * 24 * 365
    assert answer.cookies["storied_guest"]["httponly"]


# --- Moderating ---------------------------------------------------------------------------------------------


def test_a_decision_can_be_undone_at_a_click(client, post, moderator):
    comment = factories.comment(post, status="pending")
    decided = client.post("/moderation/decide/", {"one": f"approve:{comment.pk}", f"revision_{comment.pk}": 1})
    page = client.get(decided.url).content.decode()
    batch = re.search(r'name="batch" value="([^"]+)"', page)[1]
    client.post("/moderation/undo/", {"batch": batch, "queue": "pending"})
    comment.refresh_from_db()
    assert comment.status == "pending"


def test_a_comment_declined_with_a_clause_and_words_tells_its_writer(client, post, moderator):
    comment = factories.comment(post, status="pending")
    said = {f"clause_{comment.pk}": "be-kind", f"reason_{comment.pk}": "Please leave the last line out."}
    client.post("/moderation/decide/", {"one": f"reject:{comment.pk}", **said})
    client.logout()
    page = client.get(private_links.link_to(comment.pk)).content.decode()
    assert "Please leave the last line out." in page
    assert "#be-kind" in page


@pytest.mark.parametrize(
    "pressed", [{"one": ":none"}, {}, {"one": "approve:"}, {"one": "approve:x"}, {"action": "approve"}]
)
def test_a_form_that_chooses_nothing_decides_nothing(client, post, moderator, pressed):
    factories.comment(post, status="pending")
    assert client.post("/moderation/decide/", pressed).status_code == 302
    assert Comment.objects.pending().count() == 1


def test_many_are_decided_at_once(client, post, moderator):
    waiting = [factories.comment(post, status="pending").pk for _ in range(4)]
    said = {"action": "mark_spam", "chosen": waiting[:3], "queue": "pending"}
    asked = client.post("/moderation/decide/", said)
    assert "Mark as spam 3 comments?" in asked.text
    assert Comment.objects.spam().count() == 0
    answer = client.post("/moderation/decide/", {**said, "sure": "yes"})
    assert "3 comments marked as spam" in client.get(answer.url).content.decode()
    assert Comment.objects.spam().count() == 3


def test_the_owner_changes_the_house_rules_in_the_site_and_a_moderator_does_not(client, post, moderator):
    assert client.get("/moderation/rules/").status_code == 403
    client.force_login(factories.person("Owner", "owner"))
    page = client.get("/moderation/rules/")
    assert page.status_code == 200
    form = {
        name: "on" if value is True else value
        for name, value in page.context["form"].initial.items()
        if value is not False
    }
    client.post("/moderation/rules/", {**form, "max_links": 7, "usual_wait": "soon"})
    assert (HouseRules.current().max_links, HouseRules.current().usual_wait) == (7, "soon")
    answer = client.post("/moderation/rules/", {**form, "max_links": -1})
    assert answer.status_code == 422
    assert "This should be 0 or more." in answer.text
    assert HouseRules.current().max_links == 7


def test_the_owners_page_has_each_house_rule_once_under_one_heading(client):
    client.force_login(factories.person("Owner", "owner"))
    groups = client.get("/moderation/rules/").context["groups"]
    assert sorted(field.name for _, group in groups for field in group) == sorted(vars(Rules()))
    assert len({heading for heading, _ in groups}) == len(groups)


def test_a_rule_that_the_owner_sets_back_follows_the_installation_again(settings, post):
    HouseRules.change({"max_links": 5}, by=None)
    HouseRules.change({"max_links": 2}, by=None)
    settings.STORIED_RULES = {"max_links": "9"}
    assert HouseRules.current().max_links == 9


def test_the_front_door_of_moderation_asks_a_guest_to_log_in(client):
    assert client.get("/moderation/").url.startswith("/accounts/login/?next=/moderation/")
