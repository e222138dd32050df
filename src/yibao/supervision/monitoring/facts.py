"""Facts (统计事实): sums of a lake by institution, department or doctor and by month or day, as Ibis expressions.

Each is counted on the day on which it happened, the numerators and denominators of one indicator on the same day:

    on the day it began     outpatient_visits (门急诊), emergency_visits, pharmacy_purchases, admissions, readmissions,
                            persons (different ones)
    on the day it ended     discharges, bed_days
    on the day it was settled   bills, bill_persons, fees, fund_pay, psn_pay, fulamt_ownpay, outpatient_bills,
                            outpatient_fees, outpatient_pooled (hifp_pay), pooled_bills, inpatient_bills, inpatient_fees
    on the day of the line  line_fees and of them drug_fees (09 10 11), test_fees (03 04), consumable_fees (08),
                            treatment_fees (05)

`readmissions` (再入院): the same institution within 31 days of the person's discharge from it, except planned ones:
chemo- and radiotherapy (Z51), dialysis (Z49), rehabilitation (2105) and mental illness (21303). Amounts are fen.
"""

from typing import TYPE_CHECKING, Any

from yibao.benefits.national import STAY_PREFIXES
from yibao.supervision.monitoring.definitions import Level

if TYPE_CHECKING:  # a process that serves pages never loads the column engines
    from yibao.supervision.lake import Lake

READMITTED_WITHIN = 31
PLANNED_DIAGNOSES = ("Z51", "Z49")
PLANNED_CARE = ("2105", "21303", "210303", "2111")
DRUGS, TESTS, CONSUMABLES, TREATMENT = ("09", "10", "11"), ("03", "04"), ("08",), ("05",)
FACTS = (
    "outpatient_visits", "emergency_visits", "pharmacy_purchases", "admissions", "readmissions", "persons",
    "discharges", "bed_days", "bills", "bill_persons", "fees", "fund_pay", "psn_pay", "fulamt_ownpay",
    "outpatient_bills", "outpatient_fees", "outpatient_pooled", "pooled_bills", "inpatient_bills", "inpatient_fees",
    "line_fees", "drug_fees", "test_fees", "consumable_fees", "treatment_fees", "beds", "bed_capacity",
)  # fmt: skip
"""Their names; `beds` and `bed_capacity` (beds × days of the period) come from the register of institutions."""


def is_stay(table: Any) -> Any:
    """Kinds of care in bed, as `benefits.national` tells them for one code."""
    return table.med_type.substr(0, 2).isin(STAY_PREFIXES)


def fact_tables(lake: "Lake", level: Level, period: str) -> list[Any]:
    """Tables with `fixmedins_code`, `unit`, `period` (its first day) and facts; `period` is "month" or "day"."""
    return [
        _begun(lake, level, period), _ended(lake, level, period), _billed(lake, level, period),
        _charged(lake, level, period),
    ]  # fmt: skip


def day_tables(lake: "Lake") -> list[Any]:
    """The facts by day that need no fee lines: flow and payments."""
    return [_begun(lake, "institution", "day"), _ended(lake, "institution", "day"), _billed(lake, "institution", "day")]


def _unit(table: Any, level: Level, department: str, doctor: str) -> Any:
    import ibis

    if level == "institution":
        return ibis.literal("")
    return table[department if level == "department" else doctor].fill_null("")


def _keyed(table: Any, unit: Any, at: Any, period: str, level: Level) -> Any:
    """The table with its keys; departments and doctors that nobody named are left out."""
    keyed = table.mutate(unit=unit, period=at.truncate("M" if period == "month" else "D").date())
    return keyed if level == "institution" else keyed.filter(keyed.unit != "")


