"""What every answer says beside its page: headers, cookies, nothing of the inside, nothing of a guest's address."""

import json
import logging
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

from comments import private_links
from comments.models import Comment
from storied.accounts import doors
from storied.logs import KEYS, OneLineFormatter
from storied.text import clean_text
from tests import factories

from .addresses import filled, patterns
from .corpus import LINES, SAMPLE

pytestmark = pytest.mark.once

TOO_LARGE = "x" * 1_000_001
NO_ROBOT = "ruth.secret@example.org"


def all_answers(house, role):
    client = house.client(role, raise_request_exception=False)
    for path, name in filled(house):
        yield f"{path} ({name})", client.get(path)
    for path in ("/nowhere/", "/9999/99/", "/comment/999999/", "/?page=x"):
        yield path, client.get(path)
    yield "400", client.get("/", HTTP_HOST="outside.example")
    yield "400 by charset", client.generic("POST", "/nowhere/", b"x", content_type="text/plain; charset=utf-16")
    yield "413", client.post("/accounts/login/", {"login": TOO_LARGE})
    yield "405", client.get(f"/discussion/{house.post.pk}/submit/")
    yield "form again", client.post(f"/discussion/{house.post.pk}/submit/", {"body": ""})
    checked = house.client(role, enforce_csrf_checks=True)
    yield "403", checked.post("/accounts/login/", {})


def test_where_only_forms_go_a_visitor_reads_so(house):
    answer = house.client("guest").get(f"/discussion/{house.post.pk}/submit/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "At this address a form is taken in" in answer.text


@pytest.mark.parametrize("role", ["guest", "member", "moderator", "owner"])
def test_every_answer_has_its_wall(house, role):
    for what, answer in all_answers(house, role):
        policy = answer.headers.get("Content-Security-Policy", "")
        rules = dict(part.strip().partition(" ")[::2] for part in policy.split(";") if part.strip())
        assert "unsafe" not in policy, what
        assert rules["default-src"] == "'none'", what
        for rule, sources in rules.items():
            assert set(sources.split()) <= {"'none'", "'self'"} or rule == "sandbox", f"{what}: {rule} {sources}"
        if "sandbox" not in rules:
            for rule in ("base-uri", "frame-ancestors"):
                assert rules[rule] == "'none'", what
            assert rules["form-action"] == "'self'", what
        assert answer.headers["X-Content-Type-Options"] == "nosniff", what
        assert answer.headers["X-Frame-Options"] == "DENY", what
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer", "strict-origin"}, what
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", what
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", what
        assert "camera=()" in answer.headers["Permissions-Policy"], what
        for telling in ("Server", "X-Powered-By"):
            assert telling not in answer.headers, what


@pytest.mark.parametrize("role", ["guest", "member", "moderator", "owner"])
def test_no_page_needs_what_the_wall_forbids_or_names_another_host(house, role):
    for what, answer in all_answers(house, role):
        if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
            continue
        page = answer.text
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=\"application/(?:ld\+)?json)[^>]*>\s*\S", page), what
        assert not re.search(r"<style[\s>]|<[^>]+\s(?:style|on[a-z]+)=", page), what
        for address in re.findall(
            r'<(?:script|img|link|iframe|source|form)\b[^>]*?(?:src|href|action)="([^"]+)"', page
        ):
            assert re.match(r"/(?!/)|\?|#|http://testserver/|https?://www\.w3\.org", address), f"{what}: {address}"


def test_reading_sets_no_cookie_and_shows_no_token(house):
    found = []
    for path, name in filled(house):
        if name.startswith(("account_", "admin:", "moderation:")) or name in {
            "comments:flag",
            "comments:own_by_link",
            "comments:edit_by_link",
            "comments:detach_by_link",
        }:
            continue
        client = house.client("guest")
        answer = client.get(path)
        if answer.cookies or "csrfmiddlewaretoken" in getattr(answer, "text", ""):
            found.append(name)
    assert found == []


@pytest.mark.parametrize("role", ["writer", "member", "moderator"])
def test_no_shared_cache_keeps_a_page_with_something_of_ones_own(house, role):
    for path in (house.post.get_absolute_url(), "/", "/search/?q=words"):
        answer = house.client(role).get(path)
        kept_apart = "Cookie" in answer.headers.get("Vary", "") or "private" in answer.headers.get("Cache-Control", "")
        assert kept_apart or answer.content == house.client("guest").get(path).content, path


