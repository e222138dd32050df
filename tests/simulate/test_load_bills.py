"""The last bills of a made-up city in the database: verified like bills that were settled there."""

import datetime

import numpy as np
import pyarrow.dataset as ds
import pytest

from yibao.benefits.book import PackBook
from yibao.core.config import ConfigurationError
from yibao.core.database import connect
from yibao.ledger import install_chart
from yibao.settlement.verify import violations
from yibao.simulate import build_city
from yibao.simulate.load import load_city
from yibao.simulate.load_bills import LakeBills, load_bills, places_of, running_balance
from yibao.simulate.year import build_year

FIRST, LAST = datetime.date(2021, 11, 1), datetime.date(2021, 12, 31)


@pytest.fixture(scope="module")
def lake(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lake")
    city = build_city("huaibei", 800, seed=11)
    build_year(city, 2021, folder, processes=1)
    return folder, city


@pytest.fixture(scope="module")
async def loaded(lake, module_database_url):
    folder, city = lake
    bills = LakeBills(folder, city, FIRST, LAST)
    spent = bills.spent()
    connection = await connect(module_database_url)
    async with connection.transaction():
        await install_chart(connection)
        await load_city(connection, city, PackBook.load(), LAST, spent=spent)
        pack = PackBook.load().pack_of(city.code)
        count = await load_bills(connection, city, bills, city.people.balance + spent, pack=pack)
    yield connection, folder, city, count
    await connection.close()


async def test_everything_that_must_always_hold_holds_with_bills(loaded):
    connection, *_ = loaded
    assert {sentence: cases async for sentence, cases in violations(connection) if cases} == {}


async def test_every_bill_of_the_citys_people_at_its_institutions_is_there(loaded):
    connection, folder, city, count = loaded
    table = ds.dataset(folder / "setl_d", partitioning=None).to_table()
    rows = table.select(["psn_no", "fixmedins_code", "setl_time", "medfee_sumamt"]).to_pylist()
    codes = set(city.places.code)
    own = [
        row["medfee_sumamt"]
        for row in rows
        if row["psn_no"].startswith("3406001") and row["fixmedins_code"] in codes and row["setl_time"].date() >= FIRST
    ]
    assert count == len(own) > 500
    assert await connection.fetchval("select sum(medfee_sumamt) from settlement.settlement") == sum(own)


async def test_accounts_end_with_what_they_hold(loaded):
    connection, _, city, _ = loaded
    rows = await connection.fetch("select psn_no, balance from population.account order by psn_no")
    places = [int(row["psn_no"][6:]) - 10_000_000_000_000 for row in rows]
    assert [row["balance"] for row in rows] == city.people.balance[places].tolist()
    assert await connection.fetchval("select count(*) from population.account_movement where kind = 'settlement'") > 20


async def test_every_bill_stands_in_the_journal_on_its_day(loaded):
    connection, _, _, count = loaded
    same = await connection.fetchval(
        "select count(*) from ledger.entry e join settlement.settlement s on s.setl_id = e.reference"
        " where e.kind = 'settlement' and e.booked_on = s.setl_time::date"
    )
    assert same == count


async def test_the_counter_goes_on_from_the_totals_of_the_whole_year(loaded):
    connection, folder, city, _ = loaded
    everything = LakeBills(folder, city, datetime.date(2021, 1, 1), LAST)
    whole = everything.totals(everything.parts()[0], PackBook.load().pack_of(city.code))
    rows = await connection.fetch("select psn_no, year, totals, taken_over from settlement.accumulator")
    kept = {(row["psn_no"], key): amount for row in rows for key, amount in row["totals"].items()}
    expected = {
        (psn_no, key): amount for psn_no, amounts in whole.totals.items() for key, amount in amounts.items() if amount
    }
    assert kept == expected
    assert sum(1 for row in rows if row["taken_over"]) > 300


async def test_what_is_taken_over_is_what_no_loaded_bill_added(loaded):
    connection, *_ = loaded
    one = await connection.fetchrow(
        "select taken_over, totals, (select jsonb_agg(accumulators) from settlement.settlement s"
        " where s.psn_no = t.psn_no) as bills from settlement.accumulator t"
        " where exists (select from settlement.settlement s where s.psn_no = t.psn_no)"
        " and taken_over <> '{}' order by psn_no limit 1"
    )
    for key, total in one["totals"].items():
        assert total == one["taken_over"].get(key, 0) + sum(bill.get(key, 0) for bill in one["bills"])


def test_a_lake_that_was_settled_by_other_rules_is_not_counted(lake):
    folder, city = lake
    pack = PackBook.load().pack_of("360400")
    bills = LakeBills(folder, city, FIRST, LAST)
    with pytest.raises(ConfigurationError, match="other rules"):
        bills.totals(bills.parts()[0], pack)


async def test_prices_times_counts_are_the_lines_amounts(loaded):
    connection, *_ = loaded
    off = await connection.fetchval(
        "select count(*) from settlement.fee_line"
        " where abs(cnt::numeric * pric / 100000000 - det_item_fee_sumamt) > 0.5"
    )
    assert off == 0


def test_places_are_read_back_from_person_numbers():
    import pyarrow as pa

    from yibao.simulate.model import psn_no

    assert places_of(pa.array([psn_no(7), psn_no(12)])).tolist() == [7, 12]


def test_balances_go_down_with_every_payment_and_are_kept_for_the_next_piece():
    left = np.array([1_000, 500])
    after = running_balance(np.array([0, 0, 1]), np.array([100, 50, 500]), left)
    assert after.tolist() == [900, 850, 0]
    assert left.tolist() == [850, 0]


def test_bills_of_sealed_days_are_booked_on_the_first_open_day():
    import pyarrow as pa

    from yibao.simulate.bill_columns import entry_rows

    at = [datetime.datetime(2021, 11, 3, 9), datetime.datetime(2021, 11, 9, 9)]
    settled = pa.table({name: ["x", "x"] for name in ("med_type", "fixmedins_code", "setl_id")} | {"setl_time": at})
    rows = entry_rows(settled, np.array([1, 2]), datetime.date(2021, 11, 5))
    assert rows["booked_on"].to_pylist() == [datetime.date(2021, 11, 5), datetime.date(2021, 11, 9)]
