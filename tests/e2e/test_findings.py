"""The pages of casework in a real browser: an office answers two hundred findings in one sitting."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.serving import DESK, TELEPHONE, Visit, filled
from tests.e2e.test_bill import FAINT_TEXTS, OVERFLOW
from tests.e2e.test_people import SMALL_TARGETS, UNNAMED_FIELDS
from tests.web.city import HOSPITAL, City, build
from tests.web.findings_city import LINES, REVIEWER, finding, last_month, named, statement_no
from yibao.core.database import Database
from yibao.supervision.casework import review
from yibao.supervision.casework.bills import DatabaseBills
from yibao.supervision.casework.taking import take

pytestmark = pytest.mark.browser
OFFICE = "/institution/findings"
MANY = 200
PAGES = [
    ("institution", OFFICE),
    ("institution", f"{OFFICE}/appealed1"),
    ("institution", "/institution/deductions"),
    ("reviewer", "/findings"),
    ("reviewer", "/findings/rules"),
    ("second_reviewer", "/findings"),
    ("second_reviewer", "/findings/appealed1"),
    ("expert", "/findings/opinions"),
    ("expert", "/findings/opinions/opinion1"),
    ("clerk", f"/deductions?month={last_month():%Y-%m}"),
    ("clerk", f"/deductions/{statement_no(HOSPITAL)}"),
]


async def _filled(database: Database) -> City:
    """The tests' city, whose hospital has two hundred findings of two rules to answer."""
    city = await build(database)
    async with database.transaction() as connection:
        lines = tuple(str(row["bkkp_sn"]) for row in await connection.fetch(LINES, city.bills["stay"]))
        rules = [("N24", "violation"), ("N01", "suspect")]
        some = [
            finding(
                f"many{number:03d}", city.bills["stay"], HOSPITAL, lines[:3], 100 + number,
                rule_id=rules[number % 2][0], severity=rules[number % 2][1],
            )
            for number in range(MANY)
        ]  # fmt: skip
        await take(connection, some, "many", DatabaseBills(), named=named)
        await review.issue(connection, REVIEWER, [one.finding_id for one in some])
    return city


@pytest.fixture(scope="module")
def city(module_database_url: str) -> City:
    return filled(module_database_url, _filled)


@pytest.mark.parametrize("size", ["normal", "large"])
@pytest.mark.parametrize(("user", "path"), PAGES)
def test_on_a_telephone_nothing_stands_beyond_the_edge(visit: Visit, user: str, path: str, size: str) -> None:
    page = visit(user, path, TELEPHONE, size)
    assert page.locator("h1").count() == 1
    assert page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize(("user", "path"), PAGES)
def test_buttons_are_large_enough_fields_have_names_and_no_text_is_faint(
    visit: Visit, user: str, path: str, artifacts: Path
) -> None:
    page = visit(user, path, DESK)
    name = re.sub(r"\W+", "-", f"{user}{path.partition('?')[0]}")
    page.screenshot(path=artifacts / f"{name}.png")
    assert page.evaluate(SMALL_TARGETS) == []
    assert page.evaluate(UNNAMED_FIELDS) == []
    assert page.evaluate(FAINT_TEXTS) == []


def test_an_office_answers_two_hundred_findings_in_one_sitting(visit: Visit, tmp_path: Path) -> None:
    page = visit("institution", f"{OFFICE}?rule=N01", DESK)
    boxes = page.locator("input[name=chosen]")
    assert boxes.count() == MANY // 2
    page.locator("#f-many001 summary").click()
    expect(page.locator("#f-many001 table")).to_be_visible()
    page.get_by_role("link", name="全选本页").click()
    boxes.nth(0).press("Space")
    assert page.locator("input[name=chosen]:checked").count() == MANY // 2 - 1
    page.get_by_role("button", name="认可所选").click()
    expect(page.get_by_role("status")).to_have_text(f"已认可 {MANY // 2 - 1} 条。")
    assert boxes.count() == 1

    record = tmp_path / "病历.pdf"
    record.write_bytes(b"%PDF-1.7 record")
    page.goto(OFFICE)
    page.get_by_role("link", name="全选本页").click()
    rest = page.locator("input[name=chosen]:checked").count()
    assert rest > MANY // 2
    page.fill("#reason", "两次为复查，附病历")
    page.set_input_files("#files", record)
    page.get_by_role("button", name="申诉所选").click()
    expect(page.get_by_role("status")).to_have_text(f"已提交申诉 {rest} 条。")
    expect(page.get_by_text("没有疑点。")).to_be_visible()
