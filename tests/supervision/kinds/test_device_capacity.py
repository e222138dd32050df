"""设备产能超限: more examinations in a day than devices can do."""

import pytest

from tests.supervision.city import random_city as WORLD
from tests.supervision.places import CODES, hits, in_one_place
from tests.supervision.world import World, both_ways
from yibao.supervision.examples.device_capacity import clean, violations
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.device_capacity import KIND, DeviceCapacity

POINTS = [
    DeviceCapacity(rule_id="X47", item="CT", prefixes="CT1 CT2", capacity=20),
    DeviceCapacity(rule_id="X47", kp_id="one", item="CT", prefixes="CT", institution="H201", capacity=1),
]
POINT = DeviceCapacity(rule_id="X47", item="CT", prefixes="CT1 CT2", capacity=3)
EXAMPLES = [POINT, DeviceCapacity(rule_id="X47", kp_id="own", item="CT", prefixes="CT1", institution="HCT", capacity=3)]


def test_four_examinations_of_a_device_for_three_are_found_with_their_numbers() -> None:
    world = World()
    for place, stay in enumerate(in_one_place(world, "H1", ["2021-03-01"] * 4)):
        world.line(stay, f"CT{1 + place % 2}0", "2021-03-02 10:00")
    [row] = both_ways(KIND, [POINT], world)
    assert (row.fixmedins_code, row.amount) == ("H1", 0)
    assert reason_of(KIND, row.facts) == "2021-03-02CT检查4次，超过设备每日能力3次"


def test_as_many_as_it_can_do_other_items_refunds_and_other_days_are_clean() -> None:
    world = World()
    [stay] = in_one_place(world, "H1", ["2021-03-01"])
    world.line(stay, "CT10", "2021-03-02 10:00", cnt=3)
    world.line(stay, "MR10", "2021-03-02 10:00", cnt=3)
    world.line(stay, "CT10", "2021-03-02 10:00")
    world.line(stay, "CT10", "2021-03-02 11:00", cnt=-1)
    world.line(stay, "CT10", "2021-03-03 00:00")
    assert hits(KIND, POINT, world) == set()


def test_another_institution_has_other_devices() -> None:
    world = World()
    for code in ("H201", "H202"):
        [stay] = in_one_place(world, code, ["2021-03-01"])
        world.line(stay, "CT10", "2021-03-02 10:00", cnt=2)
    assert hits(KIND, POINTS[1], world) == {"H201"}


def test_both_ways_agree_on_any_world() -> None:
    assert sum(len(both_ways(KIND, POINTS, WORLD(seed, CODES))) for seed in range(4)) > 5


@pytest.mark.parametrize("number", [0, 1, 10])
@pytest.mark.parametrize("point", EXAMPLES, ids=lambda one: one.kp_id or one.rule_id)
def test_examples_break_the_point_or_stay_clean(point: DeviceCapacity, number: int) -> None:
    world = World()
    if point.institution:
        in_one_place(world, point.institution, [])
    wrong, right = violations(world, point, number), clean(world, point, number)
    assert wrong != right
    assert hits(KIND, point, world) == {wrong}
