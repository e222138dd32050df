"""A small city at random for the kinds that compare institutions: two groups of peers over three months."""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from tests.supervision.world import World
from yibao.supervision.model import Institution, Visit

DISEASES = ["J18.900", "J18.901", "I10.x00", "E11.900", "Z51.100", ""]


def random_city(seed: int, codes: Sequence[str], visits: int = 260, places: int = 6) -> World:
    """Hospitals `H2…` of level 2 and `H3…` of level 3 with outpatients and stays, many of the codes given."""
    draw = random.Random(seed)
    world = World()
    for level in "23":
        for number in range(places):
            world.institutions.append(
                Institution(f"H{level}{number:02d}", "1", level, "340602", draw.choice([0, 2, 3]))
            )
    hospitals = [one.fixmedins_code for one in world.institutions[4:]]
    for _ in range(visits):
        person = f"P{draw.randrange(visits // 6):03d}"
        place = hospitals[int(draw.random() ** 1.5 * len(hospitals))]
        begin = datetime(2021, 1, 1) + timedelta(days=draw.randrange(90), hours=draw.randrange(24))
        _visit(draw, world, person, place, begin, codes)
    return world


def _visit(draw: random.Random, world: World, person: str, place: str, begin: datetime, codes: Sequence[str]) -> None:
    inpatient = draw.random() < 0.6
    end = begin + (timedelta(days=draw.randrange(9), hours=2) if inpatient else timedelta(hours=1))
    visit = world.visit(
        person, begin, end, fixmedins_code=place, brdy=date(1970, 1, 1),
        med_type=draw.choice(["21", "2101", "52", "22"]) if inpatient else draw.choice(["11", "13", "14"]),
        ipt_days=max((end.date() - begin.date()).days, 1) if inpatient else 0,
        dscg_maindiag_code=draw.choice(DISEASES), dscg_way=draw.choice(["1", "1", "1", "2", "5"]),
        adm_dept_codg=draw.choice(["A03", "A04"]), medfee_sumamt=draw.choice([9_000, 50_000, 100_000, 250_000]),
        inscp_amt=draw.choice([0, 7_000, 40_000]),
    )  # fmt: skip
    for _ in range(draw.randrange(3)):
        world.diagnose(visit, draw.choice(["A41.900", "J18.900", "I10.x00", "T81.400"]),
                       adm_cond_type=draw.choice(["1", "4"]))  # fmt: skip
    _lines(draw, world, visit, codes)


def _lines(draw: random.Random, world: World, visit: Visit, codes: Sequence[str]) -> None:
    for _ in range(draw.randrange(1, 6)):
        at = visit.begntime + timedelta(minutes=draw.randrange(60))
        world.line(
            visit, draw.choice([*codes, "OTHER1"]), at, cnt=draw.choice([1, 1, 2, "0.5", 30, -1]),
            yuan=draw.choice(["10", "33.33", "120"]), bilg_dept_codg=draw.choice(["A03", "A04", ""]),
            med_chrgitm_type=draw.choice(["01", "03", "05", "08", "09", "10", "11"]),
        )  # fmt: skip
