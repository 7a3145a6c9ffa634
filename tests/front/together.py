"""Many readers in one of several processes, before one page: `python -m tests.front.together READERS RENDERED`.

The application behind the kept pages adds a letter to the file RENDERED each time that it makes the page, and takes a
while, or as long as another file is there (`held`). Reads a line from its input before each round; prints how many
readers got which page.
"""

import sys
import threading
import time
from collections import Counter
from pathlib import Path

from django.conf import settings

from storied.front.board import SITE, board
from storied.front.cache import KeptPages
from storied.front.release import release
from storied.front.store import store


def held(rendered: Path) -> Path:
    return rendered.with_suffix(".held")


def application_that_notes(rendered: Path):
    def application(environ, start_response):
        with rendered.open("a") as file:
            file.write("x")
        time.sleep(0.2)
        while held(rendered).exists():
            time.sleep(0.01)
        environ["storied.keep"] = ((SITE,), 600)
        start_response("200 OK", [("Content-Type", "text/html")])
        return [str(board().settled(SITE)).encode()]

    return application


def read(pages, got, together):
    host = settings.SITE_URL.partition("://")[2]
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": host, "wsgi.url_scheme": "http"}
    together.wait()
    got.append(b"".join(pages(environ, lambda *_: None)).decode())


def main(readers: str, rendered: str) -> None:
    release(), store()
    pages = KeptPages(application_that_notes(Path(rendered)))
    print("ready", flush=True)
    for _line in sys.stdin:
        got, together = [], threading.Barrier(int(readers))
        threads = [threading.Thread(target=read, args=(pages, got, together)) for _ in range(int(readers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(dict(Counter(got)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
