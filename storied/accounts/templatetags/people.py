"""Words about people's own things."""

from django import template

register = template.Library()

# What a browser says of itself, in the order in which the first that fits is right.
_BROWSERS = {"Firefox/": "Firefox", "Edg/": "Edge", "OPR/": "Opera", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Android": "Android", "iPhone": "an iPhone", "iPad": "an iPad", "Windows": "Windows", "Mac OS X": "a Mac",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip


@register.filter
def browser_in_words(says: str) -> str:
    """What a browser says of itself (its User-Agent), as its owner would call it."""
    browser = next((name for sign, name in _BROWSERS.items() if sign in says), "A browser")
    system = next((name for sign, name in _SYSTEMS.items() if sign in says), "")
    return f"{browser} on {system}" if system else browser
