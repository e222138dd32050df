"""The people of the city (人口): age and sex, death, households, insurance, employers, tags, names, in this order.

Every step draws from a stream of its own and fills columns for everybody at once. Ages are those of the last day of
the year, newborn of the year included. Two million persons take about 20 seconds.
"""

from datetime import date

import numpy as np

from yibao.simulate.draws import Draws, happens, pick
from yibao.simulate.employers import draw_employers
from yibao.simulate.households import draw_households
from yibao.simulate.insured import Insured, draw_insurance
from yibao.simulate.model import FEMALE, MALE, Divisions, Employers, Ints, People
from yibao.simulate.names import draw_names
from yibao.simulate.plan import PeoplePlan, by_age
from yibao.simulate.tags import draw_tags

EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def draw_people(
    plan: PeoplePlan, divisions: Divisions, count: int, year: int, draws: Draws
) -> tuple[People, Employers]:
    """`count` persons and the employers of those who work."""
    age, sex = _ages_and_sexes(plan, count, draws)
    homes = draw_households(plan.households, divisions, age, sex, draws)
    age, sex = age[homes.order], sex[homes.order]
    birth = _births(age, year, draws)
    died = _deaths(plan, age, sex, birth, year, draws)
    insured: Insured = draw_insurance(plan, divisions.urban[homes.village], homes.village, age, sex, birth, year, draws)
    employer, employers = draw_employers(plan, divisions, insured, draws)
    tags = draw_tags(plan.tags, divisions.urban[homes.village], homes, age, sex, insured, draws)
    surname, given = draw_names(plan.names, homes, sex, draws)
    people = People(
        sex=sex,
        birth=birth,
        died=died,
        village=homes.village,
        household=homes.household,
        relation=homes.relation,
        insurance=insured.insurance,
        elsewhere=insured.elsewhere,
        psn_type=insured.psn_type,
        employer=employer,
        base=insured.base,
        balance=insured.balance,
        insured_years=insured.years,
        enrolled_on=insured.enrolled_on,
        tags=tags,
        chronic=np.zeros(count, dtype=np.uint64),
        sequence=_sequences(birth, sex),
        surname=surname,
        given=given,
    )
    return people, employers


def _ages_and_sexes(plan: PeoplePlan, count: int, draws: Draws) -> tuple[Ints, Ints]:
    """Completed years at the end of the year, and sex; within a band every year of age is as likely."""
    bands = plan.ages.bands
    ends = [band[0] for band in bands[1:]] + [plan.ages.oldest]
    cells = np.zeros((plan.ages.oldest, 2))
    for (first, *shares), end in zip(bands, ends, strict=True):
        cells[first:end] = np.array(shares) / (end - first)
    cell = pick(cells.ravel(), count, draws.stream("ages"))
    return (cell // 2).astype(np.int16), np.where(cell % 2, FEMALE, MALE).astype(np.int8)


def _births(age: Ints, year: int, draws: Draws) -> Ints:
    """A day of the year of birth."""
    starts = np.array([day_number(date(year - back, 1, 1)) for back in range(-1, int(age.max()) + 1)])
    first, after = starts[age + 1], starts[age]
    birth: Ints = first + (draws.stream("births").random(len(age)) * (after - first)).astype(np.int32)
    return birth.astype(np.int32)


def _deaths(plan: PeoplePlan, age: Ints, sex: Ints, birth: Ints, year: int, draws: Draws) -> Ints:
    """The day of death for those who die in the year, else -1; never before birth."""
    draw, count = draws.stream("deaths"), len(age)
    rate = by_age(plan.deaths.bands)[age, sex - 1]
    dying = happens(rate, count, draw, of=100_000)
    months = [day_number(date(year, month, 1)) for month in range(1, 13)] + [day_number(date(year + 1, 1, 1))]
    month = pick(np.array(plan.deaths.month_weights), count, draw)
    first, after = np.array(months)[month], np.array(months)[month + 1]
    day = first + (draw.random(count) * (after - first)).astype(np.int32)
    return np.where(dying, np.maximum(day, birth), -1).astype(np.int32)


def _sequences(birth: Ints, sex: Ints) -> Ints:
    """Sequence of the identity number: counts up within a day and sex, odd for males.

    Raises `ValueError` when more persons share a birth day and sex than the three digits can tell apart.
    """
    key = birth.astype(np.int64) * 2 + sex % 2
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.r_[starts, len(key)]))
    if rank.max(initial=0) >= 499:
        raise ValueError("more than 499 persons of one sex share a birth day: build fewer people")
    sequence = np.empty(len(key), dtype=np.int16)
    sequence[order] = 2 * rank + np.where(sex[order] == MALE, 1, 2)
    return sequence
