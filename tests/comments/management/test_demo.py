"""The demo shows a blog with a life behind it, is loaded once, and never sneaks into a real site."""

import io
import re
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import F, Max
from django.urls import resolve
from django.utils import timezone
from PIL import Image

from comments import discussion, guidelines, moderation, tree
from comments.events import CommentPublished, CommentSubmitted
from comments.management.demo import content
from comments.management.demo.load import PASSWORD, load
from comments.models import Comment, Discussion, ModerationLogEntry
from comments.viewers import NOBODY, Viewer
from posts.models import Category, Post
from storied import search
from storied.accounts.models import User
from tests import factories
from tests.comments.reading import in_reading_order, nodes

MAIN = "the-bench-i-never-sat-on"
# A page of an old phone on a slow line: the picture is the heaviest thing on it.
MOST_BYTES_OF_A_PICTURE = 120_000


@pytest.fixture
def blog():
    return content.read()


@pytest.fixture
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def _demo(blog, db, _media):
    load(blog)


def run(*arguments):
    said = io.StringIO()
    call_command("demo", *arguments, stdout=said)
    return said.getvalue()


@pytest.mark.usefixtures("_demo")
class TestWhatIsThere:
    def test_the_main_discussion_has_the_shape_of_a_real_one(self):
        said = Comment.objects.filter(post__slug=MAIN)
        assert said.comments().count() == 26
        assert said.comments().filter(parent=None).count() == 13
        assert said.aggregate(deepest=Max("level"))["deepest"] == 2
        assert said.linkbacks().count() == 1
        main = Discussion.objects.get(post__slug=MAIN)
        assert (main.comment_count, main.linkback_count) == (26, 1)

    def test_the_last_answer_stands_beside_what_it_answers_for_a_moderator_to_move(self):
        question, answer = in_reading_order(Comment.objects.filter(post__slug=MAIN, parent=None).comments())[11:]
        assert (question.author_name, answer.author_name) == ("lena", "Ida Tremlett")
        assert answer.body.startswith("Dear Lena,")
        tree.move(answer.pk, question.pk)
        answer.refresh_from_db()
        assert (answer.parent_id, answer.level) == (question.pk, 1)

    def test_a_lost_name_and_a_typographic_smiley_are_shown_kindly(self):
        reply = Comment.objects.get(post__slug=MAIN, author_email="wren@example.org", level=2)
        assert reply.author_name == "Somebody"
        assert reply.author_url == "https://saltandstitches.example.org/"
        assert "🙂" in reply.body_html

    def test_the_linkback_comes_from_the_blog_itself(self, settings):
        linkback = Comment.objects.linkbacks().get()
        newest = Post.objects.get(slug="the-hour-before-the-kettle")
        assert linkback.author_url == f"{settings.SITE_URL}{newest.get_absolute_url()}"
        assert Post.objects.get(slug=MAIN).get_absolute_url() in newest.body_html

    def test_the_articles_spread_over_months_and_categories(self):
        articles = Post.objects.published().articles()
        assert articles.count() == 9
        assert len({(at.year, at.month) for at in articles.values_list("published_at", flat=True)}) >= 8
        assert all(category.posts.exists() for category in Category.objects.all())
        assert Category.objects.count() == 4
        counts = set(articles.values_list("discussion__comment_count", flat=True))
        assert counts >= {0, 1, 2, 5, 26}

    def test_nothing_is_dated_in_the_future_and_no_reply_before_what_it_answers(self):
        assert not Comment.objects.filter(created_at__gt=timezone.now()).exists()
        assert not Comment.objects.filter(created_at__lte=F("parent__created_at")).exists()
        assert not Comment.objects.filter(created_at__lte=F("post__published_at")).exclude(kind="pingback").exists()

    def test_the_trees_are_sound(self):
        assert list(tree.check()) == []

    def test_one_discussion_is_closed(self):
        closed = Discussion.objects.filter(is_open=False, post__kind=Post.Kind.ARTICLE)
        assert [found.post.slug for found in closed] == ["opening-the-gate"]

    @pytest.mark.parametrize(
        ("slug", "state"),
        [("the-chair-by-the-stove", "removed"), ("a-list-of-things-i-did-not-do", "withdrawn")],
    )
    def test_what_is_gone_leaves_a_place_for_the_reply_to_it(self, slug, state):
        shown = nodes(discussion.load(Post.objects.get(slug=slug), NOBODY))
        placeholder = next(node for node in shown if node.is_placeholder)
        reply = shown[shown.index(placeholder) + 1]
        assert placeholder.comment.status == state
        assert reply.parent.pk == placeholder.comment.pk

    def test_a_removal_names_its_clause_and_its_reason(self):
        entry = ModerationLogEntry.objects.get(action="remove")
        clauses = {clause.key for clause in guidelines.current().clauses.all()}
        assert entry.clause in clauses
        assert entry.reason
        assert entry.actor_name == "Bea Adeyemi"

    def test_every_queue_of_the_moderators_has_something_to_decide(self):
        moderator = Viewer(User.objects.get(role="moderator"))
        assert moderation.counts(moderator) == {"pending": 1, "reported": 1, "spam": 1}

    def test_the_comment_that_waits_was_written_under_the_present_guidelines(self):
        waiting = Comment.objects.pending().get()
        assert waiting.reasons == [{"code": "newcomer", "detail": ""}]
        assert waiting.acceptance.version == guidelines.current()

    def test_the_guidelines_have_their_clauses_with_a_point_and_a_paragraph_each(self):
        version = guidelines.current()
        clauses = list(version.clauses.all())
        assert 5 <= len(clauses) <= 7
        assert all(clause.title and clause.short_point and clause.body_html for clause in clauses)
        assert version.body_html

    def test_what_is_public_can_be_found(self):
        hits = search.query("windscreen mists", limit=5).hits
        assert [hit.kind for hit in hits] == ["comment"]
        assert not search.query("chandler's falling-out", limit=5).hits

    def test_the_links_inside_the_site_lead_to_what_is_there(self):
        html = "".join(Post.objects.values_list("body_html", flat=True))
        inner = set(re.findall(r'href="(/[^"]*)"', html))
        addresses = {post.get_absolute_url() for post in Post.objects.all()}
        assert len(inner) >= 3
        assert all(address in addresses or resolve(address).namespace == "guidelines" for address in inner)
        assert not Comment.objects.filter(body__contains="post:").exists()


