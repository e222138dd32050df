"""A crowded small world at random: few days, places and amounts, so that persons meet and bills look alike."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from tests.supervision.world import CLINIC, HOSPITAL, PHARMACY, World
from yibao.supervision.model import Visit

FIRST = datetime.fromisoformat("2021-12-20T06:00")


def crowded_world(seed: int, codes: Sequence[str], people: int = 9, days: int = 6) -> World:
    """Everybody comes on some of the days, within two hours, to one of three institutions; some lie in hospital."""
    draw, world = random.Random(seed), World()
    for number in range(people):
        for day in draw.sample(range(days), draw.randrange(2, days)):
            begin = FIRST + timedelta(days=day, hours=draw.choice([0, 1, 17]), minutes=draw.randrange(4))
            place = draw.choice([CLINIC, CLINIC, PHARMACY, HOSPITAL])
            visit = world.visit(
                f"P{number:02d}", begin, begin + timedelta(seconds=draw.choice([40, 60, 3600])), fixmedins_code=place,
                med_type="41" if place == PHARMACY else "11", dscg_maindiag_code=draw.choice(["J18.900", "S52.000"]),
                medfee_sumamt=draw.choice([5000, 5060, 9000]), fund_pay_sumamt=draw.choice([1000, 4000]),
                ttp_pay_flag=draw.choice("00001"),
            )  # fmt: skip
            for code in draw.sample(codes, draw.randrange(len(codes) + 1)):
                world.line(visit, code, begin, cnt=draw.choice([1, 1, 2]), bilg_dr_code=draw.choice(["D1", "D1", ""]))
                if draw.random() < 0.2:
                    world.line(visit, code, begin + timedelta(hours=1), cnt=-1)
        if draw.random() < 0.5:
            _stay(draw, world, f"P{number:02d}", codes)
    return world


def _stay(draw: random.Random, world: World, psn_no: str, codes: Sequence[str]) -> Visit:
    begin = FIRST + timedelta(days=draw.randrange(4), hours=draw.randrange(12))
    stay = world.stay(psn_no, begin, begin + timedelta(days=draw.randrange(8)), dscg_way=draw.choice("122"))
    for _ in range(6):
        at = begin + timedelta(days=draw.randrange(-2, 11), hours=draw.randrange(20))
        world.line(
            stay, draw.choice(codes), at, cnt=draw.choice([1, 2, 3, -1]), prd_days=draw.choice([0, 1, 3]),
            med_chrgitm_type=draw.choice(["01", "03", "04", "05", "09"]),
        )  # fmt: skip
    if draw.random() < 0.3:
        world.operate(stay, "51.2300", begin.date(), oper_dr_code="D1", main_oprn_flag="1")
    return stay


def without_end(world: World, number: int) -> World:
    """The same world with one visit that goes on."""
    world.visits[number] = msgspec.structs.replace(world.visits[number], endtime=None)
    return world
