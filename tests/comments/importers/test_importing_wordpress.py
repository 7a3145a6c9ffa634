"""What stands in the database after an import, and what must never get there."""

import html
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from comments import rendering, status, tree
from comments.importers import ledger as kinds
from comments.importers.ledger import Ledger
from comments.importers.load import load
from comments.importers.wordpress import Export
from comments.models import Comment, Discussion, ModerationLogEntry
from comments.viewers import NOBODY
from posts.models import Category, Post
from storied import search
from storied.accounts.models import User

pytestmark = pytest.mark.django_db

Import = Callable[..., Ledger]


@pytest.fixture
def imported(written: Callable[..., Path], wxr: Any) -> Import:
    """Writes an export of these rows, imports it, and sees to it that the trees and the sum are right."""

    def run(*rows: str, **options: Any) -> Ledger:
        ledger = load(Export(written(wxr.export(*rows))), format_name="wordpress", **options)
        assert ledger.discrepancies() == []
        assert list(tree.check()) == []
        return ledger

    return run


def everything() -> dict[str, list[Any]]:
    """All rows that an import could touch."""
    models = (User, Category, Post, Comment, Discussion, ModerationLogEntry, EmailAddress)
    tables = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    tables["filed"] = list(Post.categories.through.objects.order_by("pk").values())
    return tables


def comment_from(old_id: int | str) -> Comment:
    return Comment.objects.get(source_id=str(old_id))


def parent_of(old_id: int | str) -> str | None:
    parent = comment_from(old_id).parent
    return parent.source_id if parent else None


# --- A real file ------------------------------------------------------------------------------------


def test_every_row_of_the_theme_unit_test_file_is_accounted_for(theme_unit_test: Path) -> None:
    ledger = load(Export(theme_unit_test), format_name="wordpress")
    assert ledger.discrepancies() == []
    assert ledger.total(ledger.found) == 180 + 32 + 116 + 67 + 2
    assert ledger.imported == {
        kinds.AUTHORS: 2, kinds.CATEGORIES: 67, kinds.ARTICLES: 51, kinds.PAGES: 21,
        kinds.COMMENTS: 28, kinds.LINKBACKS: 4,
    }  # fmt: skip
    assert sum(ledger.skipped.values()) == 108 + 116
    assert Comment.objects.count() == 32
    assert list(tree.check()) == []


def test_its_deepest_comment_stands_at_depth_nine_under_the_right_ancestors(theme_unit_test: Path) -> None:
    load(Export(theme_unit_test), format_name="wordpress")
    deepest = Comment.objects.get(pk=915)
    assert deepest.level == 9
    ancestors = [904, 905, 906, 907, 910, 911, 912, 913, 914]
    assert list(deepest.get_ancestors().values_list("pk", flat=True)) == ancestors
    assert Comment.objects.order_by("-level").first() == deepest


def test_a_second_import_changes_nothing(theme_unit_test: Path) -> None:
    load(Export(theme_unit_test), format_name="wordpress")
    before = everything()
    ledger = load(Export(theme_unit_test), format_name="wordpress")
    assert everything() == before
    assert ledger.total(ledger.imported) == 0
    assert ledger.merged[kinds.COMMENTS] + ledger.merged[kinds.LINKBACKS] == 32
    assert ledger.discrepancies() == []


def test_a_dry_run_reports_the_same_and_leaves_nothing(theme_unit_test: Path) -> None:
    before = everything()
    rehearsed = load(Export(theme_unit_test), format_name="wordpress", dry_run=True)
    assert everything() == before
    assert load(Export(theme_unit_test), format_name="wordpress") == rehearsed


def test_old_addresses_lead_to_the_articles(theme_unit_test: Path, client: Any) -> None:
    load(Export(theme_unit_test), format_name="wordpress")
    post = Post.objects.get(source_id="1148")
    for old in ("/2012/01/03/template-comments/", "/?p=1148"):
        answer = client.get(old)
        assert (answer.status_code, answer["Location"]) == (301, post.get_absolute_url())


