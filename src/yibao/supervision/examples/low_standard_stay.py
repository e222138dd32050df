"""低标准入院: tests and hardly any treatment, and with treatment, operation or more days."""

from datetime import timedelta

from yibao.supervision.examples._common import day_of, order, person_of
from yibao.supervision.examples._persons import first_care
from yibao.supervision.kinds.low_standard_stay import LowStandardStay
from yibao.supervision.model import Visit
from yibao.supervision.world import World


def violations(world: World, point: LowStandardStay, number: int) -> str:
    """A short stay for tests."""
    psn_no = person_of("V", point, number)
    _stay(world, point, psn_no, number, point.days_to, treated=0)
    return psn_no


def clean(world: World, point: LowStandardStay, number: int) -> str:
    """A day longer, with as much treatment, or with an operation."""
    psn_no, way = person_of("C", point, number), number % 3
    stay = _stay(world, point, psn_no, number, point.days_to + (way == 0), treated=900 if way == 1 else 0)
    if way == 2:
        world.operate(stay, "45.4200", stay.begntime.date(), main_oprn_flag="1", oper_dr_code=f"DV{number}")
    return psn_no


def _stay(world: World, point: LowStandardStay, psn_no: str, number: int, days: int, treated: int) -> Visit:
    day = day_of(point, number)
    disease = f"{point.mild.split()[0]}.000" if point.mild else "J18.900"
    stay = world.stay(
        psn_no, day, day + timedelta(days=days, hours=1), med_type=first_care(point.care), dscg_way="1",
        chfpdr_code=f"DV{number}", dscg_maindiag_code=disease,
    )  # fmt: skip
    for later in range(days):
        at = day + timedelta(days=later, minutes=20)
        order(world, stay, "ORDINARY01", at, number, cnt=1, yuan=10, med_chrgitm_type="01")
        for charge, yuan in ((point.tests.split()[0], 600), (point.treatment.split()[0], treated or 5)):
            order(world, stay, f"ORDINARY{charge}", at, number, cnt=1, yuan=yuan, med_chrgitm_type=charge)
    return stay
