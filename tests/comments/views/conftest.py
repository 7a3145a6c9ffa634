"""What tests of the guidelines' pages share: three versions, and what is read on a page."""

import re
from html import unescape

import pytest

from comments import guidelines
from comments.guidelines import Clause

KIND = Clause("kind", "Be kind", "Be kind to all.", "Read twice before you answer.")
LINKS = Clause("links", "Links", "Few links.")
HOSTILE = Clause("bad", "<script>alert(1)</script>", "\u202eevil <b>", "</textarea><img src=x onerror=alert(1)>")


def text_of(answer):
    """What is read on a page, white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", answer.content.decode())).split())


@pytest.fixture
def versions():
    """Three: a material change, then one of words."""
    guidelines.publish([KIND, LINKS], introduction="Welcome.")
    guidelines.publish(
        [Clause("kind", "Be kind", "Be kind to everybody.", KIND.body), HOSTILE],
        introduction="Welcome.", summary_of_change="Kinder, and no more links.",
    )  # fmt: skip
    return guidelines.publish([KIND, HOSTILE], summary_of_change="Said better.", is_material=False)
