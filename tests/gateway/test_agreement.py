"""What a hospital is told about a person (1101, 2001) is what it gets when it settles, on the same day."""

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.gateway.conftest import City
from tests.gateway.messages import sale
from tests.settlement.town import DRUG_A
from yibao.core.months import first_day, last_day
from yibao.population.entitlement.coverage import refresh
from yibao.population.identity import identity_number

PEOPLE = 500
DAY = date(2024, 6, 3)
THIS_MONTH = 2024 * 12 + 5
PERSON = (
    "insert into population.person (psn_no, certno, psn_name, gend, brdy, die_date) values ($1, $2, '某', $3, $4, $5)"
)
ENROLMENT = """
insert into population.enrolment (psn_no, insutype, category, psn_type, insu_admdvs, psn_insu_stas, begndate, enddate,
  paus_date) values ($1, $2, $3, $4, '340600', $5, $6, $7, $8)
"""
PAID = """
insert into population.contribution (psn_no, insutype, category, kind, period_from, period_to, personal, status,
  paid_on)
values ($1, $2, $3, $4, $5, $6, 38000, $7, $8)
"""
STANDINGS = {"": "1", "P203": "2", "P204": "4", "P205": "1", "P207": "3", "P209": "2"}
"""What 1101 shows of an enrolment that the settlement refuses."""


def near(random: Random, before: int, after: int) -> date:
    return DAY + timedelta(days=random.randint(-before, after))


def enrolment(random: Random, psn_no: str) -> tuple[Any, ...]:
    category = random.choice(["resident", "resident", "employee", "flexible", "retired"])
    insutype, psn_type = {"resident": ("390", "15"), "retired": ("310", "12")}.get(category, ("310", "11"))
    status = random.choice("111111124")
    begin = random.choice([date(2015, 1, 1), DAY, near(random, 200, 2)])
    end = max(begin, near(random, 5, 5)) if status == "4" else None
    pause = max(begin, near(random, 5, 5)) if status == "2" else None
    return psn_no, insutype, category, psn_type, status, begin, end, pause


def contributions(random: Random, psn_no: str, category: str) -> list[tuple[Any, ...]]:
    """Years or months around the day, some unpaid, some late, some missed."""
    rows: list[tuple[Any, ...]] = []
    if category == "resident":
        for year in (2021, 2022, 2023, 2024, 2025):
            kind = random.choice(["normal", "normal", "normal", "late", "midyear", "back_payment"])
            paid_on = (
                date(year - 1, 11, 5) if kind == "normal" else date(year, 1, 1) + timedelta(random.randint(60, 180))
            )
            state = random.choice(["paid", "paid", "paid", "due", "cancelled", "refunded", ""])
            if state:
                rows.append((psn_no, "390", category, kind, date(year, 1, 1), date(year, 12, 31), state, paid_on))
    elif category != "retired":
        for month in range(THIS_MONTH - random.randint(0, 14), THIS_MONTH + 1):
            paid_on = first_day(month + random.choice([0, 0, 0, 0, 1, 3])) + timedelta(days=random.randint(0, 20))
            state = random.choice(["paid", "paid", "paid", "paid", "due", ""])
            if state:
                rows.append((psn_no, "310", category, "normal", first_day(month), last_day(month), state, paid_on))
    return [(*row[:7], row[7] if row[6] == "paid" else None) for row in rows]


async def settle_in(city: City, random: Random) -> dict[str, tuple[str, str]]:
    """Draw the people; returns certificate and insurance by person number."""
    known = {}
    async with city.town.database.transaction() as connection:
        for n in range(PEOPLE):
            psn_no, birth = f"x{n}", random.choice([date(1960, 1, 1), date(1980, 2, 29), DAY - timedelta(days=n % 120)])
            certno = identity_number("340602", birth, n + 20)
            died = random.choice([None] * 12 + [DAY, DAY - timedelta(days=1)])
            await connection.execute(
                PERSON, psn_no, certno, "12"[n % 2], birth, died if died and died >= birth else None
            )
            row = enrolment(random, psn_no)
            await connection.execute(ENROLMENT, *row)
            for paid in contributions(random, psn_no, row[2]):
                await connection.execute(PAID, *paid)
            known[psn_no] = certno, row[1]
        await refresh(connection, list(known))
    return known


def code_in(text: str) -> str:
    return text[1:5] if text.startswith("[") else ""


async def test_what_is_told_is_what_is_settled_for_five_hundred_people(city: City) -> None:
    random = Random(20240603)
    met: dict[str, int] = {}
    for psn_no, (certno, insutype) in (await settle_in(city, random)).items():
        day = {"data": {"psn_no": psn_no, "insutype": insutype, "med_type": "41", "begntime": "2024-06-03 10:00:00",
                        "fixmedins_code": city.pharmacy.code, "endtime": "", "dise_codg": "", "dise_name": "",
                        "oprn_oprt_code": "", "oprn_oprt_name": "", "matn_type": "", "birctrl_type": ""}}  # fmt: skip
        lines = (await city.pharmacy.ok("2001", day))["trtinfo"]
        told = {code_in(line["trt_chk_rslt"]) for line in lines}
        reply = await city.pharmacy.call("2102", sale(psn_no, DRUG_A, "20", insutype, acct_used_flag="0"))
        refused = "" if reply["infcode"] == 0 else reply["output"]["faults"][0]["code"]
        assert told == {refused}, (psn_no, told, reply)
        sent = {"mdtrt_cert_type": "02", "mdtrt_cert_no": certno, "psn_cert_type": "01", "certno": "", "psn_name": ""}
        (shown,) = (await city.pharmacy.ok("1101", {"data": sent}))["insuinfo"]
        if refused in STANDINGS:
            assert shown["psn_insu_stas"] == STANDINGS[refused], (psn_no, refused, shown)
        met[refused] = met.get(refused, 0) + 1
    assert met.keys() == {"", "P202", "P203", "P204", "P205", "P206", "P209"}
    assert met[""] > PEOPLE // 4
