"""Files go past the kept pages."""

import pytest

from storied.front.cache import KeptPages

pytestmark = pytest.mark.once


@pytest.mark.parametrize("path", ["/static/css/base.css", "/media/pictures/a.jpg"])
def test_files_are_handed_on_as_they_are(path):
    pieces = [b"one", b"two"]
    answer = KeptPages(lambda environ, start_response: pieces)({"REQUEST_METHOD": "GET", "PATH_INFO": path}, None)
    assert answer is pieces
