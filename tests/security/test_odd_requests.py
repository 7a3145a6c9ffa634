"""What no browser sends: never a 500, on either database."""

import random
import re

import pytest
from django.test import override_settings

from comments.models import Comment
from posts.models import Post
from tests import factories

from .addresses import patterns
from .odd import ODD_TEXTS, quiet

ODD_VALUES = [
    "", " ", "0", "-1", "1.5", "1e9", "NaN", "inf", "None", "null", "true", "[]", "{}", "9" * 18, "9" * 19, "9" * 40,
    "9" * 5000,
    "-" + "9" * 30, "0x10", "١٢٣", "²", "１", "%00", "%ff", "%ed%a0%80", "%f0%9f%98%80", "%0d%0aSet-Cookie:%20a=b",
    "%u0041",
    "..", "../../etc/passwd", "%2e%2e%2f", "a" * 3000, "%E2%80%AE", "%EF%BB%BF", "%3Cscript%3E", "'", '"', "';--",
    "' OR 1=1--",
    "$(id)", "{{7*7}}", "%", "%25", "%25%30%30", "*", "\\", "//", ";", "|", "`", "+", "&&", "=", "#", "?", "[0]",
    "a[b][c]", "%5B%5D",
]  # fmt: skip
PARAMETERS = [
    "page", "comments", "replytocom", "p", "page_id", "q", "next", "done", "sort", "order", "o", "e", "_popup",
    "_to_field",
    "all", "year", "published_at__year", "status__exact", "author__email__startswith", "format", "lang", "callback",
    "csrfmiddlewaretoken",
]  # fmt: skip
PLACES = [
    "/", "/2026/", "/2026/11/", "/archive/", "/category/walks/", "/search/", "/guidelines/", "/feed/",
    "/comments/feed/",
    "/sitemap.xml", "/accounts/login/", "/moderation/pending/", "/admin/posts/post/", "ARTICLE",
]  # fmt: skip


@pytest.mark.parametrize("role", ["guest", "owner"])
def test_no_parameter_of_an_address_fails(house, role):
    client = house.client(role)
    article = house.post.get_absolute_url()
    for turn, place in enumerate(PLACES):
        path = article if place == "ARTICLE" else place
        for number, name in enumerate(PARAMETERS):
            for value in ODD_VALUES[(turn + number) % 19 :: 19]:
                quiet(client.get(f"{path}?{name}={value}&{name}=1"), f"{path}?{name}={value[:100]}")


@pytest.mark.parametrize("name", ["page", "comments", "replytocom", "p", "q"])
def test_each_parameter_that_we_read_takes_every_odd_value(house, name):
    client = house.client("moderator")
    article = house.post.get_absolute_url()
    own = {"page": "/moderation/recent/", "comments": article, "replytocom": article, "p": "/", "q": "/search/"}[name]
    for place in ("/", "/search/", "/moderation/recent/", "/category/walks/", "/2026/11/", article):
        for value in ODD_VALUES[:: 1 if place == own else 6]:
            quiet(client.get(f"{place}?{name}={value}"), f"{place}?{name}={value[:100]}")


def _has_a_digit(text):
    return any(letter.isdigit() for letter in text)


@pytest.mark.parametrize("role", ["guest", "owner"])
def test_no_piece_of_a_path_fails(house, role):
    client = house.client(role)
    pieces = [value for value in ODD_VALUES if value and "#" not in value and "?" not in value]
    for turn, (route, name) in enumerate(patterns()):
        if "<" not in route or (name.startswith("admin:") and role == "guest"):
            continue
        # Where a number belongs, a word leads to no view of its own: a few of them will do.
        takes_words = re.search(r"<(?!int:)\w+", route)
        fitting = pieces if takes_words else [*filter(_has_a_digit, pieces), *pieces[::8]]
        # Each route takes a third of them, another one than its neighbours.
        for piece in fitting[turn % 3 :: 3]:
            path = re.sub(r"\(\?P<\w+>(?:\[[^\]]*\]|[^()\[\]])*\)", lambda _, p=piece: p, route)
            path = re.sub(r"<(?:\w+:)?\w+>", lambda _, p=piece: p, path)
            path = "/" + re.sub(r"\(\?:?[^)]*\)|[\^$\\?]", "", path)
            quiet(client.get(path), path[:200])


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize(
    "path",
    [
        "/0000/",
        "/0001/",
        "/9999/",
        "/0001/01/",
        "/9999/12/",
        "/2026/00/",
        "/2026/13/",
        "/2026/99/",
        "/9999/12/x/",
        "/0001/01/x/",
        "/0000/00/x/",
        "/2026/13/open/",
    ],
)
def test_no_month_of_another_calendar_fails(house, path, zone):
    with override_settings(TIME_ZONE=zone):
        quiet(house.client("guest").get(path), path)


