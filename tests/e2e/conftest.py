"""A real browser before a real server; without Chromium the tests are skipped and say so."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.e2e.serving import DESK, Visit, filled, serving
from tests.web.city import KEY, City, build
from yibao.core.config import Settings
from yibao.web.app import create_app

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine: apt install chromium fonts-noto-cjk")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def city(module_database_url: str) -> City:
    return filled(module_database_url, build)


@pytest.fixture(scope="module")
def passwords(city: City) -> dict[str, str]:
    """User → password of the city that this module serves; a module with a city of its own overrides it."""
    return city.passwords


@pytest.fixture(scope="module")
def base(passwords: dict[str, str], module_database_url: str) -> Iterator[str]:
    os.environ["YIBAO_KEY"] = KEY.hex()
    try:
        app = create_app(Settings(Path("/nonexistent"), module_database_url))
    finally:
        del os.environ["YIBAO_KEY"]
    with serving(app) as url:
        yield url


@pytest.fixture
def context(chromium: Browser, base: str) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, locale="zh-CN", base_url=base)
    yield context
    context.close()


@pytest.fixture
def visit(chromium: Browser, base: str, passwords: dict[str, str]) -> Iterator[Visit]:
    contexts = []

    def opened(user: str, path: str, viewport: dict[str, int] = DESK, size: str = "normal") -> Page:
        context = chromium.new_context(base_url=base, viewport=viewport, locale="zh-CN")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(f"/login?next=/display/{size}?next=/")
        page.fill("#user_name", user)
        page.fill("#password", passwords[user])
        page.press("#password", "Enter")
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def clerk(page: Page, city: City) -> Page:
    """A page on which the clerk has signed in."""
    page.goto("/login?next=/bills")
    page.fill("#user_name", "clerk")
    page.fill("#password", city.passwords["clerk"])
    page.click("main button")
    page.wait_for_url("**/bills")
    return page


@pytest.fixture
def artifacts() -> Path:
    """Folder for pictures that a person may want to look at; not committed."""
    ARTIFACTS.mkdir(exist_ok=True)
    return ARTIFACTS
