"""An empty WSGI application; with BENCH_BODY, one that sends the bytes of that file as they are."""

import os
from pathlib import Path
from typing import Any

_file = os.environ.get("BENCH_BODY")
_body = Path(_file).read_bytes() if _file else b"ok"
_headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(_body)))]
if _file:
    _headers.append(("Content-Encoding", "gzip"))


def application(_environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", _headers)
    return [_body]
