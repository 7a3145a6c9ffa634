"""Pages of the guidelines: what everybody reads, what a writer is shown before a submit, what a moderator sees."""

import re

import pytest
from django.urls import reverse

from comments import guidelines
from comments.guidelines import Clause
from comments.models import Comment, GuidelineAcceptance
from tests import factories

from .conftest import KIND, LINKS, text_of

pytestmark = pytest.mark.django_db
SAME_ORIGIN = {"HTTP_SEC_FETCH_SITE": "same-origin"}


class TestReading:
    def test_the_current_version_has_its_history_with_dates_summaries_and_what_is_material(self, client, versions):
        answer = client.get("/guidelines/")
        said = text_of(answer)
        assert answer.status_code == 200
        assert "Version 3, " in said
        assert re.search(r"Version 3, \w+ \d+, \d+ in force wording only Said better\. What changed", said)
        assert re.search(r"Version 2, \w+ \d+, \d+ material Kinder, and no more links\. What changed", said)
        assert re.search(r"Version 1, \w+ \d+, \d+ the first", said)
        assert versions.digest in said
        assert "Write the next version" not in said

    def test_an_earlier_version_says_so(self, client, versions):
        answer = client.get("/guidelines/1/")
        assert "This is an earlier version" in text_of(answer)
        assert "Few links." in text_of(answer)

    def test_any_two_are_compared_word_by_word(self, client, versions):
        said = text_of(client.get("/guidelines/1/changes/3/"))
        assert "Clauses: 1 new, 1 removed, 1 unchanged" in said
        assert "Kinder, and no more links." in said
        said = text_of(client.get("/guidelines/1/changes/2/"))
        assert "Be kind to [removed: all.] [added: everybody.]" in said
        assert "2. Links removed" in said

    def test_the_way_to_them(self, client, versions):
        assert client.get("/guidelines/changes/?from=3&to=1").url == "/guidelines/1/changes/3/"
        assert client.get("/guidelines/3/changes/1/").url == "/guidelines/1/changes/3/"
        assert client.get("/guidelines/2/changes/2/").url == "/guidelines/2/"
        for address in ("/guidelines/changes/", "/guidelines/changes/?from=x&to=1", "/guidelines/1/changes/9/"):
            assert client.get(address).status_code == 404
        huge = "9" * 30
        assert client.get(f"/guidelines/{huge}/changes/{huge}/").status_code == 404

    def test_hostile_words_are_words(self, client, versions):
        for address in ("/guidelines/", "/guidelines/1/changes/3/"):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page
            assert "<img" not in page
            assert "\u202e" not in page
            assert "&lt;script&gt;alert(1)" in page

    def test_pages_cost_few_queries_however_many_have_agreed(self, client, versions, django_assert_max_num_queries):
        comments = [factories.comment(factories.post()) for _ in range(3)]
        for comment in comments:
            guidelines.record(comment, versions, guidelines.SENTENCE, is_new=True)
        for address in ("/guidelines/", "/guidelines/1/", "/guidelines/1/changes/3/"):
            with django_assert_max_num_queries(8):
                assert client.get(address).status_code == 200


# --- Before a submit -----------------------------------------------------------------------------------------


def send(client, post, body="My long letter.", **more):
    return client.post(reverse("comments:submit", args=[post.pk]), factories.form(post, body, **more), **SAME_ORIGIN)


@pytest.fixture
def post():
    guidelines.publish([KIND, LINKS])
    return factories.post()


def changed(point, **more):
    return guidelines.publish(
        [Clause("kind", "Be kind", point, KIND.body), LINKS], summary_of_change=f"Now: {point}", **more
    )


