"""The configuration of an nginx in front, which sends stored pages without asking Storied (`store`)."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from .headers import headers_mark, page_headers
from .store import QUERIES

TEMPLATE = Path(settings.BASE_DIR) / "deploy" / "nginx.conf"
_CERTIFICATES = "/etc/letsencrypt/live"


def configuration(*, upstream: str, listen: str = "", brotli: bool = False) -> str:
    """The text of it; `listen` in place of the usual ports, without TLS."""
    site = urlsplit(settings.SITE_URL)
    headers = dict(page_headers())
    of_type = headers.pop("Content-Type")
    names = " ".join(name for name in settings.ALLOWED_HOSTS if name != "*")
    personal = (settings.SESSION_COOKIE_NAME, settings.GUEST_COOKIE_NAME)
    told = {
        "site": re.escape(settings.SITE_URL),
        "queries": QUERIES,
        "personal": "|".join(re.escape(name) for name in personal),
        "upstream": upstream,
        "redirect": "" if listen or site.scheme == "http" else _REDIRECT.format(names=names),
        "listen": _listening(site.scheme, site.hostname or "", site.port, listen),
        "names": names,
        "store": settings.PAGE_STORE,
        "mark": headers_mark(),
        "brotli": "" if brotli else "# With Debian's libnginx-mod-http-brotli-static (nginx_config --brotli): ",
        "type": _quotable(of_type),
        "headers": "\n".join(f'        add_header {name} "{_quotable(value)}";' for name, value in headers.items()),
    }
    return re.sub("«([a-z]+)»", lambda found: told[found[1]], _body(TEMPLATE.read_text()))


def _body(template: str) -> str:
    """The template without the words about itself."""
    return template.partition("\n\n")[2]


def _listening(scheme: str, host: str, port: int | None, listen: str) -> str:
    if listen:
        lines = [f"listen {listen};"]
    elif scheme == "https":
        folder = f"{_CERTIFICATES}/{host}"
        lines = [
            f"listen {port or 443} ssl http2;", f"listen [::]:{port or 443} ssl http2;",
            f"ssl_certificate {folder}/fullchain.pem;", f"ssl_certificate_key {folder}/privkey.pem;",
        ]  # fmt: skip
    else:
        lines = [f"listen {port or 80};", f"listen [::]:{port or 80};"]
    return "\n".join(f"    {line}" for line in lines)


def _quotable(value: str) -> str:
    """A text for between quotes; nginx has no way to write a dollar sign."""
    if "$" in value:
        raise ValueError(f"nginx cannot send the header {value!r}, because of its dollar sign.")
    return value.replace("\\", "\\\\").replace('"', '\\"')


_REDIRECT = """
server {{
    listen 80;
    listen [::]:80;
    server_name {names};
    return 301 https://$host$request_uri;
}}
"""