@pytest.mark.parametrize("number", [0, 2**31, 2**63 - 1, 2**63, 10**18, 10**19, 10**40])
@pytest.mark.parametrize("role", ["guest", "moderator", "owner"])
def test_a_number_beyond_the_databases_is_not_found(house, number, role):
    client = house.client(role)
    for path in (
        f"/comment/{number}/", f"/comment/{number}/own/", f"/comment/{number}/own/edit/", f"/comment/{number}/report/",
        f"/post/{number}/", f"/guidelines/{number}/", f"/comments/feed/{number}/", f"/moderation/comment/{number}/",
        f"/admin/posts/post/{number}/change/", f"/?p={number}", f"/?page={number}",
        f"/moderation/recent/?page={number}",
        f"{house.post.get_absolute_url()}?comments={number}", f"{house.post.get_absolute_url()}?replytocom={number}",
    ):  # fmt: skip
        quiet(client.get(path), path)
    for path in (
        f"/discussion/{number}/submit/", f"/discussion/{number}/preview/", f"/comment/{number}/own/withdraw/",
        f"/comment/{number}/report/", f"/moderation/comment/{number}/move/", f"/moderation/discussion/{number}/",
    ):  # fmt: skip
        quiet(client.post(path, {"under": number, "body": "x"}), path)
    for data in (
        {"one": f"approve:{number}"}, {"one": f"keep:{number}"}, {"action": "approve", "chosen": [number]},
        {"action": "keep", "chosen": [number, house.comments["pending"].pk]},
        {"queue": number, "one": f"remove:{number}"},
    ):  # fmt: skip
        quiet(client.post("/moderation/decide/", data), f"decide {data}")
    quiet(
        client.post(f"/moderation/comment/{house.comments['pending'].pk}/move/", {"under": number}), f"under {number}"
    )


def test_two_imports_with_a_post_of_the_same_number_are_no_fault(house):
    for source in ("one.example", "two.example"):
        factories.post(house.owner, source=source, source_id="7")
    answer = house.client("guest").get("/?p=7")
    assert answer.status_code in {301, 302, 404}


def test_two_articles_of_one_month_and_name_are_no_fault(house):
    for _ in range(2):
        factories.post(house.owner, slug="twin", published_at=house.post.published_at)
    path = house.post.get_absolute_url().replace("/open/", "/twin/")
    assert house.client("guest").get(path).status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        '"',
        '""',
        '"a',
        "-",
        "--",
        "-a",
        "a -b",
        "*",
        "a*",
        "(",
        "a AND",
        "NEAR(a b)",
        "a:b",
        "title:a",
        "^a",
        "a OR b",
        "'",
        "\\",
        "%",
        "_",
        "\x00",
        "\ud83d",
        "a" * 5000,
        '"' * 500,
        "(" * 500,
        "-" * 500,
        "* " * 300,
        "é\u0301",
        "漢字",
        "\u202e",
        "<b>",
        "a & b | !c <-> d",
        ":*",
        "a:*",
        "''' ;",
    ],
)
def test_nothing_typed_into_the_search_field_fails(house, words):
    answer = house.client("guest").get("/search/", {"q": words.encode("utf-8", "replace")})
    assert answer.status_code in {200, 400}
    assert "<b>" not in answer.text or words != "<b>"


