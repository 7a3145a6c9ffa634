"""Whose words they are after an import, and what they say."""

import html
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from comments import rendering
from comments.importers import ledger as kinds
from comments.importers.ledger import Ledger
from posts.models import Post
from storied.accounts.models import User

from .imported import comment_from

pytestmark = pytest.mark.django_db

Import = Callable[..., Ledger]


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
