"""Whether everybody can use a page: what axe says of it, and that it does not scroll sideways."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

# What differs between the schemes.
_COLOURS = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}


def faults(page: Any, name: str) -> list[str]:
    """What is wrong with the page that is open, in light and in dark colours; its context has to bypass the CSP."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = _violations(Axe().run(page), name)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += _violations(Axe().run(page, options=_COLOURS), f"{name}, dark")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, f"{name}: scrolls sideways by {wide} pixels"] if wide > 0 else found


def _violations(results: Any, name: str) -> list[str]:
    return [f"{name}: {v['id']} ({v['nodes'][0]['html'][:160]})" for v in results.response["violations"]]
