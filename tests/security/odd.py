"""Texts that nobody means, and what no answer may be."""

ODD_TEXTS = [
    "\x00", "a\x00b", "\x01\x02", "\ufffe", "\ufeff", "\u202e", "é" * 50, "😀" * 50, "\r\n\r\n", "9" * 5000, "-1",
    "a" * 50_000, "<b>",
    "%00", "\\x00", "\u0000" * 10, "١", "\u2028", "{}", "[]", "' OR 1=1 --", "approve:", ":1", "approve:1:2",
    "urn:uuid:x", "{%",
]  # fmt: skip


def quiet(answer, what):
    assert answer.status_code < 500, f"{what}: {answer.status_code}"
    if not answer.streaming and "html" in answer.headers.get("Content-Type", ""):
        assert "Traceback" not in answer.text, what
        assert "site-packages" not in answer.text, what