@pytest.mark.parametrize("role", ["guest", "stranger"])
def test_nobodys_e_mail_address_or_network_is_in_any_answer(house, role):
    secrets = [NO_ROBOT, "0123456789abcdef", house.comments["pending"].guest_key, house.member.email, house.host.email]
    extra = [("/search/?q=Ruth", ""), ("/search/?q=ruth.secret", ""), ("/search/?q=words&page=1", "")]
    for path, name in [*filled(house), *extra]:
        if "own_by_link" in name or "edit_by_link" in name:
            continue
        answer = house.client(role).get(path, follow=True)
        for secret in secrets:
            assert secret not in getattr(answer, "text", ""), f"{secret} in {path} ({name})"


def test_moderators_find_a_comment_by_the_address_and_see_none_without_a_click_on_record(house):
    moderator = house.client("moderator")
    page = moderator.get("/moderation/pending/").text
    assert NO_ROBOT not in page
    found = moderator.get("/moderation/pending/", {"q": NO_ROBOT}, follow=True)
    assert house.comments["pending"].body in found.text
    assert NO_ROBOT.partition("@")[0] not in found.redirect_chain[-1][0]


@pytest.mark.parametrize("role", ["guest", "member", "moderator"])
@pytest.mark.parametrize("fields", [{"body": TOO_LARGE}, {f"field_{number}": "" for number in range(2_001)}])
def test_what_is_larger_than_anything_that_is_asked_for_is_refused_in_words(house, role, fields):
    client = house.client(role, enforce_csrf_checks=True, raise_request_exception=False)
    for path in (f"/discussion/{house.post.pk}/submit/", "/comments/mine/"):
        answer = client.post(path, fields)
        assert (answer.status_code, path) == (413, path)
        assert "can be sent in several parts" in answer.text


@pytest.mark.parametrize("role", ["guest", "member", "owner"])
def test_no_answer_shows_the_inside(house, role):
    for what, answer in all_answers(house, role):
        text = "" if answer.streaming else answer.text
        for inside in (
            "Traceback",
            "site-packages",
            "DJANGO_SETTINGS",
            "SECRET_KEY",
            "Using the URLconf",
            "DEBUG = True",
        ):
            assert inside not in text, what


