"""What the examples of kinds about stays and persons share: a visit of any kind of care with its care, many persons."""

from datetime import datetime, timedelta
from typing import Any

from yibao.supervision.examples._common import order, outpatient
from yibao.supervision.examples._stays import cared_stay
from yibao.supervision.model import Visit
from yibao.supervision.world import World


def first_care(care: str) -> str:
    """The first of the kinds of care."""
    return care.split()[0]


def is_stay(care: str) -> bool:
    """Whether a kind of care is a stay (`med_type` 2…, 52 and the like)."""
    return care.startswith(("2", "52"))


def visit_of(world: World, psn_no: str, at: datetime, number: int, care: str, **known: Any) -> Visit:
    """A visit with its care: a stay of two days or an outpatient's with a drug and a test."""
    if is_stay(care):
        return cared_stay(world, psn_no, at, number, 2, med_type=care, **known)
    visit = outpatient(world, psn_no, at, number, med_type=care, **known)
    for minute, (charge, yuan) in enumerate((("09", "45.60"), ("04", 30)), 2):
        order(world, visit, f"ORDINARY{charge}", at + timedelta(minutes=minute), number, cnt=1, yuan=yuan,
              med_chrgitm_type=charge)  # fmt: skip
    return visit


def bill_of(
    world: World,
    psn_no: str,
    settled: datetime,
    number: int,
    care: str,
    fees: int,
    code: str = "ORDINARY09",
    **known: Any,
) -> Visit:
    """An outpatient's visit of five minutes with one line of these fees (fen), settled at a time."""
    begin = settled - timedelta(minutes=5)
    sums = {"medfee_sumamt": fees, "inscp_amt": fees, "fund_pay_sumamt": fees // 2}
    visit = world.visit(psn_no, begin, settled, med_type=care, **{"chfpdr_code": f"DV{number}", **sums, **known})
    world.line(visit, code, begin + timedelta(minutes=1), cnt=1, yuan=f"{fees // 100}.{fees % 100:02d}",
               bilg_dr_code=f"DV{number}", med_chrgitm_type="09")  # fmt: skip
    return visit
