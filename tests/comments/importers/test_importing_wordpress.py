"""What stands in the database after an import, and what must never get there."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from comments import status, tree
from comments.importers import ledger as kinds
from comments.importers.ledger import Ledger
from comments.importers.load import load
from comments.importers.wordpress import Export
from comments.models import Comment, Discussion, ModerationLogEntry
from comments.viewers import NOBODY
from posts.models import Category, Post
from storied import search
from storied.accounts.models import User
from tests.comments.reading import in_reading_order

from .imported import comment_from, parent_of

pytestmark = pytest.mark.django_db

Import = Callable[..., Ledger]


def everything() -> dict[str, list[Any]]:
    """All rows that an import could touch."""
    models = (User, Category, Post, Comment, Discussion, ModerationLogEntry, EmailAddress)
    tables = {model.__name__: list(model.objects.order_by("pk").values()) for model in models}
    tables["filed"] = list(Post.categories.through.objects.order_by("pk").values())
    return tables


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
    order = list(in_reading_order(Comment.objects.all()).values_list("source_id", flat=True))
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
