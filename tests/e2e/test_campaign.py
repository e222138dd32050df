"""The campaign in a real browser: the collector on a telephone, the board, lists, supervision."""

from pathlib import Path

import pytest

from tests.e2e.serving import DESK, TELEPHONE, Visit, filled
from tests.e2e.test_bill import FAINT_TEXTS, OVERFLOW
from tests.web.campaign_city import TOWN, build_campaign

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def passwords(module_database_url: str) -> dict[str, str]:
    return filled(module_database_url, build_campaign)


def test_a_collector_ticks_on_a_telephone_and_undoes_what_was_wrong(visit: Visit, artifacts: Path) -> None:
    page = visit("collector", "/collector", TELEPHONE)
    page.screenshot(path=artifacts / "collector-phone.png", full_page=True)
    button = page.get_by_role("button", name="收到").first
    name = button.get_attribute("aria-label")
    assert name is not None
    person = name.removeprefix("收到").partition(" ")[0]
    button.click()
    assert person in page.inner_text(".notice")
    assert "应上交 380.00 元" in page.inner_text("#cash-title")
    page.click("text=全部")
    page.get_by_role("button", name=f"撤销{person}的代收").click()
    assert "应上交 0.00 元" in page.inner_text("#cash-title")
    assert page.get_by_role("button", name=f"收到{person}").count() == 1


def test_a_collector_works_by_keyboard_alone(visit: Visit) -> None:
    page = visit("collector", "/collector")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # past the navigation
    for _ in range(30):
        page.keyboard.press("Tab")
        reached = page.evaluate("document.activeElement.getAttribute('aria-label') || ''")
        if reached.startswith("收到"):
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**done=tick**")
    assert reached.removeprefix("收到").partition(" ")[0] in page.inner_text(".notice")
    page.goto("/collector?show=all")
    page.get_by_role("button", name="撤销").first.click()


@pytest.mark.parametrize("size", ["normal", "large"])
def test_on_a_telephone_nothing_stands_beyond_the_edge(visit: Visit, artifacts: Path, size: str) -> None:
    page = visit("clerk", "/campaign", TELEPHONE, size)
    paths = ("/campaign", "/campaign?level=5", "/campaign/supervision", "/campaign/tasks", "/uninsured")
    for path in (*paths, "/collector", f"/collector?within={TOWN}"):
        page.goto(path)
        assert page.evaluate(OVERFLOW) == 0, path
    page.goto("/campaign")
    page.screenshot(path=artifacts / f"campaign-phone-{size}.png", full_page=True)


@pytest.mark.parametrize(("size", "least"), [("normal", 4.5), ("large", 7.0)])
def test_every_text_stands_out_and_every_target_is_large_enough(visit: Visit, size: str, least: float) -> None:
    page = visit("clerk", "/campaign", DESK, size)
    for path in ("/campaign", "/campaign/supervision", "/campaign/tasks", "/uninsured", f"/collector?within={TOWN}"):
        page.goto(path)
        assert page.evaluate(FAINT_TEXTS, least) == [], path
        small = page.evaluate(
            "() => [...document.querySelectorAll('main button, main .button, .tabs a')]"
            ".filter(target => target.getBoundingClientRect().height < 38).map(target => target.textContent.trim())"
        )
        assert small == [], path
        unnamed = page.evaluate(
            "() => [...document.querySelectorAll('main input:not([type=hidden]), main select')]"
            ".filter(field => !field.labels.length).map(field => field.name)"
        )
        assert unnamed == [], path


def test_the_board_leads_from_the_city_to_a_village_list(visit: Visit, artifacts: Path) -> None:
    page = visit("clerk", "/campaign")
    page.screenshot(path=artifacts / "campaign.png", full_page=True)
    assert page.locator(".ranking tbody tr").count() == 3
    box = page.locator(".course polyline.reached").bounding_box()
    assert box is not None
    assert box["width"] > 100
    page.click(".ranking >> text=青禾镇")
    assert page.locator(".ranking tbody tr").count() == 3
    page.click("[aria-label^='张圩村未参保']")
    assert page.locator("tbody tr").count() >= 14
    page.screenshot(path=artifacts / "uninsured.png", full_page=True)


def test_a_bulletin_is_downloaded_as_a_table(visit: Visit) -> None:
    page = visit("leader", "/campaign")
    with page.expect_download() as download:
        page.click("text=下载日报")
    assert download.value.suggested_filename.endswith(".xlsx")


def test_a_town_answers_on_its_page(visit: Visit, artifacts: Path) -> None:
    page = visit("town", "/campaign/supervision")
    page.fill("main input[name=answer]", "外出务工者多，已逐户联系")
    page.get_by_role("button", name="提交青禾镇的答复").click()
    assert "外出务工者多" in page.inner_text(".cases")
    assert "已答复" in page.inner_text(".cases")
    page.screenshot(path=artifacts / "supervision.png", full_page=True)
