"""The browser, JupyterLab and the model, started once for all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import infogan_lib
from infogan_lib.models import InfoGAN
from tests.browser.lab import Lab, running_lab
from tests.browser.pages import FLAGS, NAMES, watched_pages


@pytest.fixture(scope="session")
def model() -> InfoGAN:
    return infogan_lib.load_pretrained("mnist")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium at the path in CHROMIUM, or the first one that is found."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail("no Chromium found: install Debian's chromium, or give the path of one as CHROMIUM=PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    with watched_pages(browser) as open_page:
        yield open_page
