"""Saving what is not sent yet: from two devices, without scripts, and no more than is kept."""

import contextlib
import logging
from functools import partial

import pytest
from django.test import Client

from comments import submission, unsent
from comments.exceptions import TooMany
from comments.models import Comment, HouseRules, UnsentText
from comments.viewers import Viewer
from comments.views.drafts import MARK
from tests import factories
from tests.together import at_once

from .conftest import box_of, save

pytestmark = pytest.mark.django_db
HOSTILE = "</textarea><script>alert(1)</script> \" ' & {{ form }} {% now %} \u202e\x00 🙂 ]]> \\"


# --- Without scripts ------------------------------------------------------------------------------------------


def test_preview_and_a_refusal_keep_it_too(cleo, member, post):
    form = factories.form(post, "Words to look at.", preview="1")
    page = cleo.post(f"/discussion/{post.pk}/submit/", form).text
    text = UnsentText.objects.get()
    assert (text.member, text.body) == (member, "Words to look at.")
    assert text.mark.replace("+", "&#43;") in page or text.mark in page
    again = factories.form(post, "Words that a rule refuses.", stamp="of nobody", draft=text.mark)
    assert "expired" in cleo.post(f"/discussion/{post.pk}/submit/", again).text
    text.refresh_from_db()
    assert text.body == "Words that a rule refuses."


def test_preview_writes_nothing_over_that_is_newer_and_shows_both(cleo, member, post):
    known = unsent.save(member, post, "First words.")
    newer = unsent.save(member, post, "Newer <b>words</b>.", known=known)
    form = factories.form(post, "Other words.", preview="1", draft=known.isoformat())
    page = cleo.post(f"/discussion/{post.pk}/submit/", form).text
    assert "newer draft from another device" in page
    assert "Newer &lt;b&gt;words&lt;/b&gt;." in page
    assert box_of(page) == "Other words."
    assert UnsentText.objects.get().body == "Newer <b>words</b>."
    page = cleo.post(f"/discussion/{post.pk}/submit/", form | {"draft": newer.isoformat()}).text
    assert "newer draft" not in page
    assert UnsentText.objects.get().body == "Other words."


def test_preview_after_it_was_discarded_elsewhere_keeps_it_anew(cleo, member, post):
    known = unsent.save(member, post, "First words.")
    unsent.discard(member, post.pk)
    cleo.post(
        f"/discussion/{post.pk}/submit/", factories.form(post, "Words.", preview="1", draft=known.isoformat())
    )  # fmt: skip
    assert UnsentText.objects.get().body == "Words."


def test_a_form_without_proof_of_where_it_comes_from_writes_nothing(member, post):
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert save(client, post, "Of another site.").status_code == 403
    form = factories.form(post, "Of another site.", preview="1")
    page = client.post(f"/discussion/{post.pk}/submit/", form)
    assert page.status_code == 403
    assert "Of another site." in page.text
    assert not UnsentText.objects.exists()


def test_one_s_own_page_lists_it_and_discards_it(cleo, member, post):
    taken_down = factories.post(title="Taken down")
    unsent.save(member, taken_down, "Words on what was taken down.")
    type(taken_down).objects.filter(pk=taken_down.pk).update(status="private")
    unsent.save(member, post, "Long words. " * 30)
    page = cleo.get("/accounts/comments/").text
    assert page.index(post.title) < page.index("Words on what was taken down.")
    assert f'href="{post.get_absolute_url()}#respond"' in page
    assert "Taken down" not in page
    mark = UnsentText.objects.get(post=post).mark
    answer = cleo.post(f"/discussion/{post.pk}/draft/", {"discard": "list", "draft": mark})
    assert answer["Location"] == "/accounts/comments/"
    other = UnsentText.objects.get()
    assert cleo.post(f"/discussion/{taken_down.pk}/draft/", {"discard": "list", "draft": other.mark}).status_code == 302
    assert not UnsentText.objects.exists()


