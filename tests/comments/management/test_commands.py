"""What an operator runs."""

import itertools
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.utils import timezone

from comments import guidelines, rendering, tree
from comments.management.commands import render_again
from comments.models import Comment, Discussion
from posts.models import Post
from storied import search
from storied.accounts.models import User
from tests import factories
from tests.together import broken_off_once

pytestmark = pytest.mark.django_db


def run(*words, **options):
    said = StringIO()
    call_command(*words, stdout=said, **options)
    return said.getvalue()


def test_check_tree_says_when_all_is_right():
    factories.comment(factories.post())
    assert "are right" in run("check_tree")


def test_check_tree_finds_and_mends_a_bent_tree_and_a_wrong_count():
    post = factories.post()
    root = factories.comment(post)
    reply = factories.comment(post, parent=root)
    Comment.objects.filter(pk=reply.pk).update(lft=9, rght=7, level=4)
    Discussion.objects.filter(post=post).update(comment_count=40)
    with pytest.raises(CommandError, match="--repair"):
        run("check_tree")
    assert "Mended" in run("check_tree", "--repair")
    reply.refresh_from_db()
    assert root.lft < reply.lft < reply.rght < root.rght
    assert reply.level == 1
    assert Discussion.objects.get(post=post).comment_count == 2


def test_check_tree_mends_more_faults_than_a_statement_takes_values(monkeypatch):
    root = factories.comment(factories.post())
    Comment.objects.filter(pk=root.pk).update(lft=3, rght=4)
    check, found = tree.check, []

    def with_many(*which):
        # Of comments that are gone again by now.
        gone = (tree.Fault(0, root.pk + number, "it is bent") for number in range(1, 300_000))
        more = [] if which or found else gone
        found.append(which)
        return itertools.chain(check(*which), more)

    monkeypatch.setattr(tree, "check", with_many)
    assert "Mended: 1 comments" in run("check_tree", "--repair")


def test_the_guidelines_that_come_along_can_be_published_once_on_a_new_site():
    assert "version 1 with 6 clauses" in run("publish_guidelines", "--if-none")
    assert run("publish_guidelines", "--if-none") == ""
    clause = guidelines.current().clauses.get(key="privacy")
    assert clause.short_point.startswith("No full names")
    assert "nickname" in clause.body_html


def test_a_file_without_clauses_is_refused(tmp_path):
    file = tmp_path / "guidelines.md"
    file.write_text("Just be nice.")
    with pytest.raises(CommandError, match="at least one clause"):
        run("publish_guidelines", str(file))


@pytest.mark.parametrize("role", ["owner", "moderator", "member"])
def test_a_person_is_made_without_a_prompt_and_can_log_in(client, role):
    run("person", role, "new@example.org", "--name", "New Person", "--password", "a good long pass phrase")
    person = User.objects.get(email="new@example.org")
    assert (person.role, person.is_staff, person.is_superuser) == (role, role == "owner", role == "owner")
    assert client.login(email="new@example.org", password="a good long pass phrase")


def test_a_person_is_changed_and_not_doubled():
    run("person", "member", "new@example.org", "--name", "New Person")
    assert "Changed moderator" in run("person", "moderator", "NEW@example.org")
    assert User.objects.get().role == "moderator"


def test_an_address_with_capitals_is_known_to_the_page_where_one_logs_in(client):
    run("person", "owner", "Ann.Lee@Example.org", "--name", "Ann", "--password", "a good long pass phrase")
    client.post("/accounts/login/", {"login": "Ann.Lee@Example.org", "password": "a good long pass phrase"})
    assert client.session["_auth_user_id"] == str(User.objects.get(email="ann.lee@example.org").pk)
    run("person", "owner", "ANN.Lee@Example.org")
    assert EmailAddress.objects.get().email == "ann.lee@example.org"


def test_a_name_that_looks_like_somebody_elses_is_refused():
    factories.person("Anna Blogger")
    with pytest.raises(CommandError, match="looks like somebody else"):
        run("person", "member", "new@example.org", "--name", "Аnna Blogger")


def test_everything_is_rendered_again_from_its_source():
    post = factories.post(body="Some *words*.")
    changed = factories.comment(post, "A *new* word.")
    in_old_html = factories.comment(post, "One<br>two", body_format="html")
    held = factories.comment(post, "It *waits*.", status="pending")
    gone = factories.comment(post, "", status="removed")
    Comment.objects.filter(pk=gone.pk).update(body="", body_html="", emptied_at=timezone.now())
    before = dict(Comment.objects.values_list("pk", "body_html"))
    assert "0 and 0 of them look different" in run("render_again")
    assert dict(Comment.objects.values_list("pk", "body_html")) == before
    # As an earlier version, with other rules, may have left them.
    Comment.objects.update(body_html="<p onclick=x>hurdygurdy</p>", renderer_version=0)
    Comment.objects.filter(pk=gone.pk).update(body_html="")
    Post.objects.filter(pk=post.pk).update(body_html="<script></script>", summary="")
    assert "Rendered 1 articles and 3 comments: 1 and 3 of them look different now." in run("render_again")
    assert dict(Comment.objects.values_list("pk", "body_html")) == before
    assert set(Comment.objects.exclude(pk=gone.pk).values_list("renderer_version", flat=True)) == {
        rendering.RENDERER_VERSION
    }
    assert Post.objects.get(pk=post.pk).summary == "Some words."
    found = [hit.object_id for hit in search.query("new", kinds=["comment"]).hits]
    assert found == [changed.pk]
    assert search.query("waits").hits == []
    assert {in_old_html.pk, held.pk} < set(before)


def test_what_was_rendered_again_is_on_the_next_page(client, monkeypatch):
    monkeypatch.setattr(render_again, "AT_ONCE", 1)
    post = factories.post()
    comments = [factories.comment(post, f"Word *{number}*.") for number in range(3)]
    Comment.objects.update(body_html="<p>hurdygurdy</p>")
    assert client.get(post.get_absolute_url()).text.count("hurdygurdy") == len(comments)
    assert "3 of them" in run("render_again")
    page = client.get(post.get_absolute_url()).text
    assert "hurdygurdy" not in page
    assert "<em>2</em>" in page


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["posts_post", "comments_comment"])
def test_rendering_again_goes_on_where_the_database_broke_it_off(table):
    factories.comment(factories.post(), "A *word*.")
    Comment.objects.update(body_html="<p>hurdygurdy</p>")
    Post.objects.update(body_html="<p>hurdygurdy</p>")
    with broken_off_once(f'UPDATE "{table}"'):
        assert "1 and 1 of them look different now" in run("render_again")
    assert "<em>word</em>" in Comment.objects.get().body_html
    assert "hurdygurdy" not in Post.objects.get().body_html