def test_articles_with_odd_titles_and_addresses_can_be_read(theme_unit_test: Path, client: Any) -> None:
    load(Export(theme_unit_test), format_name="wordpress")
    odd = Post.objects.filter(source_id__in=["1811", "1174", "1175", "1169", "1178", "155"])
    assert [client.get(post.get_absolute_url()).status_code for post in odd] == [200] * 6


def test_the_password_protected_article_and_its_comment_are_for_nobody(theme_unit_test: Path, client: Any) -> None:
    load(Export(theme_unit_test), format_name="wordpress")
    post = Post.objects.get(source_id="1168")
    assert post.status == Post.Status.PRIVATE
    assert not Comment.objects.visible_to(NOBODY).filter(post=post).exists()
    assert client.get(post.get_absolute_url()).status_code == 404
    assert search.query("visible until the password").total == 0


# --- Where comments stand ---------------------------------------------------------------------------


def test_replies_that_come_before_their_parents_stand_under_them(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(9, parent=8), wxr.comment(8, parent=7), wxr.comment(7)))
    assert [comment_from(n).level for n in (7, 8, 9)] == [0, 1, 2]
    assert (parent_of(9), parent_of(8)) == ("8", "7")


def test_a_reply_without_its_parent_is_never_attached_to_a_stranger(imported: Import, wxr: Any) -> None:
    stranger = Comment.objects.filter(pk=66)
    imported(wxr.item(1, wxr.comment(66)))
    assert stranger.exists()
    ledger = imported(wxr.item(2, wxr.comment(70, parent=66), wxr.comment(71, parent=4_000)))
    assert (parent_of(70), parent_of(71)) == (None, None)
    [(_sentence, count)] = ledger.notes.items()
    assert count == 2


def test_a_parent_below_another_article_of_the_same_file_does_not_count(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7)), wxr.item(2, wxr.comment(8, parent=7)))
    assert parent_of(8) is None
    assert comment_from(8).post.source_id == "2"


def test_comments_that_answer_each_other_in_a_circle_are_opened_at_the_oldest(imported: Import, wxr: Any) -> None:
    ledger = imported(
        wxr.item(
            1, wxr.comment(11, parent=13), wxr.comment(12, parent=11), wxr.comment(13, parent=12),
            wxr.comment(14, parent=14), wxr.comment(15, parent=13),
        )
    )  # fmt: skip
    assert {n: parent_of(n) for n in (11, 12, 13, 14, 15)} == {11: None, 12: "11", 13: "12", 14: None, 15: "13"}
    assert sum(ledger.notes.values()) == 2


def test_a_reply_to_something_skipped_moves_up_to_the_nearest_comment(imported: Import, wxr: Any) -> None:
    imported(
        wxr.item(
            1, wxr.comment(7), wxr.comment(8, parent=7, type="note"), wxr.comment(9, parent=8),
            wxr.comment(10, type="pingback"), wxr.comment(11, parent=10),
        )
    )  # fmt: skip
    assert (parent_of(9), parent_of(11)) == ("7", None)


def test_reading_order_is_the_order_of_time_and_then_of_the_old_numbers(imported: Import, wxr: Any) -> None:
    same = {"date_gmt": "2012-05-05 10:00:00"}
    early = wxr.comment(40, date_gmt="2012-05-05 09:00:00")
    rows = [wxr.comment(n, **same) for n in (12, 30, 9, 25)]
    replies = [wxr.comment(n, parent=9, **same) for n in (28, 26, 27)]
    imported(wxr.item(1, *rows, early, *replies))
    order = list(Comment.objects.in_reading_order().values_list("source_id", flat=True))
    assert order == ["40", "9", "26", "27", "28", "12", "25", "30"]


