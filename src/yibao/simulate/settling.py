"""The bills of a year, settled by the real engine (结算): `benefits.batch` in the order of time, person by person.

The facts of each visit are those that the counter would see. A piece holds whole years of its patients, so deductibles,
limits, serious illness and aid count as they do at the counter; personal accounts start with their balance and are
credited every month.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from yibao.benefits import arithmetic
from yibao.benefits.batch.simulation import order_visits, settle
from yibao.benefits.batch.team import Team
from yibao.benefits.batch.visits import EPOCH, Source, Visits
from yibao.benefits.national import care_of as care_of_type
from yibao.benefits.national import insurance_of, sex_of, status_of
from yibao.benefits.pack import Pack
from yibao.simulate.care import DELIVERIES, FILINGS, MED_TYPES, STAYS, Care
from yibao.simulate.illness import CarePlan
from yibao.simulate.lines import LINE_FULL, LINE_IN_SCOPE, LINE_OVER, LINE_PREPAY, Lines
from yibao.simulate.model import PSN_TYPES, TAGS, Ints
from yibao.simulate.patients import CERTIFIED, Patients
from yibao.simulate.providers import Providers
from yibao.simulate.seasons import Calendar, ages_on

COLUMNS = ("hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "othfund_pay")
"""The columns of funds, in the order of `setl_d`."""
ACCOUNT = "acct_pay"
AREAS = ("local", "in_province", "out_of_province")


@dataclass(frozen=True)
class Bills:
    """What each visit cost and who paid, in fen, by `setl_d` column; a refused visit is all the patient's."""

    amounts: dict[str, Ints]


def settled(
    pack: Pack, care: Care, lines: Lines, patients: Patients, providers: Providers, plan: CarePlan, calendar: Calendar
) -> Bills:
    """Settle all visits of a piece."""
    if pack.line_rules:
        raise ValueError(f"{pack.area_name} classifies lines by rules of its own, which a simulated year does not do")
    visits = visits_of(care, lines, patients, providers, plan, calendar)
    with Team(1) as team:
        result = settle(pack, order_visits(visits, (pack,), (), team), team, with_detail=True)
    return Bills(_amounts(pack, care, visits, result.detail))


def visits_of(
    care: Care, lines: Lines, patients: Patients, providers: Providers, plan: CarePlan, calendar: Calendar
) -> Visits:
    """The visits as the batch reads them."""
    first = int(care.end.min())
    portions = {
        "full_self_pay": lines.sums(LINE_FULL), "over_limit": lines.sums(LINE_OVER),
        "prepay": lines.sums(LINE_PREPAY), "in_scope": lines.sums(LINE_IN_SCOPE),
    }  # fmt: skip
    stay = care.med_type >= STAYS
    months = calendar.month_of(care.end) + 1
    credited = patients.balance[care.patient] + patients.monthly[care.patient] * months
    return Visits(
        _fixed(care.patient, np.int32), len(patients), _fixed(care.end * 86_400 + care.second, np.int64),
        EPOCH + np.timedelta64(first, "D").astype(object), _fixed(care.end - first, np.int32),
        _fixed(np.where(stay, np.maximum(1, care.end - care.begin), 0), np.int32), _fixed(np.zeros(0), np.int32),
        _fixed(care.dise + 1, np.int32), {name: _fixed(amounts, np.int64) for name, amounts in portions.items()},
        _sources(care, patients, providers, plan), credited=_fixed(credited, np.int64),
    )  # fmt: skip


