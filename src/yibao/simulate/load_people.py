"""Households, persons, electronic codes, tags and school rolls of a made-up city into the database, block by block."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from yibao.core.database import Connection
from yibao.population.rosters.departments import owner_of, tag_code
from yibao.simulate.copying import constant, copy, days, numbered, texts
from yibao.simulate.load_places import school_no
from yibao.simulate.model import HEAD, PUPIL, RELATIONS, City, Ints, psn_no, tag_bit
from yibao.simulate.names import identity_numbers, names_of
from yibao.simulate.people import day_number
from yibao.simulate.plan import PeoplePlan, city_folder, read_plan

IDENTITY_AREA = "99"
"""Follows the four digits of the city in identity numbers: no county has it."""
LOADED_TAGS = (
    "特困", "孤儿", "低保", "返贫致贫", "低保边缘", "脱贫不稳定", "边缘易致贫", "突发严重困难", "监测对象",
    "支出型困难", "稳定脱贫", "重度残疾", "优抚对象", "计生特困",
)  # fmt: skip
"""What departments would send; pupils and newborn are told by psn_type and the school rolls."""
SOURCE = "仿真城市"


@dataclass(frozen=True, slots=True)
class Block:
    """Some persons by their places, as they stand at the end of the day `as_of`."""

    places: Ints
    as_of: date

    def numbers(self) -> Any:
        """Their person numbers as an Arrow array."""
        return numbers_of(self.places)


def numbers_of(places: Ints) -> Any:
    """psn_no of persons by their places, as `model.psn_no` makes them."""
    first = psn_no(0)
    return numbered(first[:6], places.astype(np.int64) + int(first[6:]))


def households_of(city: City, households: Ints) -> Any:
    """household_no by the number of the household."""
    return numbered(f"H{city.code}", households.astype(np.int64) + 10_000_000)


async def load_people(connection: Connection, city: City, block: Block) -> None:
    """One block; households whose head is born later do not exist, since heads are grown-up."""
    await _load_households(connection, city, block)
    await copy(connection, "population.person", _persons(city, block))
    codes = {
        "mdtrt_cert_type": constant("01", len(block.places)),
        "mdtrt_cert_no": numbered("SIM", block.places),
        "psn_no": block.numbers(),
    }
    await copy(connection, "population.credential", codes)
    for tag in LOADED_TAGS:
        await _load_tag(connection, city, block, tag)
    await _load_roll(connection, city, block)


async def _load_households(connection: Connection, city: City, block: Block) -> None:
    heads = block.places[city.people.relation[block.places] == HEAD]
    rows = {
        "household_no": households_of(city, city.people.household[heads]),
        "head": numbers_of(heads),
        "area": texts(city.divisions.code, city.people.village[heads]),
    }
    await copy(connection, "population.household", rows)


def _persons(city: City, block: Block) -> dict[str, Any]:
    places, people = block.places, city.people
    plan = read_plan(PeoplePlan, city_folder(city.area) / "people.yaml")
    died = people.died[places]
    gone = (died >= 0) & (died <= day_number(block.as_of))
    villages = texts(city.divisions.code, people.village[places])
    return {
        "psn_no": block.numbers(),
        "certno": identity_numbers(people, places, city.code[:4] + IDENTITY_AREA),
        "psn_name": names_of(plan.names, people, places),
        "gend": people.sex[places].astype(str),
        "brdy": days(people.birth[places]),
        "die_date": days(died, gone),
        "hsreg_area": villages,
        "live_area": villages,
        "household_no": households_of(city, people.household[places]),
        "hshd_relation": texts(RELATIONS, people.relation[places]),
    }


async def _load_tag(connection: Connection, city: City, block: Block, tag: str) -> None:
    """Everybody with one tag, from the first day of the year or from birth on."""
    first = date(city.year, 1, 1)
    tagged = block.places[(city.people.tags[block.places] & tag_bit(tag)) > 0]
    count = len(tagged)
    rows = {
        "psn_no": numbers_of(tagged),
        "psn_idet_type": constant(tag_code(city.code, tag, first), count),
        "tag": constant(tag, count),
        "begntime": days(np.maximum(city.people.birth[tagged], day_number(first))),
        "source": constant(SOURCE, count),
        "owner": constant(owner_of(city.code, tag, first).code, count),
        "admdvs": constant(city.code, count),
    }
    await copy(connection, "population.identity_tag", rows)


async def _load_roll(connection: Connection, city: City, block: Block) -> None:
    """Pupils go to the school of their town; a class is a year of age."""
    pupils = block.places[city.people.psn_type[block.places] == PUPIL]
    town = city.divisions.parent[city.people.village[pupils]]
    schools = np.array([school_no(city, place) for place in range(len(city.divisions.code))], dtype=object)
    ages = city.year - (city.people.birth[pupils].astype("datetime64[D]").astype("datetime64[Y]").astype(int) + 1970)
    rows = {
        "school_no": pa.array(schools[town]),
        "year": constant(city.year, len(pupils)),
        "psn_no": numbers_of(pupils),
        "class": numbered("", ages - 5),
    }
    await copy(connection, "population.school_roll", rows)
