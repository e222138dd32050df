"""结算清单信息异常: stays with each fault, and stays that only look like it."""

from datetime import date, timedelta
from typing import Any

from yibao.supervision.examples._common import day_of, person_of, stay_with_care
from yibao.supervision.kinds.bill_faults import BillFaults
from yibao.supervision.world import World


def violations(world: World, point: BillFaults, number: int) -> str:
    """A stay with the fault."""
    psn_no, day = person_of("V", point, number), day_of(point, number)
    wrong: dict[str, dict[str, Any]] = {
        "principal": {"dscg_maindiag_code": ""},
        "dates": {"endtime": day - timedelta(days=1)},
        "days": {"ipt_days": 3 + point.tolerance + 1},
        "birth": {"brdy": day.date() + timedelta(days=1), "age": 0},
    }
    stay = stay_with_care(world, psn_no, day, number, **wrong[point.fault])
    world.diagnoses = [one for one in world.diagnoses if one.mdtrt_id != stay.mdtrt_id or one.diag_code]
    return psn_no


def clean(world: World, point: BillFaults, number: int) -> str:
    """The principal diagnosis on the list only, a stay within the tolerance, a child born on the day."""
    psn_no, day = person_of("C", point, number), day_of(point, number)
    right: dict[str, dict[str, Any]] = {
        "principal": {"dscg_maindiag_code": ""},
        "dates": {},
        "days": {"ipt_days": 3 + point.tolerance},
        "birth": {"brdy": day.date(), "age": 0} if number % 2 else {"brdy": date(1950, 1, 1)},
    }
    stay = stay_with_care(world, psn_no, day, number, **right[point.fault])
    if point.fault == "principal":
        world.diagnose(stay, "J18.900", maindiag_flag="1")
    return psn_no
