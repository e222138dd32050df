"""诊断或手术编码无对应诊疗: a diagnosis nobody cares for on the bills, and one with care, be it paid by the person."""

from datetime import timedelta
from typing import Any

from yibao.supervision.examples._common import day_of, first_of, none_of, order, outpatient, person_of
from yibao.supervision.kinds.diagnosis_without_care import DiagnosisWithoutCare
from yibao.supervision.model import Visit
from yibao.supervision.world import World

CHARGES = ("02", "03", "04", "05", "09", "11", "06")


def violations(world: World, point: DiagnosisWithoutCare, number: int) -> str:
    """Only other care; in every other visit the care was given back."""
    psn_no = person_of("V", point, number)
    visit = _visited(world, point, number, psn_no)
    if number % 2:
        _care(world, point, number, visit, cnt=1)
        _care(world, point, number, visit, cnt=-1, minutes=25)
    return psn_no


def clean(world: World, point: DiagnosisWithoutCare, number: int) -> str:
    """The care, paid whole by the person in every other visit."""
    psn_no = person_of("C", point, number)
    visit = _visited(world, point, number, psn_no)
    _care(world, point, number, visit, cnt=1, **({} if number % 2 else {"inscp_amt": 0, "fulamt_ownpay_amt": 1250}))
    return psn_no


def _visited(world: World, point: DiagnosisWithoutCare, number: int, psn_no: str) -> Visit:
    day = day_of(point, number)
    code = first_of(point.diagnoses, "R10.400")
    visit = outpatient(world, psn_no, day, number, med_type=first_of(point.care, "11"), dscg_maindiag_code=code)
    if point.operations:
        world.operate(visit, first_of(point.operations, ""), day.date(), main_oprn_flag="1")
    other = none_of(point.charges, CHARGES)
    order(world, visit, f"ORDINARY{other}", day + timedelta(minutes=9), number, med_chrgitm_type=other)
    return visit


def _care(
    world: World, point: DiagnosisWithoutCare, number: int, visit: Visit, minutes: int = 20, **known: Any
) -> None:
    item = first_of(point.items, "CARE")
    charge = first_of(point.charges, "05")
    order(world, visit, item, visit.begntime + timedelta(minutes=minutes), number, med_chrgitm_type=charge, **known)
