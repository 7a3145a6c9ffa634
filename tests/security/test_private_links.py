"""A private link opens one comment, for a time, and is told to nobody."""

from comments import private_links


def test_a_private_link_opens_one_comment_alone(house, all_rows):
    mine, other = house.comments["pending"], house.of_member["pending"]
    client = house.client("guest")
    token = private_links.token_of(mine.pk)
    assert client.get(f"/comment/own/{token}/").status_code == 200
    before = all_rows()
    signature = token.partition(":")[2]
    wrong = [
        token[:-1], token + "x", token.upper(), f"{other.pk}:{signature}", f"{mine.pk}", f"{mine.pk}::",
        token.replace(":", "."),
        f"{other.pk}:{token}", f" {token}", "x" * 3000, private_links.token_of(10**30),
    ]  # fmt: skip
    for forged in wrong:
        for path, method in (("", "get"), ("edit/", "post"), ("withdraw/", "post")):
            response = getattr(client, method)(f"/comment/own/{forged}/{path}", {"body": "x", "revision": 1})
            assert response.status_code == 404, forged
            assert other.body not in response.text
            assert mine.body not in response.text
    assert all_rows() == before


def test_a_private_link_is_good_for_ninety_days(house):
    import time
    from unittest import mock

    mine = house.comments["pending"]
    with mock.patch("time.time", return_value=time.time() - 91 * 86_400):
        old = private_links.token_of(mine.pk)
    assert house.client("guest").get(f"/comment/own/{old}/").status_code == 404


def test_what_signs_a_form_signs_no_private_link(house):
    from comments.spam import stamps

    mine = house.comments["pending"]
    for token in (stamps.new_stamp(mine.pk), stamps.new_stamp(mine.pk).replace(".", ":")):
        assert house.client("guest").get(f"/comment/own/{token}/").status_code == 404


def test_a_private_page_is_kept_by_no_cache_and_told_to_no_other_site(house):
    token = private_links.token_of(house.comments["pending"].pk)
    for path in ("", "edit/"):
        response = house.client("guest").get(f"/comment/own/{token}/{path}")
        assert "no-store" in response["Cache-Control"]
        # The site's name at the most, never the address with its key.
        assert response["Referrer-Policy"] in {"no-referrer", "strict-origin", "origin", "same-origin"}
        assert "noindex" in response["X-Robots-Tag"]
