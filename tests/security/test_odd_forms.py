"""Forms that no browser sends: odd texts, broken bodies, other encodings and methods; never a 500."""

import random

import pytest

from tests import factories

from .addresses import filled
from .odd import ODD_TEXTS, quiet


@pytest.mark.parametrize("role", ["guest", "member", "owner"])
def test_no_value_of_a_form_fails(house, role):
    chance = random.Random(role)
    waiting = house.comments["pending"]
    forms = {
        f"/discussion/{house.post.pk}/submit/": factories.form(house.post),
        f"/discussion/{house.post.pk}/preview/": {"body": "x"},
        f"/comment/{waiting.pk}/own/edit/": {"body": "x", "revision": "1", "guidelines_version": "1"},
        f"/comment/{house.of_member['pending'].pk}/own/edit/": {"body": "x", "revision": "1",
            "guidelines_version": "1"},
        f"/comment/{house.comments['approved'].pk}/report/": {"reason": "other", "words": "x"},
        "/moderation/rules/": {"max_links": "2", "close_after_days": "0", "usual_wait": "x"},
        "/moderation/undo/": {"batch": house.batch, "queue": "pending"},
        f"/moderation/comment/{waiting.pk}/move/": {"under": ""},
        f"/moderation/discussion/{house.post.pk}/": {"open": "yes"},
        "/moderation/decide/": {
            "one": "", "action": "hold", "chosen": str(waiting.pk), "reason_all": "x", "clause_all": "x",
            f"revision_{waiting.pk}": "1", "queue": "pending",
        },
        "/accounts/profile/": {"display_name": "x", "url": ""},
        "/accounts/login/": {"login": "a@b.cd", "password": "x"},
        "/accounts/signup/": {"email": "a@b.cd", "password1": "x", "display_name": "x"},
    }  # fmt: skip
    client = house.client(role)
    for path, data in forms.items():
        for field in data:
            for text in ODD_TEXTS:
                odd = {**data, field: text}
                quiet(
                    client.post(path, odd, REMOTE_ADDR=f"10.0.{chance.randrange(256)}.1"),
                    f"{path} {field}={text[:30]!r}",
                )
        quiet(client.post(path, {name: [value, value, ""] for name, value in data.items()}), f"{path} thrice")
        quiet(client.post(path, dict.fromkeys(data, "")), f"{path} empty")
        quiet(client.post(path, {}), f"{path} nothing")


@pytest.mark.parametrize("reason", ["reason", "clause"])
def test_a_moderators_words_are_stored_without_what_cannot_be(house, reason):
    waiting = house.comments["pending"]
    data = {"one": f"reject:{waiting.pk}", f"{reason}_{waiting.pk}": "No\x00, and\x1b[2J\u202e sorry."}
    assert house.client("moderator").post("/moderation/decide/", data).status_code == 302
    entry = waiting.log.get(action="reject")
    assert "\x00" not in getattr(entry, reason)
    assert "\x1b" not in getattr(entry, reason)
    assert "\u202e" not in getattr(entry, reason)


def test_a_decision_about_what_is_gone_says_so(house):
    client = house.client("moderator")
    for action in ("keep", "approve", "remove"):
        answer = client.post("/moderation/decide/", {"one": f"{action}:987654321"}, follow=True)
        assert answer.status_code == 200


@pytest.mark.once
@pytest.mark.parametrize(
    "charset",
    [
        "utf-16",
        "utf-7",
        "UTF-16LE",
        "utf-32",
        "idna",
        "punycode",
        "base64",
        "zlib",
        "rot13",
        "undefined",
        "unicode_escape",
        "nonsense",
        "latin-1",
        '"utf-8"',
        "utf-8-sig",
        "x" * 500,
    ],
)
@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json"]
)
@pytest.mark.parametrize("role", ["guest", "member"])
def test_a_form_in_another_encoding_is_refused_with_a_page(house, charset, kind, role):
    body = (
        b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\nwords\r\n--x--\r\n'
        if "multi" in kind
        else b"body=words"
    )
    client = house.client(role, enforce_csrf_checks=True, raise_request_exception=False)
    client.cookies["storied_csrf"] = "a" * 32
    for path in (f"/discussion/{house.post.pk}/submit/", "/accounts/login/", "/admin/login/", "/nowhere/"):
        answer = client.generic("POST", path, body, content_type=f"{kind}; charset={charset}")
        assert answer.status_code in {400, 403, 404, 302}, f"{path}: {answer.status_code}"


BROKEN_BODIES = {
    "no boundary": ("multipart/form-data", b"x"),
    "wrong boundary": ("multipart/form-data; boundary=x", b"--y\r\n\r\n"),
    "cut": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\nwor'),
    "no name": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\nw\r\n--x--\r\n"),
    "a file for a text": ("multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="body"; filename="../../x"\r\n'
        b'Content-Type: text/html\r\n\r\n<b>\r\n--x--\r\n'),
    "false base64": ("multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="body"\r\n'
        b'Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n'),
    "bytes that are no text": ("application/x-www-form-urlencoded", b"body=\xff\xfe\xed\xa0\x80&name=\x80"),
    "percent signs": ("application/x-www-form-urlencoded", b"body=%&name=%zz&%=%"),
    "too many fields": ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(5_000))),
    "too many fields of one name": ("application/x-www-form-urlencoded", b"&".join([b"body=1"] * 5_000)),
    "too long": ("application/x-www-form-urlencoded", b"body=" + b"x" * 1_200_000),
    "too long a file": ("multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="body"\r\n\r\n' + b"x" * 1_200_000 + b"\r\n--x--\r\n"),
    "json": ("application/json", b'{"body": "x"}'),
    "xml": ("text/xml", b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'),
    "no type": ("", b"body=x"),
    "long type": ("x" * 10_000, b"body=x"),
    "long boundary": ("multipart/form-data; boundary=" + "x" * 5000, b"x"),
}  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("what", BROKEN_BODIES)
@pytest.mark.parametrize("role", ["guest", "moderator"])
@pytest.mark.parametrize("checked", [True, False])
def test_a_broken_body_is_refused_with_a_page(house, what, role, checked):
    kind, body = BROKEN_BODIES[what]
    client = house.client(role, enforce_csrf_checks=checked, raise_request_exception=False)
    for path in (
        f"/discussion/{house.post.pk}/submit/",
        "/moderation/decide/",
        "/accounts/login/",
        "/admin/login/",
        "/xmlrpc.php",
    ):
        answer = client.post(path, body, content_type=kind, HTTP_SEC_FETCH_SITE="same-origin")
        assert answer.status_code < 500, f"{path}: {answer.status_code}"


@pytest.mark.once
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "FOO", "get"])
@pytest.mark.parametrize("role", ["guest", "owner"])
def test_an_odd_method_does_nothing_and_fails_nowhere(house, all_rows, method, role):
    client = house.client(role, enforce_csrf_checks=True)
    before = all_rows()
    for path, name in filled(house):
        quiet(client.generic(method, path, b"body=x"), f"{method} {path} ({name})")
    assert all_rows() == before


@pytest.mark.once
def test_a_hidden_method_in_a_form_or_header_is_not_believed(house, all_rows):
    before = all_rows()
    client = house.client("owner")
    for path, _ in filled(house):
        client.get(path + "?_method=DELETE", HTTP_X_HTTP_METHOD_OVERRIDE="POST", HTTP_X_METHOD_OVERRIDE="DELETE")
    assert all_rows() == before