def test_a_chain_of_fifteen_hundred_replies_is_imported(imported: Import, wxr: Any) -> None:
    rows = [wxr.comment(n, parent=n - 1 if n > 1 else 0) for n in range(1_500, 0, -1)]
    ledger = imported(wxr.item(1, *rows))
    assert comment_from(1_500).level == 1_499
    assert max(ledger.depths) == 1_499


def test_threads_whose_numbers_are_drawn_twice_get_others(
    imported: Import, wxr: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    imported(wxr.item(1, wxr.comment(7)))
    drawn, draw = [comment_from(7).tree_id], tree.new_number
    monkeypatch.setattr(tree, "new_number", lambda at: drawn.pop() if drawn else draw(at))
    imported(wxr.item(2, wxr.comment(""), wxr.comment(9), wxr.comment(10, parent=9)))
    assert drawn == []
    assert (Comment.objects.count(), parent_of(10)) == (4, "9")


# --- A later export ---------------------------------------------------------------------------------


def test_new_rows_of_a_later_export_find_their_place_among_the_old(imported: Import, wxr: Any) -> None:
    first = [wxr.comment(7), wxr.comment(8, parent=7), wxr.comment(9)]
    imported(wxr.item(1, *first))
    later = [wxr.comment(20, parent=8), wxr.comment(21, parent=20), wxr.comment(22), wxr.comment(23, parent=22)]
    ledger = imported(wxr.item(1, *later, *first), wxr.item(2, wxr.comment(30)))
    assert {n: parent_of(n) for n in (20, 21, 22, 23)} == {20: "8", 21: "20", 22: None, 23: "22"}
    assert ledger.imported == {kinds.ARTICLES: 1, kinds.COMMENTS: 5}
    assert ledger.merged == {kinds.ARTICLES: 1, kinds.COMMENTS: 3}
    assert Discussion.objects.get(post__source_id="1").comment_count == 7


def test_what_was_decided_here_outlasts_a_second_import(imported: Import, wxr: Any) -> None:
    row = wxr.item(1, wxr.comment(7), wxr.comment(8, approved=0))
    imported(row)
    status.change_status(7, "remove")
    status.change_status(8, "approve")
    Post.objects.update(title="Corrected")
    imported(row)
    assert (comment_from(7).status, comment_from(8).status) == (status.REMOVED, status.APPROVED)
    assert Post.objects.get().title == "Corrected"


def test_exports_of_one_site_before_and_after_https_are_one_source(written: Callable[..., Path], wxr: Any) -> None:
    text = wxr.export(wxr.item(1, wxr.comment(7)))
    load(Export(written(text)), format_name="wordpress")
    load(Export(written(text.replace("https://old.example.org", "http://old.example.org"))), format_name="wordpress")
    assert Comment.objects.count() == 1


def test_comments_without_a_number_are_imported_once(imported: Import, wxr: Any) -> None:
    row = wxr.item(1, wxr.comment("", "One"), wxr.comment("", "Two"))
    imported(row)
    imported(row)
    assert sorted(Comment.objects.values_list("body", flat=True)) == ["One", "Two"]


def test_digits_of_another_script_are_no_number(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(3), wxr.comment("٣"), wxr.comment(" 003 ")))
    assert sorted(Comment.objects.values_list("source_id", flat=True)) == ["3", "٣"]


def test_a_comment_that_stands_in_the_file_twice_is_imported_once(imported: Import, wxr: Any) -> None:
    ledger = imported(wxr.item(1, wxr.comment(7), wxr.comment(7)), wxr.item(1, wxr.comment(7)))
    assert (ledger.imported[kinds.COMMENTS], ledger.merged[kinds.COMMENTS]) == (1, 2)
    assert (ledger.imported[kinds.ARTICLES], ledger.merged[kinds.ARTICLES]) == (1, 1)


# --- Numbers ----------------------------------------------------------------------------------------


