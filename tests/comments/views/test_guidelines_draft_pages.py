"""Pages on which the owner writes the next version of the guidelines."""

import re
from html import unescape

import pytest

from comments import guidelines
from comments.guidelines import Clause, drafts
from comments.models import GuidelineDraft, GuidelineVersion
from tests import factories

from .conftest import HOSTILE, KIND, LINKS, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    person = factories.person("Ann", "owner")
    client.force_login(person)
    return person


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