@pytest.mark.usefixtures("_media", "db")
def test_comments_come_in_without_being_announced(blog, announced, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        load(blog)
    assert {CommentSubmitted, CommentPublished}.isdisjoint(announced.kinds())
    assert mail.outbox == []


@pytest.mark.usefixtures("_media", "db")
def test_the_newest_comments_are_in_the_past_at_any_hour(blog):
    at = timezone.now().replace(hour=0, minute=1)
    load(blog, at)
    assert not Comment.objects.filter(created_at__gt=at).exists()
    assert not Post.objects.filter(published_at__gt=at).exists()


@pytest.mark.usefixtures("_media")
@pytest.mark.django_db
class TestTheCommand:
    def test_it_prints_log_ins_that_work(self):
        said = run("--yes")
        assert PASSWORD in said
        for role in ("owner", "moderator", "member"):
            assert f"{role}@example.org" in said
            account = User.objects.get(email=f"{role}@example.org")
            assert account.role == role
            assert account.check_password(PASSWORD)

    def test_a_second_run_changes_nothing_and_says_so(self):
        run("--yes")
        before = list(Comment.objects.order_by("pk").values_list("pk", "lft", "status"))
        said = run("--yes")
        assert "not loaded again" in said
        assert PASSWORD in said
        assert list(Comment.objects.order_by("pk").values_list("pk", "lft", "status")) == before
        assert Post.objects.articles().count() == 9

    def test_a_site_with_an_article_of_its_own_gets_neither_demo_nor_accounts(self):
        factories.post()
        people = User.objects.count()
        said = run("--yes")
        assert PASSWORD not in said
        assert (Post.objects.count(), User.objects.count()) == (1, people)

    def test_a_password_that_was_changed_is_not_printed(self):
        run("--yes")
        owner = User.objects.get(role="owner")
        owner.set_password("something of one's own")
        owner.save()
        said = run("--yes")
        assert "owner@example.org" not in said
        assert "member@example.org" in said

    def test_it_refuses_a_real_site_in_a_sentence(self, settings):
        settings.DEBUG = False
        with pytest.raises(CommandError, match="--yes"):
            run()
        assert not Post.objects.exists()
        assert not User.objects.exists()

    def test_it_needs_no_word_in_debug_mode(self, settings):
        settings.DEBUG = True
        assert "Loaded the demo blog" in run()

    def test_it_makes_nobody_an_owner_who_has_an_account_already(self):
        User.objects.create_user("owner@example.org", "a password of one's own", display_name="Olive")
        with pytest.raises(CommandError, match=r"owner@example\.org has an account here already"):
            run("--yes")
        assert User.objects.get().role == "member"
        assert not Post.objects.exists()


@pytest.mark.once
class TestTheFiles:
    def test_every_picture_is_light_large_and_described(self, blog):
        shown = [post for post in blog.posts if post.picture]
        assert len(shown) == 8
        for post in shown:
            path = content.PICTURES / post.picture
            assert path.stat().st_size < MOST_BYTES_OF_A_PICTURE, post.picture
            with Image.open(path) as picture:
                assert picture.size == (1600, 900)
            assert 40 < len(post.picture_alt) <= 300

    def test_no_picture_lies_about_unused(self, blog):
        assert {path.name for path in content.PICTURES.iterdir()} == {p.picture for p in blog.posts if p.picture}

    def test_every_address_is_one_that_can_belong_to_nobody(self):
        reserved = r"(?:[\w-]+\.)*example\.(?:org|com|net)"
        files = [content.FOLDER / "blog.toml", *Path(content.FOLDER / "posts").glob("*.toml")]
        text = "".join(path.read_text() for path in files)
        mailed = re.findall(r"[\w.]+@([\w.-]+)", text)
        linked = set(re.findall(r"https?://([\w.-]+)", text)) - {"en.wikipedia.org"}
        assert mailed
        assert all(re.fullmatch(reserved, host) for host in [*mailed, *linked])

    def test_a_misspelt_field_is_not_passed_over(self, tmp_path):
        (tmp_path / "posts").mkdir()
        (tmp_path / "blog.toml").write_text((content.FOLDER / "blog.toml").read_text())
        (tmp_path / "posts" / "a.toml").write_text('slug = "a"\ntitle = "A"\nbody = "a"\ndays_ago = 1\ntitel = "A"\n')
        with pytest.raises(TypeError, match="titel"):
            content.read(tmp_path)
