"""Who carries what of the residents' premiums, without anybody applying."""

import io
from typing import Any

import openpyxl
import pytest

from tests.population.rosters.village import CITY, TODAY, tag
from yibao.benefits.book import PackBook
from yibao.core.errors import Refused
from yibao.population.rosters.subsidies import best_tag, book, subsidised, summary, write_statement

SUBSIDY = "update population.contribution set personal = 38000 - $2, subsidy = $2 where psn_no = $1"
POSTINGS = """
select p.account, p.amount from ledger.entry e join ledger.posting p using (entry_id)
where e.reference = $1 order by p.line_no
"""


@pytest.fixture
async def carried(village: Any) -> Any:
    """1 特困 and 低保, carried in full; 2 低保 at 80 %, paid; 6 返贫致贫 at 70 %, not paid for 2024."""
    await tag(village, 1, "特困", "2023-01-01")
    await tag(village, 1, "低保", "2023-01-01")
    await tag(village, 2, "低保", "2023-01-01")
    await tag(village, 6, "返贫致贫", "2023-01-01")
    await village.execute(
        "insert into population.contribution (psn_no, insutype, category, period_from, period_to, personal, fiscal)"
        " values ('6', '390', 'resident', '2024-01-01', '2024-12-31', 38000, 64000)"
    )
    for number, amount in (("1", 38000), ("2", 30400), ("6", 26600)):
        await village.execute(SUBSIDY, number, amount)
    return village


@pytest.mark.parametrize(
    ("tags", "best"),
    [
        (["低保", "特困"], "特困"),
        (["返贫致贫", "低保"], "低保"),
        (["稳定脱贫", "边缘易致贫"], "边缘易致贫"),
        (["稳定脱贫"], "稳定脱贫"),
        ([], ""),
    ],
)
def test_of_several_tags_the_one_with_the_highest_subsidy_counts(packs: PackBook, tags: list[str], best: str) -> None:
    assert best_tag(packs.pack_of(CITY), tags, 2024) == best


async def test_every_subsidised_person_is_listed_with_who_pays_what(carried: Any, packs: PackBook) -> None:
    found = await subsidised(carried, packs, CITY, 2024, TODAY)
    assert [(one.psn_no, one.tag, one.subsidy, one.personal, one.status) for one in found] == [
        ("1", "特困", 38000, 0, "paid"),
        ("2", "低保", 30400, 7600, "paid"),
        ("6", "返贫致贫", 26600, 11400, "due"),
    ]


async def test_a_department_sees_the_persons_of_its_own_tags(carried: Any, packs: PackBook) -> None:
    found = await subsidised(carried, packs, CITY, 2024, TODAY, "rural_revitalisation")
    assert [one.psn_no for one in found] == ["6"]


async def test_a_county_sees_its_own_and_another_city_nobody(carried: Any, packs: PackBook) -> None:
    assert len(await subsidised(carried, packs, "340621", 2024, TODAY)) == 3
    assert await subsidised(carried, packs, "340602", 2024, TODAY) == []
    assert await subsidised(carried, packs, "520600", 2024, TODAY) == []


async def test_the_statements_hold_sums_for_finance_and_persons_for_a_department(carried: Any, packs: PackBook) -> None:
    found = await subsidised(carried, packs, CITY, 2024, TODAY)
    assert sum(one.subsidy for one in summary(found)) == 38000 + 30400 + 26600
    for totals, first in ((True, ("民政局", "低保", 1, 304, 76, 1)), (False, ("1",))):
        file = io.BytesIO()
        write_statement(file, CITY, 2024, TODAY, found, totals=totals)
        rows = list(openpyxl.load_workbook(file).active.iter_rows(min_row=3, values_only=True))
        assert len(rows) == 3
        assert rows[0][: len(first)] == first


async def test_what_was_confirmed_is_booked_once_and_later_only_the_difference(carried: Any) -> None:
    assert await book(carried, CITY, 2024, TODAY, "clerk") is not None
    assert [tuple(row) for row in await carried.fetch(POSTINGS, "340600-2024-1")] == [
        ("medical_aid.premium_subsidies", 68400),
        ("resident.contributions", -68400),
        ("fiscal.receivable", 5 * 64000),
        ("resident.fiscal_subsidies", -5 * 64000),
    ]
    assert await book(carried, CITY, 2024, TODAY, "clerk") is None
    await carried.execute(
        "update population.contribution set status = 'paid', paid_on = '2024-03-20'"
        " where psn_no = '6' and period_from = '2024-01-01'"
    )
    assert await book(carried, "340621", 2024, TODAY, "clerk") is not None
    assert (await carried.fetchrow(POSTINGS, "340600-2024-2"))["amount"] == 26600


async def test_a_refund_takes_the_subsidy_back(carried: Any) -> None:
    await book(carried, CITY, 2024, TODAY, "clerk")
    await carried.execute("update population.contribution set status = 'refunded' where psn_no = '2'")
    await book(carried, CITY, 2024, TODAY, "clerk")
    assert (await carried.fetchrow(POSTINGS, "340600-2024-2"))["amount"] == -30400


async def test_a_year_far_ahead_is_refused(carried: Any) -> None:
    with pytest.raises(Refused, match="P831"):
        await book(carried, CITY, 2026, TODAY, "clerk")
