"""The board and the check of a bed in a real browser: map, portrait, a telephone in the ward that knows its place."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.serving import TELEPHONE, Visit, filled
from tests.e2e.test_bill import OVERFLOW
from tests.supervision.monitoring.city import ODD, add_monitored, lay_in_bed
from tests.web.city import HOSPITAL, OLD_MAN, City, build
from yibao.core.database import Database
from yibao.supervision.monitoring.alerts import raise_alerts
from yibao.supervision.monitoring.definitions import definitions_of

pytestmark = pytest.mark.browser
PAGES = ("/board?indicator=drug_share", "/board", f"/board/institutions/{ODD}", "/board/alerts", "/bed-checks")
JPEG = b"\xff\xd8\xff\xe0" + b"ward" * 50


async def monitored(database: Database) -> City:
    city = await build(database)
    async with database.transaction() as connection:
        await add_monitored(connection)
        await raise_alerts(connection, definitions_of("340600"))
        await lay_in_bed(connection, HOSPITAL, [OLD_MAN])
        await connection.execute(
            "update directory.institution set lng = 116.8, lat = 33.95, beds = 500 where fixmedins_code = $1", HOSPITAL
        )
    return city


@pytest.fixture(scope="module")
def city(module_database_url: str) -> City:
    return filled(module_database_url, monitored)


def test_the_map_leads_to_an_institution_and_its_verdict(visit: Visit, artifacts: Path) -> None:
    page = visit("inspector", "/board?indicator=drug_share&pause=1")
    page.screenshot(path=artifacts / "board.png", full_page=True)
    page.get_by_role("link", name="仿真905医院，80.65%").first.click()
    assert "药占比" in page.inner_text("#drug_share")
    assert "偏高" in page.inner_text("#drug_share")
    page.screenshot(path=artifacts / "board-institution.png", full_page=True)


@pytest.mark.parametrize("size", ["normal", "large"])
def test_on_a_telephone_nothing_stands_beyond_the_edge(visit: Visit, artifacts: Path, size: str) -> None:
    page = visit("inspector", "/board?pause=1", TELEPHONE, size)
    for number, path in enumerate(PAGES):
        page.goto(path)
        assert page.evaluate(OVERFLOW) == 0, path
        page.screenshot(path=artifacts / f"board-phone-{size}-{number}.png", full_page=True)


def test_the_ward_answers_from_a_telephone_with_its_place(
    visit: Visit, chromium: Browser, base: str, passwords: dict[str, str], artifacts: Path, tmp_path: Path
) -> None:
    inspector = visit("inspector", "/bed-checks")
    inspector.select_option("#fixmedins_code", HOSPITAL)
    inspector.fill("#count", "1")
    inspector.get_by_role("button", name="发起").click()
    context = chromium.new_context(
        base_url=base, viewport={"width": 390, "height": 844}, locale="zh-CN", permissions=["geolocation"],
        geolocation={"longitude": 116.8003, "latitude": 33.9501, "accuracy": 15},
    )  # fmt: skip
    ward = context.new_page()
    ward.goto("/login?next=/bed-checks")
    ward.fill("#user_name", "institution")
    ward.fill("#password", passwords["institution"])
    ward.press("#password", "Enter")
    ward.wait_for_url("**/bed-checks")
    ward.locator("table a").first.click()
    photograph = tmp_path / "ward.jpg"
    photograph.write_bytes(JPEG)
    ward.set_input_files("#file", photograph)
    assert ward.evaluate(OVERFLOW) == 0
    ward.screenshot(path=artifacts / "bed-check-phone.png", full_page=True)
    ward.get_by_role("button", name="上传").click()
    ward.wait_for_selector("text=离机构")
    assert "离机构 30 米" in ward.inner_text("main")
    context.close()
    inspector.reload()
    inspector.locator("table a").first.click()
    inspector.fill("#reason", "本人在床")
    inspector.screenshot(path=artifacts / "bed-check-inspector.png", full_page=True)
    inspector.get_by_role("button", name="确认在床").click()
    assert "已确认在床" in inspector.inner_text("h1")