def test_discarding_from_the_article_leads_back_and_takes_nothing_that_is_newer(cleo, member, post):
    known = unsent.save(member, post, "First words.")
    newer = unsent.save(member, post, "Newer words.", known=known)
    address = f"/discussion/{post.pk}/draft/"
    answer = cleo.post(address, {"discard": "here", "draft": known.isoformat()})
    assert answer.status_code == 409
    assert "newer draft" in answer.text
    assert save(cleo, post, "  \n", known.isoformat()).json()["body"] == "Newer words."
    answer = cleo.post(address, {"discard": "here", "draft": newer.isoformat()})
    assert answer["Location"] == f"{post.get_absolute_url()}#respond"
    assert not UnsentText.objects.exists()


# --- Two devices ----------------------------------------------------------------------------------------------


def test_who_builds_on_an_older_one_is_handed_the_newer_one(cleo, member, post):
    first = save(cleo, post, "First.")[MARK]
    second = save(cleo, post, "Second.", first)[MARK]
    for mark in (first, "", "nonsense", "0001-01-01T00:00:00+23:59", "2026-01-01", "9" * 300):
        answer = save(cleo, post, "Third.", mark)
        assert answer.status_code == 409
        assert (answer.json()["body"], answer.json()["draft"]) == ("Second.", second)
    assert save(cleo, post, "Second.", first).status_code == 204  # the same is no contradiction
    second = UnsentText.objects.get().mark
    assert save(cleo, post, "Third.", second).status_code == 204


def test_what_the_same_page_has_saved_it_may_write_over_though_it_never_heard_of_it(cleo, member, post):
    assert save(cleo, post, "First.", page="this-page").status_code == 204
    assert save(cleo, post, "Second.", page="this-page").status_code == 204
    known = UnsentText.objects.get().mark
    assert save(cleo, post, "Third.", known, page="this-page").status_code == 204
    assert save(cleo, post, "Fourth.", known, page="this-page").status_code == 204
    assert save(cleo, post, "Of another.", known, page="other-page").status_code == 409
    assert save(cleo, post, "Of none.", page="").status_code == 409
    assert UnsentText.objects.get().body == "Fourth."
    mark = UnsentText.objects.get().mark
    assert save(cleo, post, "Without a script.", mark).status_code == 204
    assert save(cleo, post, "Without one, unknown.", "", page="").status_code == 409


def test_an_emptied_box_is_a_discarded_draft(cleo, post):
    mark = save(cleo, post, "First.")[MARK]
    answer = save(cleo, post, "\u200b \n", mark)
    assert (answer.status_code, answer[MARK]) == (204, "")
    assert not UnsentText.objects.exists()
    assert save(cleo, post, "").status_code == 204


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("bodies", [["One.", "Another."], ["The same.", "The same."]])
def test_of_two_at_once_one_is_kept_and_the_other_told(bodies, member, post):
    def write(body: str) -> object:
        try:
            return unsent.save(member, post, body)
        except unsent.SavedElsewhere as elsewhere:
            return elsewhere.there.body

    said = at_once(*(partial(write, body) for body in bodies))
    kept = UnsentText.objects.get().body
    assert kept in bodies
    assert not any(isinstance(words, Exception) for words in said), said
    assert [words for words in said if isinstance(words, str)] == ([kept] if len(set(bodies)) > 1 else [])


@pytest.mark.django_db(transaction=True)
def test_saves_beside_a_submit_end_in_no_error(member, post):
    HouseRules.change({"flood_per_minute": 0, "flood_per_hour": 0, "hold_newcomers": False}, by=None)
    parent = factories.comment(post)
    draft = factories.draft(post, "The whole of it.", viewer=Viewer(member), parent_id=parent.pk)

    def writes():
        for number in range(5):
            unsent.save(member, post, f"Part {number}.", parent_id=parent.pk)
            unsent.discard(member, post.pk)

    sent, *saved = at_once(lambda: submission.submit(draft), writes, writes)
    assert isinstance(sent, Comment), sent
    assert all(outcome is None or isinstance(outcome, unsent.SavedElsewhere) for outcome in saved), saved
    assert Comment.objects.filter(author=member).count() == 1


# --- Who, and how much ----------------------------------------------------------------------------------------


