"""What every test may ask for: pages in a browser, each its own visitor."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine, not about the code.
settings.register_profile("storied", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("storied")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = "browser tests not run: no Chromium found (install the package chromium, or set STORIED_CHROMIUM)"
TIMEOUT = 15_000  # milliseconds, for a slow machine


def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    return os.environ.get("STORIED_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


def browser_is_required() -> bool:
    return "1" in {os.environ.get("STORIED_REQUIRE_BROWSER"), os.environ.get("CI", "").replace("true", "1")}


def pytest_configure() -> None:
    from django.db.backends.signals import connection_created

    connection_created.connect(_need_not_survive_a_power_cut, dispatch_uid="tests")


def _need_not_survive_a_power_cut(connection: Any, **_signal: Any) -> None:
    """What tests write; the servers that they start are as safe as they come."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if "chrome" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
    if chromium() or browser_is_required():
        return
    left_out = [item for item in items if item.get_closest_marker("browser")]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not chromium() and not browser_is_required() and "not browser" not in config.option.markexpr:
        terminalreporter.write_line(NO_BROWSER, yellow=True, bold=True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """What `django_db_modify_db_settings` has put there is not made anew; it goes with the folder of the run."""
    from tests import prepared

    return prepared.is_on_sqlite()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The tables are made once in a run, and each worker gets a copy."""
    from django.conf import settings

    from tests import prepared

    test = settings.DATABASES["default"]["TEST"]
    if prepared.is_on_sqlite():
        prepared.put_migrated(test["NAME"])
    else:
        test["TEMPLATE"] = prepared.migrated_template()


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    """What another test left in memory was true of another database."""
    from django.conf import settings
    from django.core.cache import cache

    from storied.front import board, memo

    memo.forget_all()
    board.end_all()
    notices = board.board()
    # Nobody here misses a change, and a look into the database now and then would spoil the counting of queries.
    notices.asked_at = float("inf")
    notices.end(board.SITE, notices.begin(board.SITE))
    if settings.VALKEY_URL:  # the other cache is a table, and rolled back with the rest
        cache.clear()


@pytest.fixture(autouse=True)
def nothing_counted(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that commits leaves its attempts to log in behind: no model's table, and so emptied by nobody."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction")
    if commits or {"transactional_db", "live_server"}.intersection(request.fixturenames):
        from django.core.cache import caches
        from django.core.cache.backends.db import BaseDatabaseCache

        request.getfixturevalue("transactional_db")
        yield
        for cache in caches.settings:
            if isinstance(caches[cache], BaseDatabaseCache):
                caches[cache].clear()
    else:
        yield


@pytest.fixture(scope="session")
def chrome() -> Iterator[Any]:
    """Chromium, started once; tests want `page` or `open_page`."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    if not path:
        pytest.fail(NO_BROWSER)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, and Django refuses the database to such threads.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chrome: Any, live_server: Any) -> Iterator[Callable[..., Any]]:
    """Opens a page as a new visitor, with cookies of its own; takes the options of a browser context.

    The test fails when such a page reports an error, misses a file, or asks another host for anything.
    """
    from django.core.cache import cache

    # A table that no test's end empties: how often others have tried to log in is not this visitor's.
    cache.clear()
    contexts = []
    complaints: list[str] = []

    def open_page(**options: Any) -> Any:
        context = chrome.new_context(
            **{
                "base_url": live_server.url,
                "viewport": {"width": 1280, "height": 800},
                "locale": "en-US",
                "timezone_id": "UTC",
            }
            | options
        )
        context.set_default_timeout(TIMEOUT)
        contexts.append(context)
        page = context.new_page()
        watch(page, urlsplit(live_server.url).netloc, complaints)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    return open_page()


@pytest.fixture
def page_without_javascript(open_page: Callable[..., Any]) -> Any:
    return open_page(java_script_enabled=False)


@pytest.fixture
def log_in(live_server: Any) -> Callable[[Any, Any], None]:
    """Gives a page's visitor the session of an account, without the way through the log-in form."""
    from django.conf import settings
    from django.test import Client

    def log_in(page: Any, person: Any) -> None:
        client = Client()
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])

    return log_in


def watch(page: Any, own_host: str, complaints: list[str]) -> None:
    """Notes what no page may do."""

    def on_console(message: Any) -> None:
        # What could not be loaded is judged by its answer, below: a refused form is a 422 and no mistake.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(f"error on {page.url}: {message.text}")

    def on_request(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob", "about"} and parts.netloc != own_host:
            complaints.append(f"{page.url} asks another host: {request.url}")

    def on_response(response: Any) -> None:
        asked_by_the_page = response.request.resource_type in {"document", "fetch", "xhr"}
        if response.status >= (500 if asked_by_the_page else 400):
            complaints.append(f"{page.url} got {response.status} for {response.url}")

    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(f"error on {page.url}: {error}"))
    page.on("request", on_request)
    page.on("response", on_response)