class TestBeforeASubmit:
    def test_a_guest_with_an_old_page_sees_just_the_changed_clauses_and_submits_again(self, client, post):
        form = factories.form(post, "My long letter.")
        changed("Be kind to everybody.")
        answer = client.post(reverse("comments:submit", args=[post.pk]), form, **SAME_ORIGIN)
        said = text_of(answer)
        assert answer.status_code == 409
        assert "since you opened this page" in said
        assert "Be kind to [removed: all.] [added: everybody.]" in said
        assert "Now: Be kind to everybody." in said
        assert "Links" not in said.split("What has changed")[1].split("What we do for each other")[0]
        page = answer.content.decode()
        assert "My long letter." in page
        assert 'name="guidelines_version" value="2"' in page
        assert 'name="changes_seen" value="2"' in page
        form |= {"guidelines_version": 2, "changes_seen": 2}
        assert client.post(reverse("comments:submit", args=[post.pk]), form, **SAME_ORIGIN).status_code == 302
        assert GuidelineAcceptance.objects.get().version.number == 2

    def test_a_change_of_words_interrupts_nobody_and_the_version_of_the_page_is_recorded(self, client, post):
        form = factories.form(post, "My long letter.")
        changed("Be kind to everyone.", is_material=False)
        assert client.post(reverse("comments:submit", args=[post.pk]), form, **SAME_ORIGIN).status_code == 302
        assert GuidelineAcceptance.objects.get().version.number == 1

    def test_a_preview_on_an_old_page_shows_what_changed_too(self, client, post):
        form = {**factories.form(post, "My long letter."), "preview": "1"}
        changed("Be kind to everybody.")
        said = text_of(client.post(reverse("comments:submit", args=[post.pk]), form, **SAME_ORIGIN))
        assert "[added: everybody.]" in said
        assert "Preview: not submitted yet" in said

    @pytest.mark.parametrize("is_member", [True, False])
    def test_who_comes_back_is_shown_once_what_changed_since_they_last_wrote(self, client, post, is_member):
        if is_member:
            client.force_login(factories.person("Member"))
        assert send(client, post, "First.").status_code == 302
        changed("Be kind to everybody.")
        changed("Be kind to everybody, always.")
        answer = send(client, post, "Second.")
        assert answer.status_code == 409
        assert "since you last wrote here" in text_of(answer)
        assert "Be kind to [removed: all.] [added: everybody, always.]" in text_of(answer)
        assert send(client, post, "Second.", changes_seen=3).status_code == 302
        assert send(client, post, "Third.").status_code == 302
        accepted = Comment.objects.order_by("pk").values_list("acceptance__version__number", flat=True)
        assert list(accepted) == [1, 3, 3]

    def test_an_edit_is_shown_the_changes_too(self, client, post):
        writer = factories.person("Member", standing="trusted")
        client.force_login(writer)
        send(client, post, "First words.")
        comment = Comment.objects.get()
        changed("Be kind to everybody.")
        sent = {"body": "Other words.", "revision": 1, "guidelines_version": 2}
        answer = client.post(f"/comment/{comment.pk}/own/edit/", sent)
        assert answer.status_code == 409
        assert "Be kind to [removed: all.] [added: everybody.]" in text_of(answer)
        assert 'name="changes_seen" value="2"' in answer.content.decode()
        assert "Other words." in answer.content.decode()
        assert client.post(f"/comment/{comment.pk}/own/edit/", {**sent, "changes_seen": 2}).status_code == 302
        assert GuidelineAcceptance.objects.get().version.number == 2
        assert [before.version.number for before in guidelines.earlier(comment)] == [1]


class TestForModerators:
    @pytest.fixture(autouse=True)
    def moderator(self, client):
        client.force_login(factories.person(role="moderator"))

    def test_every_card_says_to_what_its_author_agreed_or_that_nothing_is_on_record(self, client, post):
        agreed = factories.comment(post, status="pending")
        guidelines.record(agreed, guidelines.current(), guidelines.SENTENCE, is_new=True)
        imported = factories.comment(post, status="pending", source="wordpress", source_id="7")
        said = text_of(client.get("/moderation/pending/"))
        assert "Agreed to version 1 of the guidelines" in said
        assert guidelines.SENTENCE in said
        assert "No recorded consent: imported" in said
        guidelines.record(agreed, changed("Kinder."), guidelines.SENTENCE, channel="edit")
        said = text_of(client.get(f"/moderation/comment/{agreed.pk}/"))
        assert "Agreed to version 2 of the guidelines" in said
        assert re.search(r"Version 2, .*, by an edit: .*Before that: version 1, .* with an earlier wording", said)
        assert "No recorded consent: imported" in text_of(client.get(f"/moderation/comment/{imported.pk}/"))

    def test_a_decision_by_a_clause_that_is_gone_still_says_which(self, client, post):
        from comments import moderation
        from comments.viewers import Viewer

        comment = factories.comment(post, status="pending")
        moderation.decide(comment.pk, "reject", Viewer(factories.person(role="moderator")), clause="links")
        guidelines.publish([KIND], summary_of_change="x")
        assert "clause Links (version 1)" in text_of(client.get(f"/moderation/comment/{comment.pk}/"))
