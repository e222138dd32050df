"""The pages of persons, employers and departments in a real browser, on a desk and on a telephone."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.serving import DESK, TELEPHONE, Visit
from tests.e2e.test_bill import FAINT_TEXTS, OVERFLOW
from tests.web.city import EMPLOYER, OLD_MAN
from tests.web.people_city import DECLARED, ROSTER, certno, table
from yibao.core import dates
from yibao.population.identity import identity_number

pytestmark = pytest.mark.browser
SMALL_TARGETS = """
() => [...document.querySelectorAll('main button, main .button, .tabs a, main summary')]
  .filter(target => target.getBoundingClientRect().height && target.getBoundingClientRect().height < 38)
  .map(target => target.textContent.trim())
"""
UNNAMED_FIELDS = """
() => [...document.querySelectorAll('main input:not([type=hidden]), main select')]
  .filter(field => !field.labels.length).map(field => field.name)
"""
BATCH = f"/exchange/batches/civil_affairs-{dates.today():%Y%m%d}-1"
PAGES = [
    ("insured", "/me"),
    ("clerk", "/work"),
    ("clerk", "/reconciliation"),
    ("clerk", "/people?name=张德厚"),
    ("clerk", f"/people/{OLD_MAN}"),
    ("clerk", "/employer?words=示例"),
    ("employer", "/employer"),
    ("department", "/exchange"),
    ("clerk", f"{BATCH}?list=not_enrolled"),
]


def test_a_man_of_75_reads_the_three_answers_on_the_first_screen_of_his_telephone(
    visit: Visit, artifacts: Path
) -> None:
    page = visit("insured", "/me", TELEPHONE, "large")
    page.screenshot(path=artifacts / "me-phone-large.png")
    places = page.evaluate(
        "() => [...document.querySelectorAll('.answers .words')].map(w => w.getBoundingClientRect().bottom)"
    )
    assert len(places) == 3
    assert max(places) < TELEPHONE["height"]
    page.screenshot(path=artifacts / "me-phone-large-whole.png", full_page=True)


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize(("user", "path"), PAGES)
def test_on_a_telephone_nothing_stands_beyond_the_edge(visit: Visit, user: str, path: str, size: str) -> None:
    page = visit(user, path, TELEPHONE, size)
    assert page.locator("h1").count() == 1
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize(("size", "least"), [("normal", 4.5), ("large", 7.0)])
@pytest.mark.parametrize(("user", "path"), PAGES)
def test_texts_stand_out_and_targets_are_large_and_named(
    visit: Visit, user: str, path: str, size: str, least: float
) -> None:
    page = visit(user, path, DESK, size)
    page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(FAINT_TEXTS, least) == []
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(UNNAMED_FIELDS) == []


def test_a_clerk_registers_and_enrols_by_keyboard_alone(visit: Visit) -> None:
    page = visit("clerk", "/people")
    page.focus("summary")
    page.keyboard.press("Enter")
    for text in (identity_number("340621", dates.date(1991, 2, 3), 500), "郭键盘"):
        page.keyboard.press("Tab")
        page.keyboard.type(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**done=register")
    page.focus("#start > summary")
    page.keyboard.press("Enter")
    page.focus("#start-day")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=start")
    assert "参保登记已办理" in page.inner_text(".notice")


def test_a_refused_form_is_open_and_still_holds_what_was_typed(visit: Visit, artifacts: Path) -> None:
    page = visit("clerk", f"/people/{OLD_MAN}")
    page.click("#start > summary")
    page.fill("#start-employer", "E404")
    page.select_option("#start-category", "employee")
    page.click("#start button")
    expect(page.locator("#start .notice")).to_contain_text("P143")
    expect(page.locator("#start-employer")).to_have_value("E404")
    page.screenshot(path=artifacts / "person-refused.png", full_page=True)


def test_an_employer_declares_and_reads_every_answer(visit: Visit, artifacts: Path) -> None:
    page = visit("employer", "/employer")
    page.screenshot(path=artifacts / "employer.png", full_page=True)
    good = (identity_number("340602", dates.date(1989, 9, 9), 11), "褚十", 520_000, "新增")
    file = table("月度申报", DECLARED, [good, ("34060219890909000X", "卫十一", 520_000, "新增")])
    page.set_input_files("#file", {"name": "申报.xlsx", "mimeType": "application/octet-stream", "buffer": file})
    page.get_by_role("button", name="申报", exact=True).click()
    page.wait_for_url(re.compile("declarations"))
    assert page.locator("tbody tr").count() == 2
    assert "未受理" in page.inner_text("tbody tr:first-child")
    page.screenshot(path=artifacts / "declaration.png", full_page=True)
    page.goto("/employer")
    box = page.locator(".bar rect").first.bounding_box()
    assert box is not None
    assert box["width"] > 100


def test_a_department_sends_a_roster_and_sees_the_comparison(visit: Visit, artifacts: Path) -> None:
    page = visit("department", "/exchange")
    page.screenshot(path=artifacts / "exchange.png", full_page=True)
    file = table("名册", ROSTER, [(certno(4), "吴建国", "支出型困难", dates.today())])
    page.set_input_files("#file", {"name": "名册.xlsx", "mimeType": "application/octet-stream", "buffer": file})
    page.select_option("#mode", "incremental")
    page.click("text=报送并比对")
    page.wait_for_url("**/exchange/batches/**")
    page.screenshot(path=artifacts / "exchange-batch.png", full_page=True)
    page.click("text=漏保")
    assert "吴建国" in page.inner_text("#list ~ table")


def test_lists_of_the_exchange_are_downloaded(visit: Visit) -> None:
    page = visit("department", "/exchange")
    with page.expect_download() as download:
        page.click("text=名册比对回执 >> nth=0")
    assert download.value.suggested_filename.startswith("名册比对回执")


def test_a_clerk_finds_an_employer_and_comes_to_a_person_of_its_staff(visit: Visit) -> None:
    page = visit("clerk", f"/employer?emp_no={EMPLOYER}")
    page.click("main >> text=王小云")
    assert "个人账户" in page.inner_text("main")
