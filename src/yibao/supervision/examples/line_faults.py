"""结算明细信息异常: lines with each fault, and lines that only look like it."""

from datetime import timedelta
from typing import Any

from yibao.supervision.examples._common import day_of, first_of, order, outpatient, person_of
from yibao.supervision.kinds.line_faults import LineFaults
from yibao.supervision.world import PHARMACY, World


def violations(world: World, point: LineFaults, number: int) -> str:
    """A line with the fault."""
    wrong: dict[str, dict[str, Any]] = {
        "code": {"med_list_codg": ""},
        "quantity": {"cnt": -1},
        "doctor": {"bilg_dr_code": first_of(point.anonymous, "") if number % 2 else ""},
        "fees": {"cnt": 1, "yuan": 10, "det_item_fee_sumamt": 1000 + point.tolerance + 1, "inscp_amt": 1001},
    }
    return _lined(world, point, number, "V", [wrong[point.fault]])


def clean(world: World, point: LineFaults, number: int) -> str:
    """A code, a refund of what was given, a pharmacy's line without a doctor, a difference within the tolerance."""
    right: dict[str, list[dict[str, Any]]] = {
        "code": [{}],
        "quantity": [{"cnt": 2}, {"cnt": -2, "minutes": 30}],
        "doctor": [{"bilg_dr_code": ""} if point.exempt_care else {}],
        "fees": [{"cnt": 1, "yuan": 10, "det_item_fee_sumamt": 1000 + point.tolerance, "inscp_amt": 1000}],
    }
    exempt = point.exempt_care if point.fault == "doctor" else None
    where = {"med_type": exempt.split()[0], "fixmedins_code": PHARMACY, "chfpdr_code": ""} if exempt else {}
    return _lined(world, point, number, "C", right[point.fault], **where)


def _lined(world: World, point: LineFaults, number: int, letter: str, lines: list[dict[str, Any]], **where: Any) -> str:
    psn_no, day = person_of(letter, point, number), day_of(point, number)
    visit = outpatient(world, psn_no, day, number, **where)
    for one in lines:
        minutes = one.pop("minutes", 20)
        order(world, visit, "ORDINARY05", day + timedelta(minutes=minutes), number, **one)
    return psn_no
