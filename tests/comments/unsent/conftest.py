"""A member with an article to write below, and what their page's script sends."""

from typing import Any

import pytest
from django.test import Client

from tests import factories


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post()


@pytest.fixture
def member():
    return factories.person("Cleo")


@pytest.fixture
def cleo(client, member):
    client.force_login(member)
    return client


def save(client: Client, post: Any, body: str, mark: str = "", **fields: Any) -> Any:
    """As the page's script does it."""
    said = {"body": body, "draft": mark, **fields}
    return client.post(f"/discussion/{post.pk}/draft/", said, headers={"Accept": "application/json"})


def box_of(page: str) -> str:
    return page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0].strip("\n")
