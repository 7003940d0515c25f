"""Fetches a small document from a URL, and lets nobody who answers there hold it up or fill the memory."""

import time
from typing import Any, NoReturn
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

from cartera.addresses import is_loopback_host

SECONDS = 4.0
"""For a connection, for each step of the answer, and for all of it."""

MOST_BYTES = 512 * 1024
_STEP_BYTES = 16 * 1024


class _NoRedirects(HTTPRedirectHandler):
    """Where keys come from is the operator's word, and not that of whoever answers."""

    def redirect_request(self, req: Any, fp: Any, code: int, *_: Any) -> NoReturn:
        raise HTTPError(req.full_url, code, "it redirects", None, fp)  # type: ignore[arg-type]


def require_fetchable(url: str) -> None:
    """Refuse what anybody on the way could answer in place of the host.

    Raises:
        ValueError: it is neither https nor on this machine.

    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError("names no host")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback_host(parts.hostname)):
        raise ValueError("must be https; http is for 127.0.0.1 only")


def fetch(url: str) -> bytes:
    """The document. It blocks, for twice SECONDS at most.

    Raises:
        OSError: it can't be had.
        HTTPException: what answers does not speak HTTP.

    """
    require_fetchable(url)
    ends_at = time.monotonic() + SECONDS
    with build_opener(_NoRedirects).open(url, timeout=SECONDS) as answer:
        content = b""
        while step := answer.read1(_STEP_BYTES):
            content += step
            if len(content) > MOST_BYTES:
                raise OSError(f"the answer is longer than {MOST_BYTES} bytes")
            if time.monotonic() > ends_at:
                raise TimeoutError("the answer takes too long")
    return content
