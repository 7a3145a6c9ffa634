"""A browser's part of the talk with a server: cookies, forms, and the same-origin header."""

import http.client
import re
import time
from email.message import Message
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit


class Gone(Exception):
    """The server broke the line: nobody knows whether the request was done."""


class Visitor:
    """One browser. Keeps its line to the server open, as browsers do."""

    def __init__(self, address: str) -> None:
        self.host = urlsplit(address).netloc
        self.address = address
        self.cookies: dict[str, str] = {}
        self.line = http.client.HTTPConnection(self.host, timeout=60)

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_error: object) -> None:
        self.line.close()

    def ask(self, method: str, path: str, fields: dict | None = None) -> tuple[int, Message, str]:
        """(status, headers, text); Gone when the line broke before the whole answer was there."""
        headers = {"Origin": self.address, "Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if fields is not None:
            body = urlencode(fields, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            self.line.request(method, path, body, headers)
            answer = self.line.getresponse()
            text = answer.read().decode()
        except (http.client.HTTPException, OSError) as broken:
            self.line.close()
            raise Gone(str(broken)) from None
        for header in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(header).items():
                self.cookies[name] = morsel.value
        return answer.status, answer.headers, text

    def get(self, path: str) -> str:
        """A page's text, asked for again while the server is being replaced."""
        for _ in range(600):
            try:
                status, _headers, text = self.ask("GET", path)
            except Gone:
                time.sleep(0.1)
                continue
            assert status == 200, (path, status, text[:500])
            return text
        raise AssertionError(f"{path} was never answered")

    def log_in(self, email: str, password: str) -> None:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/accounts/login/"))[1]
        fields = {"csrfmiddlewaretoken": token, "login": email, "password": password}
        status, _headers, text = self.ask("POST", "/accounts/login/", fields)
        assert status == 302, text[:2000]

    def token(self) -> str:
        """The token that forms of somebody with a session need."""
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get("/accounts/profile/"))
        return found[1]