def _begun(lake: "Lake", level: Level, period: str) -> Any:
    visits = with_readmissions(lake.visits)
    keyed = _keyed(visits, _unit(visits, level, "adm_dept_codg", "chfpdr_code"), visits.begntime, period, level)
    stay, bought = is_stay(keyed), keyed.med_type.isin(["41"])
    return keyed.group_by("fixmedins_code", "unit", "period").aggregate(
        outpatient_visits=(~stay & ~bought).sum(),
        emergency_visits=keyed.med_type.startswith("13").sum(),
        pharmacy_purchases=bought.sum(),
        admissions=stay.sum(),
        readmissions=keyed.readmitted.sum(),
        persons=keyed.psn_no.nunique(),
    )


def with_readmissions(visits: Any) -> Any:
    """Visits with `readmitted`: an unplanned stay within 31 days of the last discharge from the same institution."""
    import ibis

    stays = visits.filter(is_stay(visits)).select("mdtrt_id", "psn_no", "fixmedins_code", "begntime", "endtime")
    window = ibis.window(group_by=["psn_no", "fixmedins_code"], order_by=["begntime", "mdtrt_id"])
    before = stays.endtime.lag().over(window)
    again = stays.mutate(
        again=before.notnull()
        & (stays.begntime >= before)
        & (stays.begntime.date() <= before.date() + ibis.interval(days=READMITTED_WITHIN))
    ).select("mdtrt_id", "again")
    joined = visits.left_join(again, "mdtrt_id").drop("mdtrt_id_right")
    planned = joined.med_type.isin(PLANNED_CARE)
    for chapter in PLANNED_DIAGNOSES:
        planned = planned | joined.dscg_maindiag_code.fill_null("").startswith(chapter)
    return joined.mutate(readmitted=joined.again.fill_null(False) & ~planned)


def _ended(lake: "Lake", level: Level, period: str) -> Any:
    stays = lake.visits.filter(lambda t: is_stay(t) & t.endtime.notnull())
    keyed = _keyed(stays, _unit(stays, level, "adm_dept_codg", "chfpdr_code"), stays.endtime, period, level)
    return keyed.group_by("fixmedins_code", "unit", "period").aggregate(
        discharges=keyed.count(), bed_days=keyed.ipt_days.fill_null(0).cast("int64").sum()
    )


def _billed(lake: "Lake", level: Level, period: str) -> Any:
    bills = lake.bills
    if level != "institution":
        places = lake.visits.select("mdtrt_id", "adm_dept_codg", "chfpdr_code")
        bills = bills.inner_join(places, "mdtrt_id")
    keyed = _keyed(bills, _unit(bills, level, "adm_dept_codg", "chfpdr_code"), bills.setl_time, period, level)
    stay = is_stay(keyed)
    pooled = ~stay & (keyed.hifp_pay > 0)
    return keyed.group_by("fixmedins_code", "unit", "period").aggregate(
        bills=keyed.count(),
        bill_persons=keyed.psn_no.nunique(),
        fees=keyed.medfee_sumamt.sum(),
        fund_pay=keyed.fund_pay_sumamt.sum(),
        psn_pay=keyed.psn_pay.sum(),
        fulamt_ownpay=keyed.fulamt_ownpay_amt.sum(),
        outpatient_bills=(~stay).sum(),
        outpatient_fees=keyed.medfee_sumamt.sum(where=~stay),
        outpatient_pooled=keyed.hifp_pay.sum(where=~stay),
        pooled_bills=pooled.sum(),
        inpatient_bills=stay.sum(),
        inpatient_fees=keyed.medfee_sumamt.sum(where=stay),
    )


def _charged(lake: "Lake", level: Level, period: str) -> Any:
    lines = lake.lines
    keyed = _keyed(lines, _unit(lines, level, "bilg_dept_codg", "bilg_dr_code"), lines.fee_ocur_time, period, level)
    fees, kind = keyed.det_item_fee_sumamt, keyed.med_chrgitm_type
    return keyed.group_by("fixmedins_code", "unit", "period").aggregate(
        line_fees=fees.sum(),
        drug_fees=fees.sum(where=kind.isin(DRUGS)),
        test_fees=fees.sum(where=kind.isin(TESTS)),
        consumable_fees=fees.sum(where=kind.isin(CONSUMABLES)),
        treatment_fees=fees.sum(where=kind.isin(TREATMENT)),
    )
