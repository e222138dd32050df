"""A small city with its year of care, drawn once for the tests of the year."""

from functools import cache

from yibao.simulate.city import build_city
from yibao.simulate.tables import Piece
from yibao.simulate.year import Workshop, workshop_of

PEOPLE, SEED, YEAR = 4_000, 3, 2021


@cache
def small_workshop() -> Workshop:
    """A city of 4,000 people with everything that a year needs."""
    return workshop_of(build_city("huaibei", PEOPLE, seed=SEED, year=YEAR), YEAR)


@cache
def small_year() -> Piece:
    """The year of all of them: they are one piece."""
    return small_workshop().piece(0)
