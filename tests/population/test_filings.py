"""Filings: numbered, one at a time per disease, withdrawn only while unused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from yibao.core.errors import Refused
from yibao.population.entitlement.filings import FilingRequest, file, withdraw
from yibao.population.queries import active_filings

CHRONIC = FilingRequest("1", "chronic", date(2024, 3, 1), date(2024, 12, 31), "390", "M01", "H34060000001")


async def refused(connection: Any, **fields: Any) -> list[str]:
    with pytest.raises(Refused) as caught:
        await file(connection, replace(CHRONIC, **fields))
    return [refusal.code for refusal in caught.value.refusals]


async def test_a_filing_gets_a_number_and_is_found_by_it(people: Any) -> None:
    number = await file(people, CHRONIC)
    assert [filing.trt_dcla_detl_sn for filing in await active_filings(people, "1", "chronic")] == [number]


@pytest.mark.parametrize(
    ("fields", "codes"),
    [
        ({"enddate": date(2024, 2, 28)}, ["P501"]),
        ({"dise_code": "M99"}, ["P503"]),
        ({"fixmedins_code": "H34060000099"}, ["P504"]),
        ({"insutype": "310"}, ["P505"]),
        ({"psn_no": "9"}, ["P106"]),
        (
            {"dise_code": "M99", "fixmedins_code": "H34060000099", "begndate": date(2023, 1, 1)},
            ["P505", "P503", "P504"],
        ),
    ],
)
async def test_every_fault_of_a_filing_is_told(people: Any, fields: dict[str, Any], codes: list[str]) -> None:
    assert await refused(people, **fields) == codes


async def test_the_same_disease_cannot_be_filed_twice_for_overlapping_days(people: Any) -> None:
    await file(people, CHRONIC)
    assert await refused(people, begndate=date(2024, 12, 31), enddate=None) == ["P502"]
    await file(people, replace(CHRONIC, dise_code="M02"))
    await file(people, replace(CHRONIC, begndate=date(2025, 1, 1), enddate=None))


async def test_fixed_institutions_are_one_per_business_and_order_number(people: Any) -> None:
    fixed = replace(CHRONIC, kind="fixed_institution", dise_code="", details={"biz_appy_type": "03", "fix_srt_no": "1"})
    await file(people, fixed)
    await file(people, replace(fixed, details={"biz_appy_type": "03", "fix_srt_no": "2"}))
    with pytest.raises(Refused, match="P502"):
        await file(people, fixed)


async def test_a_hospital_elsewhere_may_stand_in_a_transfer(people: Any) -> None:
    await file(people, replace(CHRONIC, kind="transfer", dise_code="", fixmedins_code="H31010000001", local=False))


async def test_a_withdrawn_filing_is_gone_and_may_be_filed_anew(people: Any) -> None:
    number = await file(people, CHRONIC)
    await withdraw(people, number, "1", "chronic", "误报")
    assert await active_filings(people, "1") == []
    await file(people, CHRONIC)
    with pytest.raises(Refused, match="P512"):
        await withdraw(people, number, "1", "chronic", "误报")


@pytest.mark.parametrize(
    ("psn_no", "kind", "used_by", "code"),
    [("2", "chronic", (), "P511"), ("1", "transfer", (), "P514"), ("1", "chronic", ("300000001",), "P513")],
)
async def test_a_filing_of_another_person_or_kind_or_in_use_stays(
    people: Any, psn_no: str, kind: str, used_by: tuple[str, ...], code: str
) -> None:
    number = await file(people, CHRONIC)
    with pytest.raises(Refused, match=code):
        await withdraw(people, number, psn_no, kind, "误报", used_by)
    assert len(await active_filings(people, "1")) == 1