def test_comments_keep_their_numbers_where_they_are_free(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(500)))
    assert comment_from(500).pk == 500
    Comment.objects.update(source="wordpress:elsewhere.example")
    ledger = imported(wxr.item(2, wxr.comment(500), wxr.comment(501, parent=500)))
    mine = Comment.objects.get(source="wordpress:old.example.org", source_id="500")
    assert mine.pk not in {500, 501}
    assert comment_from(501).pk == 501
    assert comment_from(501).parent == mine
    assert any("number is taken" in note for note in ledger.notes)


def test_the_next_comment_written_here_gets_a_number_beyond_the_old_ones(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7_000), wxr.comment(31)))
    with transaction.atomic():
        fresh = Comment(post=Post.objects.get(), status="approved", author_name="Bo", created_at=timezone.now())
        tree.insert(fresh, None)
    assert fresh.pk > 7_000


@pytest.mark.parametrize("number", [2**31, 9_223_372_036_854_775_807, 10**30])
def test_a_number_that_would_use_up_all_numbers_is_not_kept(imported: Import, wxr: Any, number: int) -> None:
    imported(wxr.item(1, wxr.comment(number), wxr.comment(5, parent=number)))
    assert comment_from(number).pk < 2**31
    assert parent_of(5) == str(number)


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


# --- Who wrote it -----------------------------------------------------------------------------------


def test_an_authors_comments_are_the_accounts_by_number_alone(imported: Import, wxr: Any) -> None:
    imported(
        wxr.author(3, "jane", "jane@example.org", "Jane Doe"),
        wxr.item(
            1, wxr.comment(7, user_id=3, author="Jane", author_email="other@example.org"),
            wxr.comment(8, user_id=0, author="Jane Doe", author_email="jane@example.org"),
            wxr.comment(9, user_id=4, author="jane", author_email="jane@example.org"),
        ),
    )  # fmt: skip
    jane = User.objects.get()
    assert (jane.email, jane.display_name, jane.role) == ("jane@example.org", "Jane Doe", "member")
    assert not jane.has_usable_password()
    assert (jane.is_staff, jane.is_superuser) == (False, False)
    assert [comment_from(n).author for n in (7, 8, 9)] == [jane, None, None]
    assert comment_from(7).author_name == "Jane"
    assert Post.objects.get().author == jane


def test_a_comments_address_makes_nobody_a_moderator(imported: Import, wxr: Any) -> None:
    User.objects.create_user("mo@example.org", display_name="Mo", role="moderator")
    imported(wxr.item(1, wxr.comment(7, user_id=1, author="Mo", author_email="mo@example.org")))
    assert comment_from(7).author is None


def test_an_author_whose_account_is_here_already_keeps_it(imported: Import, wxr: Any) -> None:
    owner = User.objects.create_superuser("jane@example.org", "a long password", display_name="Jane")
    ledger = imported(wxr.author(3, "jane", "Jane@Example.org"), wxr.item(1, wxr.comment(7, user_id=3)))
    assert comment_from(7).author == owner == Post.objects.get().author
    assert ledger.merged[kinds.AUTHORS] == 1


def test_an_account_that_never_confirmed_the_address_gets_nothing_of_the_authors(imported: Import, wxr: Any) -> None:
    squatter = User.objects.create_user("jane@example.org", "a long password", display_name="Squatter")
    rows = (wxr.author(3, "jane", "jane@example.org", "Jane"), wxr.item(1, wxr.comment(7, user_id=3)))
    imported(*rows)
    jane = comment_from(7).author
    assert jane != squatter
    assert (jane.email, jane.display_name) == (None, "Jane")
    assert squatter.posts.count() == 0
    imported(*rows)
    assert User.objects.count() == 2


def test_an_account_that_confirmed_the_address_is_the_authors(imported: Import, wxr: Any) -> None:
    jane = User.objects.create_user("jane@example.org", "a long password", display_name="Jane")
    EmailAddress.objects.create(user=jane, email=jane.email, verified=True, primary=True)
    imported(wxr.author(3, "jane", "jane@example.org"), wxr.item(1, wxr.comment(7, user_id=3)))
    assert comment_from(7).author == jane


