"""Worlds at random in which some lines are refunded, whole or in part."""

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.supervision.world import World, both_ways, random_world
from yibao.supervision.kinds.kind import Kind, Point
from yibao.supervision.model import Row


def refunded_world(seed: int, codes: Sequence[str], people: int = 12, share: float = 0.15) -> World:
    """A random world; about `share` of its lines get a negative one afterwards."""
    world, draw = random_world(seed, codes, people), random.Random(seed)
    visits = {one.mdtrt_id: one for one in world.visits}
    for line in list(world.lines):
        if draw.random() < share:
            back = -line.cnt if draw.random() < 0.6 else -line.cnt // 2
            fees = -line.det_item_fee_sumamt if back == -line.cnt else -line.det_item_fee_sumamt // 2
            world.line(
                visits[line.mdtrt_id], line.med_list_codg,
                line.fee_ocur_time + timedelta(minutes=draw.choice([-30, 0, 5, 90])), rx_drord_no=line.rx_drord_no,
                cnt=1, bilg_dr_code=line.bilg_dr_code, det_item_fee_sumamt=fees, inscp_amt=fees,
            )  # fmt: skip
            world.lines[-1] = type(line)(**{
                **{name: getattr(world.lines[-1], name) for name in line.__struct_fields__}, "cnt": back,
            })  # fmt: skip
    return world


def rows_over_worlds(kind: Kind, points: Sequence[Point], codes: Sequence[str], seeds: int = 4) -> list[Row]:
    """What both ways find in worlds at random, the same in each."""
    return [row for seed in range(seeds) for row in both_ways(kind, points, refunded_world(seed, codes))]


def check_examples(examples: Any, kind: Kind, points: Sequence[Any], point: Any, numbers: int = 52) -> None:
    """Each example breaks the point in a finding of its own, and no look-alike does."""
    world = World()
    wrong = {examples.violations(world, point, number, points) for number in range(numbers)}
    right = {examples.clean(world, point, number, points) for number in range(numbers)}
    rows = both_ways(kind, points, world)
    assert len(wrong) == numbers
    assert not wrong & right
    assert {row.psn_no for row in rows} == wrong
    assert {row.psn_no for row in rows if row.kp_id == point.kp_id} <= wrong
    assert len({(row.rule_id, row.kp_id, row.finding_key) for row in rows}) >= numbers
