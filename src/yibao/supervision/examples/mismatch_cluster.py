"""群体性别错配: an institution with many wrong lines in a month, and one with a slip."""

from datetime import datetime, timedelta

from yibao.supervision.examples._common import order, other_sex
from yibao.supervision.kinds.mismatch_cluster import MismatchCluster
from yibao.supervision.model import Institution
from yibao.supervision.world import World

FIRST = datetime.fromisoformat("2021-03-01T09:00")


def violations(world: World, point: MismatchCluster, number: int) -> str:
    """As many persons of the other sex as make a cluster; returns the institution's code."""
    return _institution(world, point, number, "V", point.people)


def clean(world: World, point: MismatchCluster, number: int) -> str:
    """One person less, who comes twice, and one in the next month."""
    place = _institution(world, point, number, "C", point.people - 1)
    if point.people > 1:
        _visit(world, point, number, place, f"{place}P0", FIRST + timedelta(days=9))
    _visit(world, point, number, place, f"{place}P99", FIRST + timedelta(days=31))
    return place


def _institution(world: World, point: MismatchCluster, number: int, letter: str, people: int) -> str:
    place = f"H{letter}{point.rule_id}{number:06d}"
    world.institutions.append(Institution(place, "1", "2", "340603", 100))
    for one in range(people):
        _visit(world, point, number, place, f"{place}P{one}", FIRST + timedelta(days=one % 20, minutes=one))
    return place


def _visit(world: World, point: MismatchCluster, number: int, place: str, psn_no: str, day: datetime) -> None:
    doctor = f"DV{number}"
    visit = world.visit(psn_no, day, gend=other_sex(point.sex), fixmedins_code=place, chfpdr_code=doctor)
    order(world, visit, point.code, day + timedelta(minutes=20), number, cnt=1)
