"""Headers that no browser sends, and names of other sites: never a 500, and none of them is believed."""

import pytest

from tests import factories

from .odd import quiet


@pytest.mark.once
@pytest.mark.parametrize(
    "field",
    [
        "HTTP_USER_AGENT",
        "HTTP_ACCEPT_LANGUAGE",
        "HTTP_REFERER",
        "HTTP_COOKIE",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_SEC_FETCH_SITE",
        "HTTP_ORIGIN",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_RANGE",
        "HTTP_ACCEPT",
        "REMOTE_ADDR",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_FORWARDED",
    ],
)
def test_no_header_fails(house, field):
    for value in (
        "",
        "\x00",
        "é",
        "\xff\xfe",
        "a" * 9000,
        "%00",
        "'",
        "1.2.3.4, ::1%eth0",
        "fe80::1%lo",
        "999.1.1.1",
        "[::]:80",
        "null",
        "http://[::1",
        "bytes=0-9999999999999999999999",
        "Thu, 99 Foo 99999 99:99:99 GMT",
        'storied_guest="\\777"; =; a',
        ",,,,",
        "x;q=9" * 500,
    ):
        client = house.client("guest", raise_request_exception=False)
        for path in (house.post.get_absolute_url(), "/accounts/login/", "/search/?q=words"):
            quiet(client.get(path, **{field: value}), f"{field}={value[:50]!r}")
        quiet(client.post(f"/discussion/{house.post.pk}/submit/", factories.form(house.post), **{field: value}), field)
        quiet(
            client.post(f"/comment/{house.comments['approved'].pk}/report/", {"reason": "other"}, **{field: value}),
            field,
        )


@pytest.mark.once
@pytest.mark.parametrize(
    "host",
    [
        "outside.example",
        "testserver.outside.example",
        "testserver@outside.example",
        "testserver:80@outside.example",
        "",
        " ",
        "testserver\\@outside.example",
        "testserver/../outside.example",
        "[::1",
        "testserver:abc",
        "a" * 5000,
        "é.example",
        "testserver\nX: y",
        ".",
    ],
)
def test_a_name_of_another_site_is_refused_with_a_page(house, host):
    client = house.client("guest", raise_request_exception=False)
    for path in ("/", "/accounts/password/reset/", "/nowhere", "/feed/", "/sitemap.xml", "/accounts/login/"):
        answer = client.get(path, HTTP_HOST=host)
        assert answer.status_code == 400, f"{path}: {answer.status_code}"
        assert "outside.example" not in answer.text
        assert "Traceback" not in answer.text


@pytest.mark.once
def test_a_forwarded_host_is_not_believed(house):
    answer = house.client("guest").get(
        "/feed/", HTTP_X_FORWARDED_HOST="outside.example", HTTP_FORWARDED="host=outside.example"
    )
    assert "outside.example" not in answer.text
