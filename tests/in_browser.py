"""A real browser for the tests of pages: where it is, a page opened in it, and what axe finds there."""

import os
import shutil
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SERIOUS = ("serious", "critical")


def find_browser() -> str:
    """Where a browser is; skips where there is none, and fails where COMPENDIUM_NEEDS_BROWSER=1 asks for one."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        end = pytest.fail if os.environ.get("COMPENDIUM_NEEDS_BROWSER") == "1" else pytest.skip
        end(f"this machine has no browser: none of {', '.join(BROWSERS)} is installed")
    return found


@pytest.fixture(scope="module")
def browser():
    """A real browser, where the machine has one; closed after these tests, since it keeps an event loop running."""
    found = find_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


class Opened:
    """A page with all that it asked for and complained about."""

    def __init__(self, browser, path: Path, *, width: int, **options) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(path.as_uri())


@pytest.fixture
def open_page(browser):
    """Open a page at a width; closed after the test."""
    opened: list[Opened] = []

    def make(path: Path, *, width: int = 1400, **options) -> Opened:
        opened.append(Opened(browser, path, width=width, **options))
        return opened[-1]

    yield make
    for one in opened:
        one.context.close()


def find_violations(page, *, impacts: tuple[str, ...] = SERIOUS) -> list[tuple[str, str]]:
    """What axe finds wrong on an open page: the rule and the start of the first element that breaks it."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in impacts]