def test_a_fault_gives_a_page_without_the_fault(house, monkeypatch):
    def fail(*_args, **_kwargs):
        raise RuntimeError("a secret of the inside")

    monkeypatch.setattr("comments.discussion.load", fail)
    client = house.client("guest", raise_request_exception=False)
    answer = client.get(house.post.get_absolute_url())
    assert answer.status_code == 500
    assert "a secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_cookies_of_an_https_site_are_for_it_alone(tmp_path):
    code = (
        "import json, django; django.setup(); from django.conf import settings as s; "
        "wanted = lambda n: 'COOKIE' in n or n.startswith(('SECURE_', 'MESSAGE_STORAGE', 'DEBUG', 'ALLOWED')); "
        "print(json.dumps({n: getattr(s, n) for n in dir(s) if wanted(n)}, default=str))"
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("STORIED_")},
        "STORIED_ENV_FILE": "",
        "STORIED_SECRET_KEY": "k" * 50, "STORIED_URL": "https://blog.example.org", "STORIED_VAR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "storied.settings",
    }  # fmt: skip
    said = json.loads(
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stdout
    )
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "GUEST_COOKIE_NAME"):
        assert said[name].startswith("__Host-")
    for kind in ("SESSION", "CSRF"):
        assert said[f"{kind}_COOKIE_SECURE"]
        assert said[f"{kind}_COOKIE_HTTPONLY"]
        assert said[f"{kind}_COOKIE_SAMESITE"] in {"Lax", "Strict"}
        assert said[f"{kind}_COOKIE_DOMAIN"] is None
        assert said[f"{kind}_COOKIE_PATH"] == "/"
    assert said["SECURE_SSL_REDIRECT"]
    assert said["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert said["DEBUG"] is False
    assert said["ALLOWED_HOSTS"] == ["blog.example.org"]
    # The other storage keeps a cookie of its own, by a name without the prefix.
    assert said["MESSAGE_STORAGE"] == "django.contrib.messages.storage.session.SessionStorage"


def test_the_guests_cookie_has_its_flags(house, settings):
    settings.SESSION_COOKIE_SECURE = True
    form = factories.form(house.post, "With a cookie.", name="Ann")
    answer = house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form)
    cookie = answer.cookies[settings.GUEST_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert not cookie["max-age"], "a guest who did not ask to be remembered is forgotten with the window"
    made = Comment.objects.get(body="With a cookie.")
    assert made.guest_key not in cookie.value


@pytest.fixture
def lines():
    """What the console would say, line by line."""
    import io

    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(OneLineFormatter("{levelname} {name} {message}", style="{"))
    logging.getLogger().addHandler(handler)
    yield lambda: stream.getvalue().split("\n")[:-1]
    logging.getLogger().removeHandler(handler)


@pytest.mark.parametrize("end", ["%0a", "%0d%0a", "%0d", "%e2%80%a8", "%c2%85", "%0b", "%0c", "%1b%5b2J", "%e2%80%ae"])
def test_a_line_of_the_log_stays_one_line(house, lines, end):
    client = house.client("guest", raise_request_exception=False)
    client.get(f"/nowhere{end}INFO forged line")
    client.get(f"/2026/11/x{end}INFO forged line/?q=a{end}INFO forged line")
    client.get("/", HTTP_HOST="x\nINFO forged line")
    client.get("/nowhere/", HTTP_USER_AGENT="x\nINFO forged line", HTTP_REFERER="x\nINFO forged line")
    client.post(f"/nowhere{end}INFO forged line")
    for line in lines():
        assert not line.startswith("INFO forged")
        assert line.isprintable(), line


def test_no_text_password_or_token_is_logged(house, lines):
    client = house.client("guest", enforce_csrf_checks=True)
    client.post("/accounts/login/", {"login": "a@b.cd", "password": "a secret word"})
    client.post(f"/discussion/{house.post.pk}/submit/", factories.form(house.post, "Words not for the log."))
    house.client("guest").post("/accounts/login/", {"login": "a@b.cd", "password": "a secret word"})
    said = "\n".join(lines())
    for secret in ("a secret word", "Words not for the log", "judith@example.org"):
        assert secret not in said


def test_no_link_that_opens_something_can_be_followed_from_the_log(house, lines):
    own = private_links.link_to(factories.comment(house.post, "Waits.", status="pending").pk)
    invited = doors.invite(house.owner)
    house.client("guest").post(f"{own}edit/", {"body": ""})
    house.client("guest", enforce_csrf_checks=True).post(f"/accounts/invitation/{invited.token}/")
    # Also where nothing has been looked up yet.
    house.client("guest").get(own, CONTENT_TYPE="text/html; charset=utf-7")
    said = [line for line in lines() if "/comment/own/" in line or "/invitation/" in line]
    assert len(said) == 3
    for key in (own.split("/")[3], invited.token):
        assert key not in "\n".join(said)


def test_the_log_knows_all_names_that_addresses_have_for_a_key():
    routes = " ".join(route for route, _name in patterns())
    assert set(re.findall(r"<str:(\w+)>", routes)) - {"kind", "name", "slug"} <= KEYS
    assert "?P<key>" in routes, "those of allauth"


@pytest.fixture
def full_of_hostility(house):
    """Hostile texts in every place that keeps a text."""
    from comments import moderation
    from comments.viewers import Viewer

    stored = [clean_text(text) for text in SAMPLE]  # as forms and imports do
    for number, line in enumerate(LINES):
        name = line.replace("\r", "").replace("\n", " ").replace("\u2028", "").replace("\u2029", "")[:100]
        factories.comment(
            house.post, stored[number], author_name=name, author_url="javascript:window.caught=1",
            author_email="x@example.org", status="pending" if number % 2 else "approved",
            reasons=[{"code": line[:50], "detail": line}],
        )  # fmt: skip
    for text in stored[:: max(1, len(stored) // 60)]:
        factories.comment(house.post, text)
        factories.comment(house.post, text, body_format="html")
    factories.post(
        house.owner, title=LINES[0], slug="hostile", body="\n\n".join(stored[:80]), body_format="html",
        editors_note=LINES[1],
        excerpt=LINES[4],
    )  # fmt: skip
    house.post.title = LINES[4]
    house.post.save()
    shown = house.comments["approved"]
    moderation.flag(shown.pk, Viewer(house.stranger), reporter_key="x", reason="other", words=LINES[1])
    house.stranger.display_name = LINES[3][:100]
    house.stranger.save()
    moderation.decide(house.comments["pending"].pk, "reject", Viewer(house.moderator), reason=LINES[0], clause="x")
    return house


@pytest.mark.parametrize("role", ["guest", "stranger", "moderator", "owner"])
def test_no_page_lets_a_hostile_text_out_of_its_place(full_of_hostility, role):
    from bleach._vendor import html5lib

    house = full_of_hostility
    client = house.client(role)
    shown = house.comments["approved"]
    paths = [
        house.post.get_absolute_url(), "/", "/archive/", "/search/?q=script", "/search/?q=%3Cscript%3E",
        f"/comment/{shown.pk}/report/",
        "/moderation/pending/", "/moderation/reported/", "/moderation/spam/", "/moderation/recent/",
        f"/moderation/comment/{shown.pk}/",
        f"/moderation/comment/{house.comments['pending'].pk}/", "/admin/posts/post/", "/admin/accounts/user/",
        "/admin/", "/accounts/profile/",
        f"{house.post.get_absolute_url()}?replytocom={shown.pk}", "/2026/11/hostile/",
    ]  # fmt: skip
    for path in paths:
        answer = client.get(path, follow=True)
        assert answer.status_code in {200, 403, 404}, path
        tree = html5lib.parse(answer.text, treebuilder="etree", namespaceHTMLElements=False)
        for element in tree.iter():
            if not isinstance(element.tag, str):
                continue
            assert element.tag not in {"iframe", "object", "embed", "base", "style", "math", "frame", "x"}, (
                f"{path}: {element.tag}"
            )
            for name, value in element.attrib.items():
                assert not str(name).startswith("on"), f"{path}: {name}={value}"
                assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE), f"{path}: {name}={value}"
            if element.tag == "script":
                assert element.attrib.get("src", "").startswith("/") or "json" in element.attrib.get("type", ""), path
            if element.tag == "img":
                assert element.attrib.get("src", "").startswith("/"), path


@pytest.mark.parametrize("path", ["/feed/", "/feed/atom/", "/comments/feed/", "OF_POST", "/sitemap.xml"])
def test_feeds_are_well_formed_with_all_of_it(full_of_hostility, path):
    from . import judge

    house = full_of_hostility
    answer = house.client("guest").get(f"/comments/feed/{house.post.pk}/" if path == "OF_POST" else path)
    assert answer.status_code == 200
    tree = ET.fromstring(answer.content)
    items = [item for item in tree.iter() if item.tag.endswith(("item", "}entry"))]
    assert items or "sitemap" in path
    for element in (element for item in items for element in item):
        text = element.text or ""
        if element.tag.endswith(("description", "summary")) and element.text:
            elements = judge.ARTICLE
            if "comments" in path or path == "OF_POST":
                elements = judge.COMMENT
            assert judge.faults(text, elements, relative_links=True) == []


def test_a_preview_is_json_that_no_browser_takes_for_a_page(house):
    answer = house.client("guest").post(f"/discussion/{house.post.pk}/preview/", {"body": "<script>1</script>"})
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("field", ["body", "name", "email", "url", "parent", "stamp", "guidelines_version", "homepage"])
def test_a_form_given_back_shows_what_was_typed_as_text(house, field):
    for line in [*LINES, "</textarea><script>window.caught=1</script>"]:
        form = {**factories.form(house.post, "Words."), "preview": "1", field: line}
        answer = house.client("guest").post(f"/discussion/{house.post.pk}/submit/", form)
        assert answer.status_code in {200, 422}
        assert "<script>window" not in answer.text
        assert "<img src=x" not in answer.text
        assert "</title>" not in answer.text.partition("</head>")[2]


def test_words_that_were_searched_for_are_shown_as_text(house):
    for line in LINES:
        answer = house.client("guest").get("/search/", {"q": line})
        assert "<script>window" not in answer.text
        assert "<img src=x" not in answer.text
