"""What writers read about decisions, what they can do, and the moderators' pages for it; all as bare HTML forms."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from comments import care, moderation, private_links
from comments.models import Appeal, Comment, HouseRules, ModerationLogEntry, Redaction
from comments.moderation import redaction
from comments.viewers import Viewer
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    factories.published_guidelines("Be kind", "Speak for yourself")
    return factories.post()


@pytest.fixture
def moderator():
    return Viewer(factories.person("Mod", "moderator"))


@pytest.fixture
def other():
    return Viewer(factories.person("Other", "moderator"))


@pytest.fixture
def owner():
    return Viewer(factories.person("Owner", "owner"))


def refused(post, moderator, action="reject", **grounds):
    comment = factories.comment(post, "My own words.", status="pending" if action == "reject" else "approved")
    return moderation.decide(comment.pk, action, moderator, **grounds)


def own(comment, way=""):
    return private_links.link_to(comment.pk) + way


def edit_form(comment, body):
    return {"body": body, "revision": comment.revision, "guidelines_version": 1}


# --- What the author reads ----------------------------------------------------------------------------------


def test_a_held_comment_says_since_when_why_and_how_long(client, post):
    comment = factories.comment(post, status="pending", reasons=[{"code": "links", "detail": ""}])
    page = client.get(own(comment)).text
    assert f"{comment.created_at:%B}" in page
    assert "since <time" in page
    assert "it has several links" in page
    assert "How long?" not in page
    HouseRules.change({"usual_wait": "usually by the evening"}, by=None)
    assert "How long? Usually by the evening." in client.get(own(comment)).text


def test_who_has_sent_spam_reads_what_everybody_reads_who_waits(client, post):
    page = client.get(own(factories.comment(post, status="spam"))).text
    assert "It waits for a moderator" in page
    assert not re.search(r"\bspam\b", page, re.I)  # the letters alone may stand in a link that is signed


def test_who_has_sent_spam_can_do_what_everybody_can_who_waits(client, post):
    pages = []
    for state in ("pending", "spam"):
        comment = factories.comment(post, "Some words.", author_name="Judith", status=state)
        page = client.get(own(comment)).text
        # A link is signed with the second in which it was made.
        pages.append(re.sub(r"<time .*?</time>|csrfmiddlewaretoken\" value=\"\w+|/comment/own/[^/]+/", "", page))
        client.post(f"{own(comment)}edit/", {"body": f"Other words, {state}.", "revision": 1, "guidelines_version": 1})
        comment.refresh_from_db()
        assert (comment.body, comment.status) == (f"Other words, {state}.", state)
        client.post(f"{own(comment)}withdraw/")
        comment.refresh_from_db()
        assert comment.status == "withdrawn"
    assert pages[0] == pages[1]


@pytest.mark.parametrize(("action", "title"), [("reject", "was not published"), ("remove", "was removed")])
def test_a_refusal_has_the_clause_the_words_the_text_and_three_ways_on(client, post, moderator, action, title):
    comment = refused(post, moderator, action, clause="speak-for-yourself", reason="It speaks <for> others.")
    page = client.get(own(comment)).text
    assert title in page
    assert "It speaks &lt;for&gt; others." in page
    assert "clause 2 of the Commenting Guidelines" in page
    assert "Speak for yourself" in page
    assert "My own words." in page
    for way in ("Edit and resubmit", "Ask for a second look", "Withdraw"):
        assert way in page


def test_somebody_in_distress_reads_no_word_of_rules_or_clauses(client, post, moderator):
    comment = refused(post, moderator, template="distress", clause="be-kind")
    page = client.get(own(comment)).text
    main = page[page.index("<main") : page.index('<article class="quoted-comment"')]
    assert "talk to somebody you trust" in main
    for word in ("violat", "clause", "Guidelines", "rule", "removed"):
        assert word not in main


def test_who_was_only_standing_below_reads_that_it_is_no_judgement(client, post, moderator):
    head = factories.comment(post)
    reply = factories.comment(post, parent=head)
    moderation.decide(head.pk, "remove_branch", moderator, reason="For the head alone.")
    page = client.get(own(reply)).text
    assert "not a judgement of what you wrote" in page
    assert "For the head alone." not in page


def test_a_note_for_moderators_is_never_read_by_the_author(client, post, moderator):
    comment = refused(post, moderator, note="The third time this week.", reason="Please.")
    assert "third time" not in client.get(own(comment)).text
    client.force_login(moderator.user)
    assert "The third time this week." in client.get(f"/moderation/comment/{comment.pk}/").text


# --- What the author does -----------------------------------------------------------------------------------


def test_the_text_is_edited_and_submitted_again(client, post, moderator):
    comment = refused(post, moderator)
    page = client.get(own(comment, "edit/")).text
    assert "My own words." in page
    assert "A moderator found that it does not fit" in page
    response = client.post(own(comment, "edit/"), edit_form(comment, "Kinder words."))
    assert response.status_code == 302
    again = Comment.objects.get(pk=comment.pk)
    assert (again.status, again.body, again.revision) == ("pending", "Kinder words.", 2)
    page = client.get(response["Location"]).text
    assert "you have written it anew" in page


def test_an_unchanged_text_comes_back_with_a_hint(client, post, moderator):
    comment = refused(post, moderator)
    response = client.post(own(comment, "edit/"), edit_form(comment, "My own words."))
    assert response.status_code == 422
    assert "not changed anything yet" in response.text


def test_a_second_look_is_asked_for_and_answered_and_the_author_reads_it(client, post, moderator, other):
    comment = refused(post, moderator)
    assert "Ask for a second look" in client.get(own(comment, "second-look/")).text
    empty = client.post(own(comment, "second-look/"), {"words": " "})
    assert empty.status_code == 422
    assert "in a few words" in empty.text
    assert client.post(own(comment, "second-look/"), {"words": "I was joking."}).status_code == 302
    page = client.get(own(comment)).text
    assert "You have asked for a second look" in page
    assert 'href="' + own(comment, "second-look/") not in page
    assert client.get(own(comment, "second-look/")).status_code == 403

    client.force_login(other.user)
    desk = client.get("/moderation/appeals/").text
    assert "I was joking." in desk
    assert "Mod" in desk
    assert '<details class="heavy">' not in desk
    care.open_by_hand(comment.pk, other, words="Somebody should read this.")
    assert '<details class="heavy">' in client.get("/moderation/appeals/").text
    asked = Appeal.objects.get()
    unanswered = client.post(f"/moderation/appeals/{asked.pk}/", {"outcome": "kept", "answer": ""})
    assert unanswered.status_code == 422
    # Said at the top of the page, however far down the form is.
    assert f'<a href="#{asked.pk}-answer">' in unanswered.text.split("cards-of-comments")[0]
    assert (
        client.post(f"/moderation/appeals/{asked.pk}/", {"outcome": "kept", "answer": "No <joke>."}).status_code == 302
    )
    client.logout()
    page = client.get(own(comment)).text
    assert "the decision stays" in page
    assert "No &lt;joke&gt;." in page
    assert "same person" not in page


def test_a_reversal_is_told_on_the_page_of_the_published_comment(client, post, moderator, other):
    comment = refused(post, moderator)
    asked = moderation.appeal(comment, factories.guest(), "Please.", by_link=True)
    client.force_login(other.user)
    client.post(f"/moderation/appeals/{asked.pk}/", {"outcome": "reversed", "answer": "You are right."})
    client.logout()
    page = client.get(own(comment)).text
    assert "Your comment is published" in page
    assert "has taken the decision back" in page
    assert "You are right." in page


def test_the_page_says_when_an_answer_is_late(client, post, moderator):
    comment = refused(post, moderator)
    moderation.appeal(comment, factories.guest(), "Please.", by_link=True)
    Appeal.objects.update(due_at=timezone.now() - timedelta(days=1))
    assert "is late" in client.get(own(comment)).text
    client.force_login(moderator.user)
    assert "Overdue since" in client.get("/moderation/appeals/").text


def test_the_pages_of_second_looks_say_where_the_newer_ones_are(client, post, moderator, monkeypatch):
    monkeypatch.setattr("comments.views.second_looks.A_PAGE", 1)
    for _ in range(2):
        moderation.appeal(refused(post, moderator), factories.guest(), "Please.", by_link=True)
    client.force_login(moderator.user)
    assert '<a class="button" rel="next" href="?page=2">Newer →</a>' in client.get("/moderation/appeals/").text
    assert '<a class="button" rel="prev" href="?page=1">← Older</a>' in client.get("/moderation/appeals/?page=2").text


def test_who_decided_is_told_that_somebody_else_looks(client, post, moderator, other):
    comment = refused(post, moderator)
    asked = moderation.appeal(comment, factories.guest(), "Please.", by_link=True)
    client.force_login(moderator.user)
    assert "somebody else looks at it" in client.get("/moderation/appeals/").text
    client.post(f"/moderation/appeals/{asked.pk}/", {"outcome": "reversed", "answer": "x"}, follow=True)
    assert Appeal.objects.get().is_open


def test_a_declined_comment_is_withdrawn(client, post, moderator):
    comment = refused(post, moderator)
    assert client.post(own(comment, "withdraw/")).status_code == 302
    assert Comment.objects.get(pk=comment.pk).status == "withdrawn"


@pytest.mark.parametrize("way", ["", "edit/", "withdraw/", "second-look/"])
def test_nobody_else_gets_to_any_of_it(client, post, moderator, way):
    comment = refused(post, moderator)
    for person in (None, factories.person(), moderator.user):
        if person:
            client.force_login(person)
        for method in (client.get, client.post):
            assert method(f"/comment/{comment.pk}/own/{way}", {"words": "x"}).status_code in {404, 405}


# --- The moderators' pages ----------------------------------------------------------------------------------


def test_a_template_is_chosen_in_the_queue_and_its_words_are_sent(client, post, moderator):
    comment = factories.comment(post, status="pending", author_name="Ruth")
    client.force_login(moderator.user)
    assert "It may hurt somebody" in client.get("/moderation/pending/").text
    data = {"one": f"reject:{comment.pk}", f"template_{comment.pk}": "unkind", f"note_{comment.pk}": "Again."}
    assert client.post("/moderation/decide/", data).status_code == 302
    entry = ModerationLogEntry.objects.get(action="reject")
    assert entry.reason.startswith("Thank you for writing, Ruth.")
    assert entry.note == "Again."


def test_a_restoration_wants_words_and_says_so(client, post, moderator, other):
    comment = refused(post, moderator, "remove")
    client.force_login(other.user)
    page = client.post("/moderation/decide/", {"one": f"restore:{comment.pk}"}, follow=True).text
    assert "Please say in a few words" in page
    data = {"one": f"restore:{comment.pk}", f"note_{comment.pk}": "I see it otherwise."}
    client.post("/moderation/decide/", data)
    assert Comment.objects.get(pk=comment.pk).is_approved


def test_undo_is_offered_for_thirty_seconds(client, post, moderator):
    from comments import log

    comment = factories.comment(post, status="pending")
    client.force_login(moderator.user)
    where = client.post("/moderation/decide/", {"one": f"approve:{comment.pk}"})["Location"]
    assert "data-undo" in client.get(where).text
    with log.corrected("a test needs the past"):
        ModerationLogEntry.objects.update(at=timezone.now() - timedelta(seconds=31))
    assert "data-undo" not in client.get(where).text


def test_the_second_of_two_is_told_in_the_queue(client, post, moderator, other):
    comment = factories.comment(post, status="pending")
    moderation.decide(comment.pk, "approve", other)
    client.force_login(moderator.user)
    page = client.post("/moderation/decide/", {"one": f"approve:{comment.pk}"}, follow=True).text
    assert "“published” now, by Other, already" in page
    page = client.post("/moderation/decide/", {"one": f"reject:{comment.pk}"}, follow=True).text
    assert "no longer what you saw" in page


def test_a_passage_is_shown_without_it_first_and_then_taken_out(client, post, moderator):
    comment = factories.comment(post, "I took **forty of them** with tea.")
    client.force_login(moderator.user)
    address = f"/moderation/comment/{comment.pk}/redact/"
    assert "I took **forty of them** with tea." in client.get(address).text
    said = {"passage": "forty of them", "occurrence": 1, "what": "method detail", "clause": "be-kind", "revision": 1}
    shown = client.post(address, {**said, "show": "1"})
    assert "[removed: method detail, clause 1]" in shown.text
    assert not Redaction.objects.exists()
    assert client.post(address, {**said, "sure": "1"}).status_code == 302
    assert "forty" not in Comment.objects.get(pk=comment.pk).body
    page = client.get(f"/moderation/comment/{comment.pk}/").text
    assert "Put it back" in page
    assert "Open the sealed copy" not in page
    client.post(f"/moderation/redaction/{Redaction.objects.get().pk}/put-back/")
    assert "forty" in Comment.objects.get(pk=comment.pk).body


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"passage": "fifty"}, "letter for letter"),
        ({"passage": ""}, "Which words"),
        ({"occurrence": "5"}, "1 times"),
        ({"what": "my own words"}, "Please choose one of these"),
        ({"revision": "7"}, "changed since"),
    ],
)
def test_what_cannot_be_taken_out_is_said_beside_what_was_typed(client, post, moderator, wrong, words):
    comment = factories.comment(post, "I took forty of them.")
    client.force_login(moderator.user)
    said = {"passage": "forty", "occurrence": 1, "what": "words", "clause": "", "revision": 1, "sure": "1", **wrong}
    response = client.post(f"/moderation/comment/{comment.pk}/redact/", said)
    assert response.status_code in {409, 422}
    assert words in response.text
    assert Comment.objects.get(pk=comment.pk).body == "I took forty of them."


def test_where_nothing_can_be_taken_out_nothing_is_shown_without_it_either(client, post, moderator):
    comment = factories.comment(post, "My own words.", status="rejected")
    client.force_login(moderator.user)
    said = {"passage": "own", "occurrence": "1", "what": "place", "revision": str(comment.revision)}
    answer = client.post(f"/moderation/comment/{comment.pk}/redact/", said)
    assert answer.status_code >= 400
    assert "Passages are taken out of what is published or waits." in answer.text
    assert "So it would read" not in answer.text


def test_the_sealed_copy_is_opened_by_the_owner_with_a_reason(client, post, moderator, owner):
    comment = factories.comment(post, "I took forty of them.")
    made = redaction.redact(comment.pk, moderator, "forty", what="words")
    client.force_login(moderator.user)
    assert client.post(f"/moderation/redaction/{made.pk}/sealed/", {"reason": "x"}).status_code == 403
    client.force_login(owner.user)
    assert client.post(f"/moderation/redaction/{made.pk}/sealed/", {"reason": ""}).status_code == 400
    assert "I took forty of them." in client.post(f"/moderation/redaction/{made.pk}/sealed/", {"reason": "x"}).text


def test_the_owner_rewords_refusals_and_adds_one(client, owner, post):
    client.force_login(owner.user)
    assert "Somebody is in distress" in client.get("/moderation/refusals/").text
    said = {"key": "unkind", "title": "Unkind", "words": "Dear {name}.", "clause": "be-kind", "is_offered": "on"}
    assert client.post("/moderation/refusals/", said).status_code == 302
    assert "Dear {name}." in client.get("/moderation/refusals/").text
    client.post("/moderation/refusals/", {**said, "key": "new", "title": "The weather!"})
    assert 'value="the-weather"' in client.get("/moderation/refusals/").text
    harsh = {**said, "key": "distress", "is_gentle": "on", "words": "A violation."}
    response = client.post("/moderation/refusals/", harsh)
    assert response.status_code == 422
    assert "bad place" in response.text
    client.post("/moderation/refusals/", {"key": "unkind", "put_back": "1"})
    assert "Dear {name}." not in client.get("/moderation/refusals/").text.split('value="the-weather"')[0]


@pytest.mark.parametrize("size", [1, 20])
def test_a_page_of_second_looks_costs_a_bounded_number_of_queries(
    client, post, moderator, other, size, django_assert_max_num_queries
):
    for _ in range(size):
        moderation.appeal(refused(post, moderator, clause="be-kind"), factories.guest(), "Please.", by_link=True)
    for viewer in (other, moderator):
        client.force_login(viewer.user)
        client.get("/moderation/appeals/")
        with django_assert_max_num_queries(10):
            client.get("/moderation/appeals/")