def _sources(care: Care, patients: Patients, providers: Providers, plan: CarePlan) -> list[Source]:
    """Every fact that differs between visits."""
    grades, grade = np.unique(providers.grade, return_inverse=True)
    tag_sets, tags = np.unique(patients.tags, return_inverse=True)
    diseases = ["", *(it.dise_no for it in plan.illness.chronic)]
    who, place = care.patient, care.place
    area = area_of(care, patients, providers)
    filings = [(there, filing, there == "local" or filing != "none") for there in AREAS for filing in FILINGS]
    psn_types = [(status_of(text),) for text in PSN_TYPES]
    return [
        _source(("insurance",), patients.employee[who], [(insurance_of(text),) for text in ("390", "310")]),
        _source(("status",), patients.psn_type[who], psn_types),
        _source(("level",), providers.level[place], [(level,) for level in range(10)]),
        _source(("institution",), grade[place], [(str(text),) for text in grades]),
        _source(("care", "med_type"), care.med_type, [(care_of_type(text), text) for text in MED_TYPES]),
        _source(("tags",), tags[who], [(tags_of(int(bits)),) for bits in tag_sets]),
        _source(("age",), np.clip(ages_on(patients.birth[who], care.end), 0, 150), [(age,) for age in range(151)]),
        _source(("sex",), patients.sex[who], [(sex_of(text),) for text in ("0", "1", "2")]),
        _source(("area", "filing", "referral_followed"), area * len(FILINGS) + care.filing, filings),
        _source(("disease",), care.dise + 1, [(text,) for text in diseases]),
        _source(("disease_count",), certified_of(patients)[who], [(count,) for count in range(64)]),
        _source(("delivery",), care.delivery, [(text,) for text in DELIVERIES]),
    ]  # fmt: skip


def certified_of(patients: Patients) -> Ints:
    """How many chronic diseases each patient is certified for."""
    bits = patients.chronic >> np.uint64(CERTIFIED)
    count = np.zeros(len(bits), np.int64)
    for number in range(64 - CERTIFIED):
        count += ((bits >> np.uint64(number)) & np.uint64(1)).astype(np.int64)
    return count


def area_of(care: Care, patients: Patients, providers: Providers) -> Ints:
    """0 care in the own city, 1 elsewhere in the province, 2 outside it."""
    homes, there = patients.homes[patients.home], providers.admdvs
    city_home, city_there = homes.astype("U4").astype(np.int32), there.astype("U4").astype(np.int32)
    home, place = city_home[care.patient], city_there[care.place]
    return np.where(home == place, 0, np.where(home // 100 == place // 100, 1, 2))


def tags_of(bits: int) -> frozenset[str]:
    """The names of a person's tags."""
    return frozenset(tag for number, tag in enumerate(TAGS) if bits >> number & 1)


def _amounts(pack: Pack, care: Care, visits: Visits, detail: Any) -> dict[str, Ints]:
    """The columns of money of `setl_d`."""
    layers = list(pack.layers.values())
    paid = {column: np.zeros(len(care), np.int64) for column in (*COLUMNS, ACCOUNT)}
    standard, taken, serious = (np.zeros(len(care), np.int64) for _ in range(3))
    for number, layer in enumerate(layers):
        if layer.column in paid:
            paid[layer.column] += detail[:, number, arithmetic.OUT_PAID]
        if layer.column == "hifmi_pay":
            serious += detail[:, number, arithmetic.OUT_EXCESS]
        if layer.deductible and layer.column == "hifp_pay":
            standard += detail[:, number, arithmetic.OUT_STANDARD]
            taken += detail[:, number, arithmetic.OUT_DEDUCTIBLE]
    portions = visits.portions
    total = sum(portions.values())
    fund = sum(paid[column] for column in COLUMNS)
    return {
        "medfee_sumamt": total, "fulamt_ownpay_amt": portions["full_self_pay"],
        "overlmt_selfpay": portions["over_limit"], "preselfpay_amt": portions["prepay"],
        "inscp_amt": portions["in_scope"], "dedc_std": standard, "act_pay_dedc": taken,
        **{column: paid[column] for column in COLUMNS}, "fund_pay_sumamt": fund, "psn_pay": total - fund,
        "acct_pay": paid[ACCOUNT], "acct_mulaid_pay": np.zeros(len(care), np.int64),
        "cash_payamt": total - fund - paid[ACCOUNT], "ownpay_hosp_part": np.zeros(len(care), np.int64),
        "serious_fees": serious,
    }  # fmt: skip


def _source(facts: tuple[str, ...], codes: Any, values: list[tuple[Any, ...]]) -> Source:
    return Source(facts, _fixed(codes, np.int32), values)


def _fixed(array: Any, kind: Any) -> Ints:
    """Contiguous, of one type and read only: one compilation serves every piece."""
    fixed = np.array(array, kind)
    fixed.flags.writeable = False
    return fixed
