"""What others do in the very moment of a submit or an edit, and what becomes of the text."""

import pytest

from comments import submission, unsent
from comments.exceptions import Gone, Refused
from comments.models import Comment
from comments.submission import actions
from comments.viewers import Viewer
from posts.models import Post
from storied.accounts.models import User
from storied.front import board
from tests import factories
from tests.together import at_once

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Words that took an hour."


def edit(comment, body, viewer):
    draft = submission.Draft(post=comment.post, body=body, viewer=viewer, guidelines_version=1)
    return submission.edit(comment, draft, seen_revision=comment.revision)


def test_of_two_edits_to_one_text_at_once_both_are_kept(post, monkeypatch):
    writer = factories.person()
    comments = [factories.comment(post, author=writer) for _ in range(2)]
    # Each looks before the other has written.
    monkeypatch.setattr(actions, "_free_fingerprint", lambda draft, comment: draft.fingerprint)
    outcomes = at_once(*[lambda comment=comment: edit(comment, WORDS, Viewer(writer)) for comment in comments])
    assert [getattr(outcome, "body", outcome) for outcome in outcomes] == [WORDS, WORDS]
    stored = Comment.objects.filter(author=writer)
    assert {comment.body for comment in stored} == {WORDS}
    assert [comment.revisions.count() for comment in stored] == [1, 1]
    assert sum(comment.fingerprint is not None for comment in stored) == 1
    assert not board.still_open()


class TestArticleGone:
    """The article is deleted between the look at it and the comment."""

    @pytest.fixture
    def deleted_before(self, monkeypatch):
        submit = submission.submit

        def after(draft):
            Post.objects.filter(pk=draft.post.pk).delete()
            return submit(draft)

        monkeypatch.setattr(submission, "submit", after)

    @pytest.mark.parametrize("is_member", [False, True])
    def test_the_text_comes_back_with_words(self, client, post, deleted_before, is_member):
        if is_member:
            client.force_login(factories.person())
        answer = client.post(f"/discussion/{post.pk}/submit/", factories.form(post, WORDS))
        assert answer.status_code == 404
        assert WORDS in answer.text
        assert "This article has just been taken away." in answer.text
        assert not Comment.objects.exists()

    def test_who_is_erased_meanwhile_is_told_so(self, client, post, monkeypatch):
        member, submit = factories.person(), submission.submit

        def after(draft):
            User.objects.filter(pk=member.pk).delete()
            return submit(draft)

        monkeypatch.setattr(submission, "submit", after)
        client.force_login(member)
        answer = client.post(f"/discussion/{post.pk}/submit/", factories.form(post, WORDS))
        assert answer.status_code == 403
        assert WORDS in answer.text
        assert "This account has just been closed." in answer.text

    def test_what_is_not_sent_yet_is_refused_in_words(self, post):
        member = factories.person()
        Post.objects.filter(pk=post.pk).delete()
        with pytest.raises(Refused, match="cannot be read"):
            unsent.save(member, post, WORDS)

    def test_an_edit_and_a_greeting_find_their_comment_gone(self, post):
        writer = factories.person()
        comment = Comment.objects.select_related("post").get(pk=factories.comment(post, author=writer).pk)
        Post.objects.filter(pk=post.pk).delete()
        with pytest.raises(Gone):
            edit(comment, WORDS, Viewer(writer))
        with pytest.raises(Gone):
            submission.settle_greeting(comment, Viewer(writer), greet_otherwise=True)
        with pytest.raises(Gone):
            submission.withdraw(comment, Viewer(writer))
