"""Entitlement is decided by the day of care, and every reason is told at once."""

from datetime import date

import pytest
import yaml

from yibao.core.config import AREAS
from yibao.directory.model import Institution
from yibao.population.entitlement.decision import Entitled, entitlement
from yibao.population.entitlement.fund_checks import fund_checks, fund_lines
from yibao.population.model import Account, CareFacts, Coverage, Due, Enrolment, Filing, Person, Tag
from yibao.population.rules import load_rules, rules_of

DAY = date(2024, 6, 1)
AID = "610100"
HUAIBEI = rules_of("340600")
HOSPITAL = Institution("H34060000001", "测试医院", "1", "2", 3, "city", "340600", date(2020, 1, 1))
PHARMACY = Institution("P34060000001", "测试药店", "2", "11", 9, "city", "340600", date(2020, 1, 1))
PERSON = Person("1", "11010519491231002X", "测试甲", "2", date(1949, 12, 31))
RESIDENT = Enrolment("1", "390", "15", "340600", date(2024, 1, 1), enddate=date(2024, 12, 31))
EMPLOYEE = Enrolment("1", "310", "11", "340600", date(2010, 1, 1))


def changed(record, **fields):  # type: ignore[no-untyped-def]
    import msgspec

    return msgspec.structs.replace(record, **fields)


def codes(
    facts: CareFacts, institution: Institution | None = HOSPITAL, on: date = DAY, med_type: str = "11", **more: str
) -> list[str]:
    verdict = entitlement(facts, institution, on, more.pop("insutype", "390"), med_type, **more)
    return [] if isinstance(verdict, Entitled) else [reason.code for reason in verdict]


def known(*enrolments: Enrolment, **more: object) -> CareFacts:
    """A person whose enrolments cover all their days."""
    rows = [Coverage(e.psn_insu_rlts_id, e.insutype, "covered", e.begndate, e.enddate) for e in enrolments]
    return changed(CareFacts(PERSON, enrolments, tuple(rows)), **more)


def with_coverage(*rows: tuple[str, date, date], **more: object) -> CareFacts:
    return changed(CareFacts(PERSON, (RESIDENT,), tuple(Coverage(0, "390", *row) for row in rows)), **more)


def with_enrolment(**fields: object) -> CareFacts:
    return known(changed(RESIDENT, **fields))


def test_an_enrolled_person_is_entitled_on_first_and_last_day() -> None:
    facts = known(RESIDENT)
    assert codes(facts, on=date(2024, 1, 1)) == codes(facts, on=date(2024, 12, 31)) == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"begndate": date(2024, 6, 2)}, "P202"),
        ({"enddate": date(2024, 5, 31)}, "P204"),
        ({"psn_insu_stas": "2"}, "P203"),
        ({"psn_insu_stas": "2", "paus_date": date(2024, 6, 1)}, "P203"),
        ({"psn_insu_stas": "3"}, "P207"),
        ({"insutype": "310"}, "P202"),
    ],
)
def test_each_state_of_enrolment_has_its_own_reason(fields: dict[str, object], code: str) -> None:
    assert codes(with_enrolment(**fields)) == [code]


def test_a_suspension_of_tomorrow_does_not_touch_the_care_of_today() -> None:
    assert codes(with_enrolment(psn_insu_stas="2", paus_date=date(2024, 6, 2))) == []


def test_waiting_period_says_from_which_day_benefits_begin() -> None:
    facts = with_coverage(
        ("waiting", date(2024, 3, 1), date(2024, 6, 30)), ("covered", date(2024, 7, 1), date(2024, 12, 31))
    )
    verdict = entitlement(facts, HOSPITAL, DAY, "390", "11")
    assert not isinstance(verdict, Entitled)
    assert (verdict[0].code, "2024-07-01" in verdict[0].text) == ("P205", True)


def test_who_has_not_paid_is_told_until_when_he_was_covered_and_what_to_pay() -> None:
    due = (Due("390", date(2024, 4, 1), 12000), Due("390", date(2024, 5, 1), 12000), Due("310", DAY, 1))
    facts = with_coverage(("covered", date(2024, 1, 1), date(2024, 3, 31)), due=due)
    verdict = entitlement(facts, HOSPITAL, DAY, "390", "11")
    assert not isinstance(verdict, Entitled)
    assert verdict[0].code == "P209"
    assert "2024-03-31" in verdict[0].text
    assert "2024-04起共2期保费240.00元" in verdict[0].advice


def test_who_paid_too_late_for_the_day_is_not_told_to_pay_but_from_when_he_is_covered() -> None:
    facts = with_coverage(("covered", date(2023, 1, 1), date(2023, 12, 31)), ("covered", date(2024, 7, 1), None))
    verdict = entitlement(facts, HOSPITAL, DAY, "390", "11")
    assert not isinstance(verdict, Entitled)
    assert (verdict[0].code, "2024-07-01" in verdict[0].text, "请缴纳" in verdict[0].advice) == ("P209", True, False)