def test_an_author_that_the_file_does_not_list_is_made_once(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1), wxr.item(2))
    imported(wxr.item(1), wxr.item(2), wxr.item(3))
    assert [(user.display_name, user.email) for user in User.objects.all()] == [("jane", None)]
    assert User.objects.get().posts.count() == 3


def test_an_author_listed_twice_is_one_author(imported: Import, wxr: Any) -> None:
    ledger = imported(wxr.author(3, "jane", "jane@example.org"), wxr.author(3, "jane", "x@example.org"), wxr.item(1))
    assert User.objects.get().email == "jane@example.org"
    assert (ledger.imported[kinds.AUTHORS], ledger.skipped_of(kinds.AUTHORS)) == (1, 1)


def test_an_author_who_wrote_nothing_gets_no_account(imported: Import, wxr: Any) -> None:
    ledger = imported(wxr.author(8, "idle", "idle@example.org"), wxr.item(1))
    assert not User.objects.filter(email="idle@example.org").exists()
    assert ledger.skipped_of(kinds.AUTHORS) == 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("", "Somebody"),
        ("\u200b \u3164", "Somebody"),
        ("Zo&euml; &#8211; Ann", "Zoë – Ann"),
        ("One\nTwo \u202eevil", "One Two evil"),
        ("x" * 150, "x" * 99 + "…"),
        ("<script>alert(1)</script>Ann", "alert(1)Ann"),
        ("a < b & c", "a < b & c"),
    ],
)
def test_names_are_made_fit(imported: Import, wxr: Any, name: str, kept: str) -> None:
    imported(wxr.item(1, wxr.comment(7, author=name)))
    assert comment_from(7).author_name == kept


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://ann.example/", "https://ann.example/"),
        ("http://", ""),
        ("javascript:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("//ann.example/", ""),
        ("https://ann.example/" + "x" * 300, ""),
        ("https://ann.example/\u202e", "https://ann.example/"),
    ],
)
def test_only_web_addresses_are_kept_as_an_authors_site(imported: Import, wxr: Any, url: str, kept: str) -> None:
    imported(wxr.item(1, wxr.comment(7, author_url=url)))
    assert comment_from(7).author_url == kept


@pytest.mark.parametrize(
    ("email", "kept"), [("ann@example.com", "ann@example.com"), ("none", ""), ("a@b\nBcc: c@d", "")]
)
def test_only_mail_addresses_are_kept_as_such(imported: Import, wxr: Any, email: str, kept: str) -> None:
    imported(wxr.item(1, wxr.comment(7, author_email=email)))
    assert comment_from(7).author_email == kept


# --- What it says -----------------------------------------------------------------------------------


def test_a_comment_reads_as_wordpress_would_show_it(imported: Import, wxr: Any) -> None:
    imported(
        wxr.item(
            1,
            wxr.comment(
                7, "One\ntwo &amp; <em>three</em>\n\nSee https://example.org/a and\n<blockquote>four</blockquote>"
            ),
        )
    )
    shown = comment_from(7).body_html
    assert "One<br>two &amp; <em>three</em></p>" in shown
    assert 'href="https://example.org/a"' in shown
    assert "nofollow" in shown
    assert "<blockquote>" in shown


def test_the_source_of_a_comment_is_kept_and_marked_as_html(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7, "One\n\n<b>two</b> & *three*")))
    comment = comment_from(7)
    assert (comment.body, comment.body_format) == ("One\n\n<b>two</b> & *three*", "html")
    assert comment.renderer_version == rendering.RENDERER_VERSION
    assert "*three*" in comment.body_html


def test_a_long_comment_is_not_cut(imported: Import, wxr: Any) -> None:
    imported(wxr.item(1, wxr.comment(7, "word " * 13_000)))
    assert comment_from(7).body_html.count("word") == 13_000


