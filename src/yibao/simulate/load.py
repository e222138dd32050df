"""A made-up city into the database (装载仿真城市): by COPY, in the order of references, in the caller's transaction.

    loaded = await load_city(connection, city, packs, as_of, told)

1. `load_places`: divisions, institutions with departments and doctors, catalogue, schools.
2. `load_people`: households, persons with an electronic code, tags, in blocks, so that memory stays bounded.
3. `load_insurance`: employers, enrolments, coverage, contributions of the year, personal accounts with their opening.

What is loaded is what an earlier system would hand over on the day `as_of`: who is born or dies later is not there yet.
`told` hears how many persons are in. Needs a database with the ledger's chart; other persons may be in it already,
another made-up city of the same area not (`ConfigurationError`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from yibao.benefits.book import PackBook
from yibao.core.config import ConfigurationError
from yibao.core.database import Connection
from yibao.simulate.load_insurance import InsuranceLoad, load_employers
from yibao.simulate.load_people import Block, load_people
from yibao.simulate.load_places import load_places
from yibao.simulate.model import City, Ints, psn_no
from yibao.simulate.people import day_number

BLOCK = 200_000
LOADED = "select exists (select from population.person where psn_no = $1)"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in the database now."""

    persons: int
    enrolments: int
    contributions: int
    accounts: int
    items: int


async def load_city(
    connection: Connection,
    city: City,
    packs: PackBook,
    as_of: date,
    told: Callable[[int], None] = lambda persons: None,
    spent: Ints | None = None,
) -> Loaded:
    """Everything but bills; accounts open with what they hold and `spent` (fen by place), which bills then take.

    Raises `ConfigurationError` when it is there already, `Refused` when the area's rules lack what is needed
    (P001, P605).
    """
    if await connection.fetchval(LOADED, psn_no(0)):
        raise ConfigurationError("this database holds a made-up city already: load it into another one")
    items = await load_places(connection, city)
    await load_employers(connection, city)
    insurance = InsuranceLoad(city, packs, as_of, spent)
    persons = 0
    for block in _blocks(city, as_of):
        await load_people(connection, city, block)
        await insurance.load(connection, block)
        persons += len(block.places)
        told(persons)
    await insurance.book(connection)
    return Loaded(persons, insurance.enrolments, insurance.contributions, insurance.accounts, items)


def _blocks(city: City, as_of: date) -> Iterator[Block]:
    """Persons born by `as_of`, whole households at a time."""
    today, people = day_number(as_of), city.people
    edges = np.arange(0, len(people), BLOCK)
    starts = [int(np.searchsorted(people.household, people.household[edge])) for edge in edges] + [len(people)]
    for first, after in pairwise(starts):
        places = np.arange(first, after)
        yield Block(places[people.birth[places] <= today], as_of)