@pytest.mark.once
@pytest.mark.parametrize(
    "target",
    [
        "//outside.example",
        "//outside.example/x",
        "/\\outside.example",
        "///outside.example/",
        "/%5coutside.example/x",
        "//outside.example/2026/11/x",
        "/%2f%2foutside.example",
        "/.//outside.example",
    ],
)
def test_no_address_leads_off_the_site_by_its_slashes(house, target):
    for role in ("guest", "moderator"):
        for ending in ("", "/", "/..", "?x"):
            answer = house.client(role).get(target + ending)
            if answer.status_code in {301, 302}:
                assert re.match(r"/(?![/\\])", answer["Location"]), answer["Location"]


NEXT = [
    "//outside.example",
    "https://outside.example",
    "http:outside.example",
    "/\\outside.example",
    "\\\\outside.example",
    "///outside.example",
    "https:///outside.example",
    "javascript:alert(1)",
    "/\t/outside.example",
    "\thttps://outside.example",
    "https://testserver@outside.example",
    "https://testserver.outside.example",
    "//testserver@outside.example",
    "http://testserver\\@outside.example",
    "/\x09\\outside.example/",
    "\x00//outside.example",
    "ftp://testserver/",
]


@pytest.mark.once
@pytest.mark.parametrize("target", NEXT)
def test_no_way_on_after_logging_in_or_out_leaves_the_site(house, target, settings):
    settings.ACCOUNT_RATE_LIMITS = False
    good = {"login": house.member.email, "password": factories.PASSWORD}
    answers = [
        house.client("guest").post("/accounts/login/", {**good, "next": target}),
        house.client("member").post("/accounts/logout/", {"next": target}),
        house.client("member").get("/accounts/login/", {"next": target}),
        house.client("owner").get("/admin/login/", {"next": target}),
        house.client("owner").post("/admin/login/",
            {"username": house.owner.email, "password": factories.PASSWORD, "next": target}),
    ]  # fmt: skip
    for answer in answers:
        if answer.status_code in {301, 302}:
            assert "outside.example" not in answer["Location"] or answer["Location"].startswith("/accounts/"), answer[
                "Location"
            ]
            assert not re.match(r"[\s\\/]*[\\/]{2}|\w+:(?!//testserver/)", answer["Location"]), answer["Location"]


@pytest.mark.once
@pytest.mark.parametrize(
    "path",
    [
        "../../etc/passwd",
        "..%2f..%2fetc/passwd",
        "/etc/passwd",
        "%2e%2e/%2e%2e/settings.py",
        "..\\..\\x",
        "",
        ".",
        "pictures/",
        "a\x00.png",
        "....//....//etc/passwd",
        "x" * 5000,
    ],
)
def test_pictures_are_served_from_their_folder_alone(house, path):
    answer = house.client("guest", raise_request_exception=False).get(f"/media/{path}")
    assert answer.status_code in {301, 302, 400, 404}
    if answer.status_code == 301:
        assert answer["Location"].startswith("/media/")
    assert "root:" not in getattr(answer, "text", "")


def test_a_thousand_random_requests_fail_nowhere(house):
    chance = random.Random(2026)
    bits = [
        "comment",
        "own",
        "moderation",
        "discussion",
        "submit",
        "2026",
        "11",
        "13",
        "feed",
        "admin",
        "accounts",
        "login",
        "post",
        "é",
        "%00",
        "%FF",
        "..",
        "media",
        str(house.post.pk),
        "9" * 25,
        "edit",
        "report",
        "guidelines",
        "search",
        "a:b",
        "open",
        "page",
        "",
    ]
    clients = {
        role: house.client(role, raise_request_exception=False) for role in ("guest", "writer", "member", "owner")
    }
    for _ in range(1_500):
        path = (
            "/"
            + "/".join(chance.sample(bits, chance.randrange(1, 5)))
            + chance.choice(["/", "", "/?page=x", "?" + chance.choice(PARAMETERS) + "=" + chance.choice(ODD_VALUES)])
        )
        role = chance.choice(list(clients))
        if chance.random() < 0.3:
            data = {chance.choice(["body", "one", "action", "chosen", "parent", "name"]): chance.choice(ODD_TEXTS)}
            quiet(clients[role].post(path, data), f"POST {path} as {role}")
        else:
            quiet(clients[role].get(path), f"GET {path} as {role}")
    assert Post.objects.filter(pk=house.post.pk).exists()
    assert Comment.objects.filter(pk=house.comments["approved"].pk, status="approved").exists()
