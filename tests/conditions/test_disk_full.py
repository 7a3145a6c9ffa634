"""SQLite finds no room: refused in words with the text kept, nothing acknowledged, and reading goes on."""

import resource

import pytest

from tests import prepared

from .conftest import Reader
from .test_database_gone import form_of, stored

pytestmark = [pytest.mark.hammer, pytest.mark.once]

LONG = "A text that needs some pages of the database.\n" * 150 + "The end."


@pytest.fixture(scope="module")
def running(machine, folder):
    prepared.put_migrated(folder / "full.sqlite3")
    return machine(DATABASE_URL=f"sqlite:///{folder / 'full.sqlite3'}")


@pytest.fixture
def no_room(running):
    """No file of the server's may grow; what it has it can read. Given back, and taken again, by call."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

    def set_limit(limit):
        for worker in running.workers():
            resource.prlimit(worker, resource.RLIMIT_FSIZE, limit)

    def take(is_full):
        set_limit((1, resource.RLIM_INFINITY) if is_full else unlimited)

    yield take
    take(False)


def test_a_full_disk_is_said_in_words_and_the_text_is_kept(running, no_room):
    with Reader(running.address) as reader:
        form = reader.form()
        assert reader.read()[1]
        no_room(True)
        status, _headers, page = reader.write(LONG, form)
        assert status == 503
        assert "Nothing can be stored here at the moment" in page
        assert form_of(page) == form | {"body": LONG}
        # Reading goes on, what is kept and what is not.
        assert reader.read()[0] == 200
        assert reader.ask("GET", "/search/?q=anything")[0] == 200
        assert reader.ask("GET", "/archive/")[0] == 200
        assert LONG not in stored(running)
        no_room(False)
        assert reader.ask("POST", "/discussion/1/submit/", form_of(page))[0] == 302
        assert stored(running).count(LONG) == 1


def test_nothing_is_acknowledged_that_is_not_there(running, no_room):
    acknowledged, refused = [], 0
    with Reader(running.address) as reader:
        form = reader.form()
        for number in range(60):
            no_room(number % 3 == 2)
            text = f"Number {number}."
            status, _headers, page = reader.write(text, form)
            if status == 302:
                acknowledged.append(text)
            else:
                assert status == 503
                assert text in page
                refused += 1
        no_room(False)
        assert refused
        found = stored(running)
        assert [text for text in acknowledged if found.count(text) != 1] == []
        assert sum(text.startswith("Number") for text in found) == len(acknowledged)
        running.manage("check_tree")
