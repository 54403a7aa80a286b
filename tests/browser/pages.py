"""The pages of a headless Chromium, watched for errors and for requests to other addresses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

# No requests of its own, and able to run as root in a container without a GPU
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 120  # seconds; on an idle machine everything takes only a few


@contextmanager
def watched_pages(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Give the block a function `open_page(*allowed, **context options)` → a page.

    The block ends with an AssertionError if a page had an error, or requested an address that doesn't start with one of
    those `allowed`. What is inside a page (data: and blob:) is no request.
    """
    errors, requests, contexts = [], [], []

    def open_page(*allowed: str, **options: object) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        inside = (*allowed, *(address.replace("http", "ws", 1) for address in allowed), "data:", "blob:")
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: request.url.startswith(inside) or requests.append(request.url))
        page.on("websocket", lambda socket: socket.url.startswith(inside) or requests.append(socket.url))
        return page

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
    assert not errors, f"errors in the page: {errors}"
    assert not requests, f"requests to other addresses: {requests}"


def wait_until(page: Page, holds: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    """Let the page run until `holds()`, and fail if that takes more than `seconds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"this didn't happen within {seconds} seconds: {what}"
        page.wait_for_timeout(50)