def test_care_on_the_day_of_death_is_paid_and_the_day_after_is_not() -> None:
    facts = changed(known(RESIDENT), person=changed(PERSON, die_date=DAY))
    assert codes(facts) == []
    assert codes(facts, on=date(2024, 6, 2)) == ["P206"]


def test_without_an_insurance_named_employee_insurance_comes_first() -> None:
    verdict = entitlement(known(RESIDENT, EMPLOYEE), HOSPITAL, DAY, "", "11")
    assert isinstance(verdict, Entitled)
    assert verdict.enrolment.insutype == "310"


@pytest.mark.parametrize(
    ("institution", "med_type", "expected"),
    [
        (None, "11", ["P211"]),
        (changed(HOSPITAL, contract_from=date(2024, 7, 1)), "11", ["P212"]),
        (changed(HOSPITAL, status="suspended"), "11", ["P213"]),
        (changed(HOSPITAL, suspended_from=date(2024, 5, 1), suspended_to=date(2024, 5, 31)), "11", []),
        (changed(HOSPITAL, contract_to=date(2024, 5, 31)), "11", ["P214"]),
        (PHARMACY, "2101", ["P215"]),
        (PHARMACY, "41", []),
        (HOSPITAL, "41", ["P216"]),
    ],
)
def test_the_institution_must_be_contracted_for_this_care_on_this_day(
    institution: Institution | None, med_type: str, expected: list[str]
) -> None:
    assert codes(known(RESIDENT), institution, med_type=med_type) == expected


def test_every_reason_is_told_at_once() -> None:
    facts = CareFacts(changed(PERSON, die_date=date(2024, 1, 2)), ())
    assert codes(facts, changed(HOSPITAL, status="suspended"), med_type="14") == ["P213", "P206", "P202", "P221"]


def test_chronic_care_needs_a_filing_of_that_disease() -> None:
    filing = Filing("1", "1", "chronic", date(2024, 1, 1), dise_code="M03900")
    facts = known(RESIDENT, filings=(filing,))
    assert codes(facts, med_type="14", dise_code="M03900") == []
    assert codes(facts, med_type="14", dise_code="M01600") == ["P221"]


def test_fund_lines_of_a_refused_person_all_carry_the_reason() -> None:
    facts = with_enrolment(psn_insu_stas="2")
    lines = fund_lines(HUAIBEI, "390", DAY, "2101")
    checks = fund_checks(facts, entitlement(facts, HOSPITAL, DAY, "390", "2101"), lines, DAY)
    assert [check.trt_enjymnt_flag for check in checks] == ["0", "0", "0"]
    assert all("P203" in check.trt_chk_rslt for check in checks)


def test_medical_aid_line_is_open_only_with_an_identity_tag() -> None:
    plain = known(EMPLOYEE, account=Account("1", 100))
    poor = changed(plain, tags=(Tag("2303", "低保", date(2024, 1, 1)),))
    lines = fund_lines(HUAIBEI, "310", DAY, "11")
    for facts, flag in ((plain, "0"), (poor, "1")):
        checks = fund_checks(facts, entitlement(facts, HOSPITAL, DAY, "310", "11"), lines, DAY)
        assert {check.fund_pay_type: check.trt_enjymnt_flag for check in checks}["610100"] == flag


@pytest.mark.parametrize("city", ["huaibei", "jiujiang", "suizhou", "tongren"])
def test_the_medical_aid_line_opens_for_exactly_whom_the_policy_pack_aids(city: str) -> None:
    layers = yaml.safe_load((AREAS / city / "benefits" / "layers.yaml").read_text(encoding="utf-8"))["layers"]
    aided = {tag for layer in layers.values() if layer["fund"]["type"] == AID for tag in layer["when"]["tags"]}
    rules = load_rules(AREAS / city)
    for insutype in ("310", "390"):
        (line,) = [line for line in fund_lines(rules, insutype, DAY) if line.fund == AID]
        assert line.tags == aided


@pytest.mark.parametrize(
    ("insutype", "med_type", "funds"),
    [
        ("310", "11", ["310102", "310200", "330100", "320100", "610100"]),
        ("310", "2101", ["310100", "310200", "330100", "320100", "610100"]),
        ("310", "52", ["510100", "310200", "330100", "320100", "610100"]),
        ("390", "14", ["390100", "390200", "610100"]),
        ("340", "2101", ["340100"]),
        ("510", "52", ["510100"]),
        ("510", "11", []),
    ],
)
def test_the_lines_of_an_insurance_are_the_areas(insutype: str, med_type: str, funds: list[str]) -> None:
    assert [line.fund for line in fund_lines(HUAIBEI, insutype, DAY, med_type)] == funds
