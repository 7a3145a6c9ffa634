"""Pages of the guidelines: what everybody reads, what the owner writes, and what a writer is shown before a submit."""

import re
from html import unescape

import pytest
from django.urls import reverse

from comments import guidelines
from comments.guidelines import Clause, drafts
from comments.models import Comment, GuidelineAcceptance, GuidelineDraft, GuidelineVersion
from tests import factories

pytestmark = pytest.mark.django_db

SAME_ORIGIN = {"HTTP_SEC_FETCH_SITE": "same-origin"}
KIND = Clause("kind", "Be kind", "Be kind to all.", "Read twice before you answer.")
LINKS = Clause("links", "Links", "Few links.")
HOSTILE = Clause("bad", "<script>alert(1)</script>", "\u202eevil <b>", "</textarea><img src=x onerror=alert(1)>")


def text_of(answer):
    """What is read on a page, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", answer.content.decode())).split())


@pytest.fixture
def versions():
    """Three: a material change, then one of words."""
    guidelines.publish([KIND, LINKS], introduction="Welcome.")
    guidelines.publish(
        [Clause("kind", "Be kind", "Be kind to everybody.", KIND.body), HOSTILE],
        introduction="Welcome.", summary_of_change="Kinder, and no more links.",
    )  # fmt: skip
    return guidelines.publish([KIND, HOSTILE], summary_of_change="Said better.", is_material=False)


@pytest.fixture
def owner(client):
    person = factories.person("Ann", "owner")
    client.force_login(person)
    return person


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
        assert "1 new, 1 removed, 1 unchanged" in said
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


OWNERS_PAGES = [
    ("get", "/guidelines/next/"), ("post", "/guidelines/next/"), ("get", "/guidelines/next/text/"),
    ("post", "/guidelines/next/text/"), ("get", "/guidelines/next/preview/"), ("post", "/guidelines/next/begin/"),
    ("post", "/guidelines/next/publish/"), ("post", "/guidelines/next/discard/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "address"), OWNERS_PAGES)
def test_the_draft_is_the_owner_s_alone(client, versions, method, address):
    drafts.begin(factories.person("Ann", "owner"))
    asked = getattr(client, method)(address)
    is_led = asked.status_code == 302 and asked.url.startswith("/accounts/login/")
    assert is_led if method == "get" else "You are not logged in" in asked.text
    for role in ("member", "moderator"):
        client.force_login(factories.person(role=role))
        refused = getattr(client, method)(address, {"revision": 1, "number": 4, "confirm": "publish version 4"})
        assert refused.status_code == 403
        assert "Only the owner" in text_of(refused)
    assert GuidelineDraft.objects.get().revision == 1
    assert GuidelineVersion.objects.count() == 3


def fields(draft=None, *, seen=None, **changes):
    """What the form of a draft sends; `changes` as clause_0_title="…"."""
    draft = draft or GuidelineDraft.objects.get()
    sent = {
        "introduction": draft.introduction, "summary_of_change": draft.summary_of_change,
        "is_material": "yes" if draft.is_material else "no", "revision": seen or draft.revision,
        "clause-TOTAL_FORMS": len(draft.clauses) + 1, "clause-INITIAL_FORMS": len(draft.clauses),
    }  # fmt: skip
    for place, clause in enumerate([*draft.clauses, dict.fromkeys(("key", "title", "short_point", "body"), "")]):
        sent |= {f"clause-{place}-{name}": text for name, text in clause.items()}
        sent[f"clause-{place}-number"] = place + 1 if place < len(draft.clauses) else ""
    for name, value in changes.items():
        sent[re.sub(r"^clause_(\d+)_", r"clause-\1-", name)] = value
    return sent


class TestWriting:
    @pytest.fixture(autouse=True)
    def begun(self, client, owner):
        guidelines.publish([KIND, LINKS], introduction="Welcome.")
        assert "Begin the draft" in text_of(client.get("/guidelines/next/"))
        client.post("/guidelines/next/begin/")

    def words(self):
        return drafts.words_of(GuidelineDraft.objects.get())

    def test_clause_by_clause(self, client):
        page = client.get("/guidelines/next/").content.decode()
        assert "Be kind to all." in page
        sent = fields(
            introduction="Be welcome.", clause_0_title="Kindness first", clause_1_number="1",
            clause_2_title="Privacy", clause_2_short_point="No names.", summary_of_change="More.", is_material="no",
        )  # fmt: skip
        answer = client.post("/guidelines/next/", sent)
        assert answer.status_code == 302
        assert self.words() == drafts.Words(
            "Be welcome.",
            (
                LINKS, Clause("kind", "Kindness first", KIND.short_point, KIND.body),
                Clause("privacy", "Privacy", "No names."),
            ),
            "More.",
            False,
        )  # fmt: skip

    def test_a_clause_is_removed_and_put_back(self, client):
        client.post("/guidelines/next/", fields(clause_0_remove="on"))
        assert self.words().clauses == (LINKS,)
        assert "Put back: 1. Be kind" in text_of(client.get("/guidelines/next/"))
        client.post("/guidelines/next/", fields(back="kind"))
        assert self.words().clauses == (KIND, LINKS)

    def test_unfinished_words_are_kept_and_cannot_be_published(self, client):
        answer = client.post("/guidelines/next/", fields(clause_2_title="Only a title", then="preview"), follow=True)
        assert answer.redirect_chain[-1][0] == "/guidelines/next/preview/"
        assert "Clause 3 has no short point yet." in text_of(answer)
        assert 'name="confirm"' not in answer.content.decode()

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"clause_1_key": "kind"}, "taken by another clause"),
            ({"clause_0_title": "x" * 201}, "200 fit"),
            ({"clause_0_number": "first"}, "whole number"),
            ({"clause_0_body": "## Not here"}, "begins a clause"),
            ({"is_material": ""}, "choose one of the two"),
        ],
    )
    def test_what_cannot_be_saved_comes_back_with_all_that_was_typed(self, client, change, said):
        answer = client.post("/guidelines/next/", fields(introduction="Typed for an hour.", **change))
        assert answer.status_code == 422
        assert said in text_of(answer)
        assert "Typed for an hour." in answer.content.decode()
        assert self.words().introduction == "Welcome."

    def test_as_one_text(self, client):
        page = unescape(client.get("/guidelines/next/text/").content.decode())
        assert "Welcome.\n\n## Be kind {#kind}\n\nBe kind to all.\n\nRead twice before you answer.\n\n## Links" in page
        text = "Hello.\n\n## Kindness first {#kind}\nBe kind to all.\n\nRead twice before you answer.\n\n## New\nPoint."
        sent = {"text": text, "summary_of_change": "More.", "is_material": "yes", "revision": 1}
        assert client.post("/guidelines/next/text/", sent).status_code == 302
        assert [(clause.key, clause.title) for clause in self.words().clauses] == [
            ("kind", "Kindness first"), ("new", "New"),
        ]  # fmt: skip
        wrong = client.post("/guidelines/next/text/", {**sent, "revision": 2, "text": "## A {#a}\nx\n\n## B {#a}\ny"})
        assert wrong.status_code == 422
        assert "taken by another clause" in text_of(wrong)
        assert "## B {#a}" in wrong.content.decode()

    @pytest.mark.parametrize("address", ["/guidelines/next/", "/guidelines/next/text/"])
    def test_two_windows_both_learn_of_each_other_and_nothing_is_lost(self, client, address):
        client.post("/guidelines/next/", fields(clause_0_short_point="Be kind to somebody."))
        mine = fields(seen=1, clause_0_short_point="Be kind to nobody.") | {
            "text": "## Be kind {#kind}\nBe kind to nobody.\n\nRead twice before you answer."
        }
        answer = client.post(address, mine)
        assert answer.status_code == 409
        said = text_of(answer)
        assert "You have saved this draft, in another window, since you opened it." in said
        assert "Be kind to [removed: somebody.] [added: nobody.]" in said
        assert "Be kind to nobody." in answer.content.decode()
        assert 'name="revision" value="2"' in answer.content.decode()
        assert self.words().clauses[0].short_point == "Be kind to somebody."
        assert client.post(address, {**mine, "revision": 2}).status_code == 302
        assert self.words().clauses[0].short_point == "Be kind to nobody."

    def test_words_typed_while_somebody_published_begin_the_next_draft(self, client, owner):
        sent = fields(clause_0_short_point="Be kind to nobody.", summary_of_change="x")
        drafts.save(drafts.Words("Hi.", (KIND,), "Shorter."), seen=1, by=owner)
        drafts.publish_draft(seen=2, expected=2, by=factories.person("Ben", "owner"))
        answer = client.post("/guidelines/next/", sent)
        assert answer.status_code == 409
        assert "Ben has published version 2 meanwhile, and the draft is gone." in text_of(answer)
        assert "Save as a new draft" in text_of(answer)
        assert client.post("/guidelines/next/", {**sent, "revision": 0}).status_code == 302
        assert self.words().clauses[0].short_point == "Be kind to nobody."

    def test_it_is_looked_at_and_published_by_typing_so(self, client, owner):
        client.post(
            "/guidelines/next/", fields(clause_0_short_point="Be kind to everybody.", summary_of_change="Kinder.")
        )
        preview = client.get("/guidelines/next/preview/")
        assert "Be kind to [removed: all.] [added: everybody.]" in text_of(preview)
        assert "2. Links" in text_of(preview)
        sent = {"revision": 2, "number": 2, "confirm": "yes"}
        unsure = client.post("/guidelines/next/publish/", sent)
        assert unsure.status_code == 422
        assert "Please type “publish version 2”." in text_of(unsure)
        stale = client.post("/guidelines/next/publish/", {**sent, "revision": 1, "confirm": "publish version 2"})
        assert stale.status_code == 409
        assert "Nothing was published" in text_of(stale)
        assert GuidelineVersion.objects.count() == 1
        done = client.post("/guidelines/next/publish/", {**sent, "confirm": " Publish version 2."}, follow=True)
        assert "Version 2 is in force." in text_of(done)
        version = GuidelineVersion.objects.first()
        assert (version.number, version.published_by, version.summary_of_change) == (2, "Ann", "Kinder.")
        again = client.post("/guidelines/next/publish/", {**sent, "confirm": "publish version 2"})
        assert again.status_code == 409
        assert "You have published version 2 meanwhile" in text_of(again)

    def test_wording_only_that_adds_a_clause_is_doubted_aloud(self, client):
        sent = fields(clause_2_title="New", clause_2_short_point="New.", summary_of_change="x", is_material="no")
        said = text_of(client.post("/guidelines/next/", {**sent, "then": "preview"}, follow=True))
        assert "most would call it material" in said

    def test_it_is_given_up(self, client):
        assert client.post("/guidelines/next/discard/", {"revision": 5}).status_code == 409
        assert client.post("/guidelines/next/discard/", {"revision": 1}).status_code == 302
        assert not GuidelineDraft.objects.exists()

    def test_hostile_words_are_words_in_the_forms_too(self, client):
        client.post("/guidelines/next/", fields(clause_0_title=HOSTILE.title, clause_0_body=HOSTILE.body))
        for address in ("/guidelines/next/", "/guidelines/next/text/", "/guidelines/next/preview/"):
            page = client.get(address).content.decode()
            assert "<script>alert" not in page
            assert "<img" not in page

    @pytest.mark.parametrize(
        "sent", [{}, {"clause-TOTAL_FORMS": "9999", "clause-INITIAL_FORMS": "x"}, {"revision": "x"}]
    )
    def test_forms_that_no_browser_sends_are_refused_and_break_nothing(self, client, sent):
        for address in ("/guidelines/next/", "/guidelines/next/text/", "/guidelines/next/publish/"):
            assert client.post(address, sent).status_code in {409, 422}
        assert GuidelineDraft.objects.get().revision == 1


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