def test_guests_are_told_in_words_that_it_is_for_members(client, post):
    answer = client.post(f"/discussion/{post.pk}/draft/", {"body": "Words."}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 403
    assert "for people with an account" in answer.text
    assert client.get(f"/discussion/{post.pk}/draft/").status_code == 405
    assert not UnsentText.objects.exists()


def test_another_member_neither_finds_nor_changes_it(cleo, member, post, client):
    mark = save(cleo, post, "Mine.")[MARK]
    client = Client()
    client.force_login(factories.person(role="owner"))
    assert save(client, post, "Theirs.", mark).json() == {
        "message": "There is a newer draft from another device.", "body": "",
    }  # fmt: skip
    client.post(f"/discussion/{post.pk}/draft/", {"discard": "list", "draft": mark})
    assert "Mine." not in client.get("/accounts/comments/").text
    assert UnsentText.objects.get().body == "Mine."


def test_nothing_is_kept_below_what_cannot_be_read(cleo):
    hidden = factories.post(status="draft")
    answer = save(cleo, hidden, "Words.")
    assert (answer.status_code, answer.json()["message"]) == (403, "This article cannot be read at the moment.")
    hidden.pk = 10**18
    assert save(cleo, hidden, "Words.").status_code == 403


def test_hostile_text_comes_back_as_text(cleo, post):
    assert save(cleo, post, HOSTILE).status_code == 204
    for path in (post.get_absolute_url(), "/accounts/comments/"):
        page = cleo.get(path).text
        assert "<script>alert" not in page
        assert "&lt;/textarea&gt;&lt;script&gt;alert(1)" in page
        assert "{{ form }} {% now %}" in page
    assert "\x00" not in UnsentText.objects.get().body


def test_ten_thousand_characters_are_kept_whole_and_more_is_refused_in_words(cleo, post):
    body = ("å🙂" * 5_000)[:10_000]
    mark = save(cleo, post, body)[MARK]
    assert UnsentText.objects.get().body == body
    answer = save(cleo, post, f"{body}!", mark)
    assert answer.status_code == 422
    assert "10,000 characters at the most, and this one has 10,001" in answer.json()["message"]
    assert UnsentText.objects.get().body == body
    assert box_of(cleo.get(post.get_absolute_url()).text) == body
    HouseRules.change({"max_characters": 0}, by=None)
    assert save(cleo, post, "x" * 20_001, mark).status_code == 422


def test_of_too_many_the_oldest_go(member, monkeypatch):
    monkeypatch.setattr(unsent, "MOST", 2)
    other = factories.person()
    posts = [factories.post() for _ in range(3)]
    unsent.save(other, posts[0], "Of another.")
    for number, post in enumerate(posts):
        unsent.save(member, post, f"Words {number}.")
    assert [text.body for text in unsent.of(member)] == ["Words 2.", "Words 1."]
    assert unsent.of(other).count() == 1


def test_saving_each_three_seconds_is_never_too_often_and_without_a_pause_it_is(member, post, monkeypatch):
    at = [1_000_000_000_000]
    monkeypatch.setattr(unsent, "_milliseconds", lambda: at[0])
    known = None
    for number in range(200):
        known = unsent.save(member, post, f"Words {number}.", known=known)
        at[0] += 3_000
    for number in range(20):
        known = unsent.save(member, post, f"More words {number}.", known=known)
        at[0] += 100
    for number in range(20):
        known = UnsentText.objects.get().saved_at
        with contextlib.suppress(TooMany):
            unsent.save(member, post, f"Too many words {number}.", known=known)
        at[0] += 100
    with pytest.raises(TooMany, match="very often"):
        unsent.save(member, post, "Words without a pause.", known=known)
    assert not UnsentText.objects.filter(body__endswith="19.").exists()
    at[0] += 15_000
    unsent.save(member, post, "Words after a pause.", known=known)


def test_no_line_of_the_log_has_the_text(cleo, post, caplog):
    caplog.set_level(logging.INFO)
    mark = save(cleo, post, "Secretwords.")[MARK]
    save(cleo, post, "Secretwords too.", "")
    save(cleo, post, "Secretwords " * 2_000, mark)
    assert "Secretwords" not in caplog.text
    assert "Secretwords" not in str(UnsentText.objects.get())
