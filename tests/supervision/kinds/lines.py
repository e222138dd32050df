"""Worlds at random with what goes wrong in lines and bills, and what every kind's examples must fulfil."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tests.supervision.world import World, both_ways, random_world
from yibao.supervision.kinds.kind import Kind, Point
from yibao.supervision.model import Line
from yibao.supervision.world import HOSPITAL

DAY = datetime.fromisoformat("2021-03-01T09:00")


def spoiled_world(seed: int, codes: Sequence[str]) -> World:
    """A random world with refunds, repeats, visits settled in parts, faulty lines, classes, and faults of visits."""
    draw = random.Random(seed)
    world = random_world(seed, codes, people=14)
    world.visits = [msgspec.structs.replace(one, **_visit_fault(draw, one)) for one in world.visits]
    blank = {one.mdtrt_id for one in world.visits if one.dscg_maindiag_code == "" and draw.random() < 0.7}
    world.diagnoses = [one for one in world.diagnoses if one.mdtrt_id not in blank]
    parts = [msgspec.structs.replace(one, setl_id=f"{one.setl_id}B", inscp_amt=900) for one in world.bills[::2]]
    world.bills += parts
    bills = [one.setl_id for one in world.bills]
    lines: list[Line] = []
    for line in world.lines:
        lines.append(msgspec.structs.replace(line, **_line_fault(draw, line)))
        more = draw.random()
        if more < 0.2:
            lines.append(_refund(draw, lines[-1]))
        if more < 0.1 or more > 0.9:
            lines.append(_again(draw, lines[-1], bills))
    numbered = enumerate(lines)
    world.lines = [msgspec.structs.replace(one, bkkp_sn=f"G{number:06d}") for number, one in numbered]
    return world


def _visit_fault(draw: random.Random, visit: Any) -> dict[str, Any]:
    faults: list[dict[str, Any]] = [
        {"dscg_maindiag_code": ""},
        {"ipt_days": visit.ipt_days + draw.choice([1, 2, 9])},
        {"endtime": visit.begntime - timedelta(days=2)},
        {"endtime": None},
        {"brdy": visit.begntime.date() + timedelta(days=draw.choice([0, 1]))},
        {"med_type": draw.choice(["2101", "21303", "9901", "13"])},
        {"adm_dept_codg": draw.choice(["", "A28", "A28.01"])},
    ]
    return draw.choice(faults) if draw.random() < 0.4 else {}


def _line_fault(draw: random.Random, line: Line) -> dict[str, Any]:
    faults: list[dict[str, Any]] = [
        {"bilg_dr_code": ""},
        {"med_list_codg": ""},
        {"cnt": 0},
        {"det_item_fee_sumamt": line.det_item_fee_sumamt + draw.choice([-7, -1, 1, 2, 50])},
        {"inscp_amt": 0},
        {"pric_uplmt_amt": line.pric // 2, "overlmt_selfpay": draw.choice([0, 5])},
        {"pric_uplmt_amt": line.pric * 2, "overlmt_selfpay": 5},
        {"bilg_dept_codg": draw.choice(["", "A28", "A28.01"])},
        {"rx_drord_no": ""},
    ]
    classes = {"chrgitm_lv": draw.choice(["01", "02", "03"]), "selfpay_prop": draw.choice([0, 1000, 2000])}
    return classes | (draw.choice(faults) if draw.random() < 0.3 else {})


def _refund(draw: random.Random, line: Line) -> Line:
    share = draw.choice([1, 1, 2])
    amounts = ("cnt", "det_item_fee_sumamt", "inscp_amt")
    negative = {name: -getattr(line, name) // share for name in amounts}
    later = timedelta(minutes=draw.choice([0, 30]))
    return msgspec.structs.replace(line, **negative, fee_ocur_time=line.fee_ocur_time + later)


def _again(draw: random.Random, line: Line, bills: list[str]) -> Line:
    """The line once more: in its own bill, or in the second part of the visit's settlement."""
    part = f"{line.setl_id}B"
    return msgspec.structs.replace(line, setl_id=draw.choice([line.setl_id, part if part in bills else line.setl_id]))


def assert_both_ways_agree(kind: Kind, points: Sequence[Point], codes: Sequence[str], seeds: int = 5) -> None:
    """Both executions find the same in worlds at random, and every point of `points` with an id finds something."""
    found: Counter[str] = Counter()
    for seed in range(seeds):
        found.update(row.kp_id for row in both_ways(kind, points, spoiled_world(seed, codes)))
    silent = {one.kp_id for one in points if one.kp_id} - set(found)
    assert not silent, f"points that found nothing in {seeds} worlds: {sorted(silent)}"


def assert_examples_hold(
    kind: Kind, point: Point, module: Any, *, more: Sequence[Point] = (), field: str = "psn_no"
) -> None:
    """Sixty violations are sixty findings, and their look-alikes none."""
    world = World()
    wrong = [module.violations(world, point, number) for number in range(60)]
    right = [module.clean(world, point, number) for number in range(60)]
    rows = both_ways(kind, [point, *more], world)
    assert len({*wrong, *right}) == 120
    assert {getattr(row, field) for row in rows} == set(wrong)
    assert len({row.finding_key for row in rows}) == 60


def line_of(world: World, code: str, *, psn_no: str = "A", **known: Any) -> Line:
    """A line of an outpatient's visit of the day in the hospital of level 3; `visit_…` are the visit's."""
    of_visit = {name.removeprefix("visit_"): known.pop(name) for name in list(known) if name.startswith("visit_")}
    visit = world.visit(psn_no, DAY, **{"fixmedins_code": HOSPITAL, **of_visit})
    return world.line(visit, code, DAY + timedelta(minutes=5), **known)


def refund(world: World, line: Line, cnt: Any) -> Line:
    """`cnt` of the line given back half an hour later."""
    visit = next(one for one in world.visits if one.mdtrt_id == line.mdtrt_id)
    price = line.pric / 1_000_000
    return world.line(visit, line.med_list_codg, line.fee_ocur_time + timedelta(minutes=30), cnt=f"-{cnt}", yuan=price)
