"""Institutions alike, one of which stands out: published indicators, scores and people in bed for tests."""

from datetime import date, datetime
from typing import Any

import msgspec

from tests.web.city import KEY, City
from yibao.core.database import Connection
from yibao.supervision.monitoring import bed_checks
from yibao.supervision.monitoring.definitions import definitions_of
from yibao.supervision.monitoring.indicators import Place, values_of
from yibao.supervision.monitoring.judging import Judged, judge
from yibao.supervision.monitoring.publishing import publish_indicators, publish_scores, score_rows
from yibao.supervision.monitoring.scores import Labels, score_institutions

MONTHS = [date(2026, month, 1) for month in (1, 2, 3)]
ODD = "H34060000905"
CODES = [f"H34060000{number}" for number in range(901, 913)]
PLACES = {code: Place(code, "1", "2", 200) for code in CODES}


def facts(odd: dict[str, int] | None = None) -> dict[tuple[str, str, date], dict[str, int]]:
    """Three months of twelve hospitals that differ a little; `odd` replaces facts of `ODD`."""
    found = {}
    for at, code in enumerate(CODES):
        for month in MONTHS:
            more = at * 7 + month.month
            usual = {
                "outpatient_visits": 4000 + 90 * at, "persons": 2500 + 50 * at, "admissions": 400 + 5 * at,
                "readmissions": 8 + at % 3, "discharges": 395 + 5 * at, "bed_days": 3300 + 40 * at,
                "outpatient_bills": 4000, "outpatient_fees": 60_000_000 + more * 90_000, "inpatient_bills": 395,
                "inpatient_fees": 250_000_000 + more * 700_000, "bills": 4395, "bill_persons": 2600,
                "fees": 310_000_000 + more * 800_000, "fund_pay": 190_000_000 + more * 300_000,
                "psn_pay": 110_000_000 + more * 200_000, "fulamt_ownpay": 12_000_000 + more * 30_000,
                "outpatient_pooled": 21_000_000 + more * 50_000, "pooled_bills": 3100, "line_fees": 310_000_000,
                "drug_fees": 105_000_000 + more * 150_000, "test_fees": 80_000_000 + more * 100_000,
                "consumable_fees": 31_000_000 + more * 50_000, "treatment_fees": 28_000_000 + more * 60_000,
            }  # fmt: skip
            found[code, "", month] = usual | (odd or {} if code == ODD else {})
    return found


def judged(odd: dict[str, int] | None = None) -> list[Judged]:
    rules = definitions_of("340600")
    return judge(rules, values_of(rules, "institution", PLACES, facts(odd)))


def rows(odd: dict[str, int] | None = None) -> list[dict[str, Any]]:
    """As `indicators_of` writes them."""
    return [
        {
            "fixmedins_code": one.value.fixmedins_code, "unit": "", "period": one.value.period,
            "indicator": one.value.indicator, "peer_group": one.value.peer_group, "numerator": one.value.numerator,
            "denominator": one.value.denominator, "value": one.value.value, "verdict": one.verdict,
            "peers": one.peers, "median": one.median, "lower": one.lower, "upper": one.upper, "z": one.z,
        }
        for one in judged(odd)
    ]  # fmt: skip


async def add_monitored(connection: Connection) -> None:
    """Publish the twelve, one of them with twice the drugs; the last one has no coordinates."""
    for at, code in enumerate(CODES):
        place = (None, None) if at == len(CODES) - 1 else (116.7 + at / 50, 33.7 + at / 40)
        await connection.execute(
            "insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, grade,"
            " admdvs, contract_from, beds, lng, lat) values ($1, $2, '1', '5', 2, 'city', '340602', '2020-01-01', 200,"
            " $3, $4)", code, f"仿真{code[-3:]}医院", *place,
        )  # fmt: skip
    unusual = rows({"drug_fees": 250_000_000})
    await publish_indicators(connection, "institution", unusual)
    scores = score_institutions(unusual, definitions_of("340600"), Labels({}))
    await publish_scores(connection, [{**row, "contributions": _plain(row)} for row in score_rows(scores)])


def _plain(row: dict[str, Any]) -> Any:
    return msgspec.json.decode(row["contributions"])


async def lay_in_bed(connection: Connection, code: str, people: list[str]) -> list[str]:
    """One stay for each person, numbers of the visits."""
    return [
        await connection.fetchval(
            "insert into settlement.visit (psn_no, insutype, psn_type, insu_admdvs, mdtrtarea_admvs, fixmedins_code,"
            " hosp_lv, med_type, begntime, status) values ($1, '390', '15', '340602', '340602', $2, 2, '2101', $3,"
            " 'admitted') returning mdtrt_id", person, code, datetime(2026, 3, 1, 9),
        )
        for person in people
    ]  # fmt: skip


async def a_bed_check(city: City, code: str, person: str) -> int:
    """A check of a person in bed, answered with a photograph; its number."""
    async with city.services.database.transaction() as connection:
        await lay_in_bed(connection, code, [person])
        rules = definitions_of("340600").bed_check
        (number,) = await bed_checks.draw(connection, rules, code, 1, "inspector")
        spot = bed_checks.Spot(None, None, None, "denied")
        await bed_checks.answer(connection, KEY, number, code, [b"\xff\xd8\xff ward"], spot, "", "institution")
    return number
