"""Facts of a small lake on DuckDB."""

from typing import Any

import pytest

from yibao.supervision.monitoring.facts import fact_tables
from yibao.supervision.world import HOSPITAL, PHARMACY, SECOND_HOSPITAL, World

ibis = pytest.importorskip("ibis", reason="the extra `analysis` is not installed")
pa = pytest.importorskip("pyarrow")


def facts(world: World, level: Any = "institution") -> dict[tuple[str, str, str], dict[str, int]]:
    """By institution, unit and month; the bills get what their record leaves out."""
    from yibao.supervision.lake import lake_of

    tables = world.tables()
    bills = tables["setl_d"]
    for name, amount in (("hifp_pay", 40_000), ("psn_pay", 40_000), ("fulamt_ownpay_amt", 5_000)):
        bills = bills.append_column(name, pa.array([amount] * bills.num_rows, pa.int64()))
    tables["setl_d"] = bills
    lake = lake_of({name: ibis.memtable(table) for name, table in tables.items()})
    engine, found = ibis.duckdb.connect(), {}
    for table in fact_tables(lake, level, "month"):
        for row in engine.to_pyarrow(table).to_pylist():
            key = (row.pop("fixmedins_code"), row.pop("unit"), f"{row.pop('period'):%Y-%m}")
            found.setdefault(key, {}).update({name: int(value or 0) for name, value in row.items()})
    return found


def test_visits_purchases_stays_and_payments_are_counted_apart() -> None:
    world = World()
    world.visit("A", "2021-03-01 09:00")
    world.visit("A", "2021-03-02 09:00", med_type="13")
    world.visit("B", "2021-03-02 10:00", fixmedins_code=PHARMACY, med_type="41")
    world.stay("B", "2021-03-05", "2021-03-09", med_type="2101")
    found = facts(world)
    hospital, pharmacy = found[HOSPITAL, "", "2021-03"], found[PHARMACY, "", "2021-03"]
    assert (hospital["outpatient_visits"], hospital["emergency_visits"], hospital["persons"]) == (2, 1, 2)
    assert (hospital["admissions"], hospital["discharges"], hospital["bed_days"]) == (1, 1, 4)
    assert (hospital["outpatient_bills"], hospital["outpatient_pooled"], hospital["inpatient_fees"]) == (
        2,
        80_000,
        100_000,
    )
    assert (pharmacy["pharmacy_purchases"], pharmacy["outpatient_visits"], pharmacy["pooled_bills"]) == (1, 0, 1)


@pytest.mark.parametrize(("begin", "known", "readmitted"), [
    ("2021-04-10", {}, 1),
    ("2021-04-11", {}, 0),
    ("2021-03-20", {"fixmedins_code": SECOND_HOSPITAL}, 0),
    ("2021-03-20", {"dscg_maindiag_code": "Z51.100"}, 0),
    ("2021-03-20", {"med_type": "2105"}, 0),
])  # fmt: skip
def test_a_readmission_is_unplanned_at_the_same_institution_within_31_days(
    begin: str, known: dict[str, str], readmitted: int
) -> None:
    world = World()
    world.stay("A", "2021-03-05", "2021-03-10")
    world.stay("A", begin, begin[:-2] + "28", **known)
    assert sum(one.get("readmissions", 0) for one in facts(world).values()) == readmitted


def test_shares_are_sums_of_lines_by_kind_of_charge_and_belong_to_who_ordered_them() -> None:
    world = World()
    visit = world.visit("A", "2021-03-01 09:00")
    world.line(visit, "X", "2021-03-01 09:10", yuan=30, med_chrgitm_type="09")
    world.line(visit, "Y", "2021-03-01 09:10", yuan=20, med_chrgitm_type="04", bilg_dr_code="D2")
    assert facts(world)[HOSPITAL, "", "2021-03"]["line_fees"] == 5_000
    doctors = facts(world, "doctor")
    assert doctors[HOSPITAL, "D2", "2021-03"]["test_fees"] == 2_000
    assert doctors[HOSPITAL, "D1", "2021-03"]["drug_fees"] == 3_000