def test_a_comment_of_nothing_but_tags_is_kept_as_text(imported: Import, wxr: Any) -> None:
    ledger = imported(wxr.item(1, wxr.comment(7, "<b>" * 20_000)))
    assert "<b>" not in comment_from(7).body_html
    assert html.unescape(comment_from(7).body_html).count("<b>") == 20_000
    assert any("plain text" in note for note in ledger.notes)


PAYLOADS = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "<svg/onload=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)">x</a>',
    '<a href=" &#14; javascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<iframe src=//evil.example></iframe>",
    "<p style=position:fixed id=submit name=body onclick=alert(1)>x</p>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<form action=//evil.example><button formaction=javascript:alert(1)>x</button></form>",
    "<<script>alert(1)//<</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<b " + "x" * 1_000,
    "]]><script>alert(1)</script>",
    'http://example.org/"onmouseover="alert(1)',
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_imported_text_is_cleaned_like_any_other(imported: Import, wxr: Any, payload: str) -> None:
    from lxml import html as parser

    imported(
        wxr.item(
            1, wxr.comment(7, payload, author=payload, author_url=payload), title=payload,
            content__encoded=payload, excerpt__encoded=payload,
        )
    )  # fmt: skip
    comment = comment_from(7)
    assert comment.body_html == rendering.body_html(comment.body, "html")
    for shown in (comment.body_html, Post.objects.get().body_html):
        for element in parser.fragment_fromstring(shown, create_parent="div").iter():
            assert element.tag not in {
                "script",
                "svg",
                "iframe",
                "form",
                "button",
                "style",
                "math",
                "noscript",
                "object",
            }
            assert not {"style", "id", "name", "formaction"} & set(element.attrib)
            assert not [name for name in element.attrib if name.startswith("on")]
            for address in (element.get("href", ""), element.get("src", "")):
                assert address.startswith(("http://", "https://", "mailto:", "/", "#")) or not address


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


# --- The command ------------------------------------------------------------------------------------


def test_the_command_tells_what_became_of_every_row(theme_unit_test: Path) -> None:
    out = StringIO()
    call_command("import_wordpress", theme_unit_test, "--no-progress", stdout=out)
    assert "397 rows of wpthemetestdata.wordpress.com, all accounted for" in " ".join(out.getvalue().split())
    assert "\x1b" not in out.getvalue()


def test_the_command_says_that_a_dry_run_was_one(theme_unit_test: Path) -> None:
    out = StringIO()
    call_command("import_wordpress", theme_unit_test, "--dry-run", stdout=out)
    assert "Dry run, nothing was changed" in out.getvalue()
    assert Comment.objects.count() == 0


def test_what_a_file_says_is_no_markup_for_the_terminal(written: Callable[..., Path], wxr: Any) -> None:
    out = StringIO()
    path = written(wxr.export(wxr.item(1, wxr.comment(7, type="[bold]x[/bold]\x9b31m"))))
    call_command("import_wordpress", path, stdout=out)
    assert "[bold]x[/bold]" in out.getvalue()
    assert "\x9b" not in out.getvalue()


def test_a_cut_file_changes_nothing(written: Callable[..., Path], wxr: Any) -> None:
    before = everything()
    text = wxr.export(wxr.item(1, wxr.comment(7)), wxr.item(2, wxr.comment(8)))
    with pytest.raises(CommandError, match="cut off"):
        call_command("import_wordpress", written(text[: text.index("</item>") + 400]))
    assert everything() == before


def test_a_sum_that_is_wrong_fails_loudly(theme_unit_test: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comments.importers.discussions.DiscussionWriter._enter", lambda self, comment: None)
    with pytest.raises(CommandError, match="comments: 28 in the file, 0 accounted for"):
        call_command("import_wordpress", theme_unit_test, stdout=StringIO())


def test_a_file_without_the_sites_address_is_refused(written: Callable[..., Path], wxr: Any) -> None:
    text = wxr.export(wxr.item(1)).replace("https://old.example.org", "")
    with pytest.raises(CommandError, match="address of the site"):
        call_command("import_wordpress", written(text))
