"""What databases say when they cannot, in words for whoever reads; on the database of the run."""

import pytest
from django.conf import settings
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.utils import DatabaseError
from django.test import Client

from comments.models import Comment
from posts.models import Category
from storied import readiness
from storied.unavailable import AWAY, BEHIND, FULL, trouble_behind
from tests import factories

is_sqlite = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def client():
    return Client(raise_request_exception=False, headers={"Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def read_only():
    """A database that can be read and not written, as on a disk that the kernel has locked."""
    on, off = (
        ("PRAGMA query_only = on", "PRAGMA query_only = off")
        if is_sqlite
        else ("SET default_transaction_read_only = on", "SET default_transaction_read_only = off")
    )
    connection.cursor().execute(on)
    yield
    connection.cursor().execute(off)


@pytest.fixture
def post():
    factories.published_guidelines()
    return factories.post(factories.person("Host", "owner"))


def error_of(act):
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        act()
    return caught.value


def test_a_table_that_is_not_there_yet_means_that_the_site_is_being_updated():
    for query in ("SELECT * FROM a_later_table", "SELECT a_later_column FROM posts_post"):
        assert trouble_behind(error_of(lambda query=query: connection.cursor().execute(query))) is BEHIND


def test_a_fault_of_storied_is_no_trouble_of_the_database():
    Category.objects.create(name="Garden", slug="garden")
    twice = error_of(lambda: Category.objects.create(name="Garden", slug="garden"))
    assert isinstance(twice, IntegrityError)
    for error in (twice, DataError("too long"), error_of(lambda: connection.cursor().execute("SELEKT")), ValueError()):
        assert trouble_behind(error) is None


def test_a_line_that_breaks_means_that_the_database_is_away():
    assert trouble_behind(OperationalError("server closed the connection unexpectedly")) is AWAY


def test_a_database_that_cannot_be_written_says_so(read_only):
    assert trouble_behind(error_of(lambda: Category.objects.create(name="Garden", slug="garden"))) is FULL


def test_what_was_typed_comes_back_in_a_form_and_reading_goes_on(client, post, request):
    page = client.get(post.get_absolute_url()).text
    request.getfixturevalue("read_only")
    stamp = page.partition('name="stamp" value="')[2].partition('"')[0]
    fields = {
        "name": 'Ada "<b>"', "email": "ada@example.org", "body": "</textarea><script>alert(1)</script>",
        "guidelines_version": "1", "stamp": stamp, "homepage": "", "parent": "", "csrfmiddlewaretoken": "kept",
    }  # fmt: skip
    answer = client.post(f"/discussion/{post.pk}/submit/", fields)
    assert answer.status_code == 503
    assert "Nothing can be stored here at the moment" in answer.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in answer.text
    assert "<script" not in answer.text
    assert 'value="Ada &quot;&lt;b&gt;&quot;"' in answer.text
    assert 'name="csrfmiddlewaretoken" value="kept"' in answer.text
    assert Comment.objects.count() == 0
    assert client.get(post.get_absolute_url()).status_code == 200
    assert client.get("/search/?q=words").status_code == 200


def test_whoever_sent_no_text_is_told_to_try_again(client, read_only):
    answer = client.post("/accounts/signup/", {"email": "ada@example.org", "password1": "a long pass phrase"})
    assert "a long pass phrase" not in answer.text


def test_a_process_that_does_not_serve_never_asks_for_migrations(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert readiness.is_ready()


def test_a_process_that_serves_asks_until_all_have_run_and_then_never_again(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(readiness, "_asks", True)
    monkeypatch.setattr(readiness, "_looked_at", float("-inf"))
    monkeypatch.setattr(readiness, "missing_migrations", lambda: ["comments.0099_later"])
    assert not readiness.is_ready()
    monkeypatch.setattr(readiness, "_looked_at", float("-inf"))
    monkeypatch.undo()
    monkeypatch.setattr(readiness, "_asks", True)
    assert readiness.is_ready()
    with django_assert_num_queries(0):
        assert readiness.is_ready()


def test_readiness_is_said_to_load_balancers(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")
    assert answer["Cache-Control"] == "no-store"
