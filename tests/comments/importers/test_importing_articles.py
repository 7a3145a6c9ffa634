"""Articles, pages and categories after an import, and who may see what of them and below them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from comments.importers import ledger as kinds
from comments.importers.ledger import Ledger
from comments.models import Comment, Discussion
from comments.viewers import NOBODY
from posts.models import Category, Post
from storied import search

from .imported import comment_from

pytestmark = pytest.mark.django_db

Import = Callable[..., Ledger]


# --- What may be seen -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("1", "approved"),
        ("0", "pending"),
        ("hold", "pending"),
        ("spam", "spam"),
        ("trash", "removed"),
        ("post-trashed", "removed"),
        ("anything else", "pending"),
        ("", "pending"),
    ],
)
def test_a_comment_keeps_its_standing(imported: Import, wxr: Any, told: str, kept: str) -> None:
    imported(wxr.item(1, wxr.comment(7, approved=told)))
    assert comment_from(7).status == kept
    assert Comment.objects.visible_to(NOBODY).exists() == (kept == "approved")


@pytest.mark.parametrize("told", ["draft", "pending", "private", "auto-draft", "trash", "inherit", "unheard-of"])
def test_comments_below_what_was_not_public_are_not_public(imported: Import, wxr: Any, told: str) -> None:
    imported(wxr.item(1, wxr.comment(7), wxr.comment(8, type="pingback"), wp__status=told))
    assert not Comment.objects.visible_to(NOBODY).exists()
    assert not Post.objects.published().exists()
    assert search.query("comment").total == 0


def test_an_old_address_with_what_no_database_stores_is_imported_all_the_same(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, link="https://old.example.org/a%00bc/"))
    assert Post.objects.get(source_id="1").legacy_path == "abc"


def test_an_article_of_the_future_waits_for_its_date_with_its_comments(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7), wp__status="future", wp__post_date_gmt="2150-01-01 00:00:00"))
    assert not Comment.objects.visible_to(NOBODY).exists()


def test_an_article_with_a_password_is_private_with_its_comments(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7), wp__post_password="enter"))
    assert Post.objects.get().status == Post.Status.PRIVATE
    assert not Comment.objects.visible_to(NOBODY).exists()


@pytest.mark.parametrize("told", ["note", "order_note", "review", "reaction", "NOTE", "[bold]x[/bold]"])
def test_kinds_that_are_no_comments_are_reported_and_not_shown(imported: Import, wxr: Any, told: str) -> None:
    ledger = imported(wxr.item(1, wxr.comment(7, type=told)))
    assert Comment.objects.count() == 0
    assert ledger.skipped_of(kinds.COMMENTS) == 1


@pytest.mark.parametrize("told", ["pingback", "trackback", "webmention"])
def test_linkbacks_are_kept_apart(imported: Import, wxr: Any, told: str) -> None:
    ledger = imported(wxr.item(1, wxr.comment(7, type=told), wxr.comment(8, type="comment"), wxr.comment(9)))
    assert comment_from(7).kind == told
    assert ledger.imported[kinds.LINKBACKS] == 1
    discussion = Discussion.objects.get()
    assert (discussion.comment_count, discussion.linkback_count) == (2, 1)


def test_a_moderator_sees_why_an_imported_comment_waits(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7, approved=0), wxr.comment(8)))
    assert [reason["code"] for reason in comment_from(7).reasons] == ["imported"]
    assert comment_from(8).reasons == []


def test_what_was_in_the_bin_stays_there_and_is_said(imported: Import, wxr: Any) -> None:
    ledger = imported(wxr.item(1, wxr.comment(7, approved="post-trashed"), wp__status="trash"))
    assert (Post.objects.count(), Comment.objects.count()) == (0, 0)
    assert (ledger.skipped_of(kinds.ARTICLES), ledger.skipped_of(kinds.COMMENTS)) == (1, 1)


def test_a_held_parent_of_an_approved_reply_has_a_place_on_the_page(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7, approved=0), wxr.comment(8, parent=7), wxr.comment(9, approved=0)))
    assert comment_from(7).published_at is not None
    assert comment_from(9).published_at is None
    assert list(Comment.objects.visible_to(NOBODY)) == [comment_from(8)]


def test_whether_a_discussion_was_open_is_kept(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1), wxr.item(2, wp__comment_status="closed"))
    assert [d.is_open for d in Discussion.objects.order_by("post__source_id")] == [True, False]


def test_approved_comments_can_be_found(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7, "About hedgehogs"), wxr.comment(8, "More hedgehogs", approved=0)))
    assert [hit.object_id for hit in search.query("hedgehogs").hits] == [7]


def test_nobody_is_told(imported: Import, wxr: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(event: Any) -> None:
        raise AssertionError(f"{event} was announced")

    monkeypatch.setattr("comments.events.publish", refuse)
    monkeypatch.setattr("comments.status.publish", refuse)
    imported(wxr.item(1, wxr.comment(7), wxr.comment(8, parent=7)))
    assert mail.outbox == []


# --- Articles, pages, categories --------------------------------------------------------------------


def test_an_article_comes_with_what_belongs_to_it(imported: Import, wxr: Any) -> None:
    nameless = '<category domain="category" nicename="***"><![CDATA[***]]></category>'
    picture = (
        "<item><title>shore</title><wp:post_id>90</wp:post_id><wp:post_type>attachment</wp:post_type>"
        "<wp:postmeta><wp:meta_key>_wp_attachment_image_alt</wp:meta_key><wp:meta_value>A shore</wp:meta_value>"
        "</wp:postmeta></item>"
    )
    extras = (
        '<category domain="category" nicename="sea"><![CDATA[Sea]]></category>'
        '<category domain="post_tag" nicename="wind"><![CDATA[Wind]]></category>'
        "<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>90</wp:meta_value></wp:postmeta>"
    )
    imported(
        wxr.item(5, categories=extras + nameless, wp__is_sticky=1, excerpt__encoded="In <b>short</b> &amp; good"),
        picture,
    )
    post = Post.objects.get()
    assert (post.title, post.slug, post.kind, post.status, post.body_format) == (
        "Post 5",
        "post-5",
        "article",
        "published",
        "html",
    )
    assert post.published_at.isoformat() == "2012-03-04T08:00:00+00:00"
    assert (post.is_sticky, post.excerpt, post.picture_alt) == (True, "In short & good", "A shore")
    assert post.body_html == "<p>First.</p>\n<p>Second.</p>"
    assert [category.name for category in post.categories.all()] == ["Sea"]
    assert (post.source, post.source_id, post.legacy_path) == ("wordpress:old.example.org", "5", "2012/03/post-5")


def test_categories_keep_their_parents_but_not_their_circles(imported: Import, wxr: Any) -> None:
    def category(slug: str, parent: str) -> str:
        return (
            f"<wp:category><wp:category_nicename>{slug}</wp:category_nicename><wp:category_parent>{parent}</wp:category_parent>"
            f"<wp:cat_name><![CDATA[{slug.title()}]]></wp:cat_name></wp:category>"
        )

    rows = [category("child", "top"), category("top", ""), category("a", "b"), category("b", "a"), category("", "")]
    ledger = imported(*rows, category("top", ""))
    assert Category.objects.get(slug="child").parent == Category.objects.get(slug="top")
    assert None in {Category.objects.get(slug="a").parent, Category.objects.get(slug="b").parent}
    assert (ledger.imported[kinds.CATEGORIES], ledger.merged[kinds.CATEGORIES]) == (4, 1)
    assert ledger.skipped_of(kinds.CATEGORIES) == 1


def test_a_page_whose_address_means_something_else_here_gets_another(imported: Import, wxr: Any, client: Any) -> None:
    page = {"wp__post_type": "page"}
    imported(wxr.item(1, wp__post_name="archive", **page), wxr.item(2, wp__post_name="about", **page))
    imported(wxr.item(3, wp__post_name="about", **page))
    assert list(Post.objects.order_by("source_id").values_list("slug", flat=True)) == ["archive-2", "about", "about-2"]
    for post in Post.objects.all():
        assert client.get(post.get_absolute_url()).status_code == 200


def test_a_published_article_without_address_or_date_gets_both(imported: Import, wxr: Any) -> None:
    none = "0000-00-00 00:00:00"
    imported(
        wxr.item(
            1,
            wxr.comment(7, date=none, date_gmt=none),
            wp__post_name="",
            title="",
            wp__post_date=none,
            wp__post_date_gmt=none,
        )
    )
    post = Post.objects.get()
    assert post.slug == "article-1"
    assert comment_from(7).created_at == post.published_at


def test_a_comment_without_its_time_in_utc_takes_the_old_clock(imported: Import, wxr: Any, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Paris"
    with timezone.override("Europe/Paris"):
        imported(wxr.item(1, wxr.comment(7, date_gmt="0000-00-00 00:00:00", date="2012-07-01 12:00:00")))
    assert comment_from(7).created_at.isoformat() == "2012-07-01T10:00:00+00:00"


@pytest.mark.parametrize("told", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_date_outside_of_all_blogs_is_no_date(imported: Import, wxr: Any, told: str) -> None:
    imported(wxr.item(1, wxr.comment(7, date=told, date_gmt=told)))
    assert comment_from(7).created_at == Post.objects.get().published_at
