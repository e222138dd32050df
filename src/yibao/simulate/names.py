"""Names and identity numbers (姓名、公民身份号码) of made-up persons, made when they are written.

Children have the householder's surname. The area of an identity number is 340699, which no place has, like those of
the demo; check digits are right.
"""

import numpy as np

from yibao.population.identity import CHECK_DIGITS, WEIGHTS
from yibao.simulate.draws import Draws, pick
from yibao.simulate.households import Homes
from yibao.simulate.model import DAUGHTER, MALE, SON, Ints, People, Texts
from yibao.simulate.plan import NamePlan

WIDTH = 128
"""A given name is first character × WIDTH + second; a second one of WIDTH − 1 is none."""
ONE_CHARACTER = 1500


def draw_names(plan: NamePlan, homes: Homes, sex: Ints, draws: Draws) -> tuple[Ints, Ints]:
    """Surnames, the common ones oftener, and given names as numbers."""
    draw, count = draws.stream("names"), len(sex)
    surname = pick(1 / (np.arange(len(plan.surnames)) + 4.0), count, draw)
    child = np.isin(homes.relation, (SON, DAUGHTER))
    surname = np.where(child, surname[homes.head[homes.household]], surname)
    pools = np.where(sex == MALE, len(plan.male) + len(plan.common), len(plan.female) + len(plan.common))
    first, second = (draw.integers(0, pools) for _ in range(2))
    second = np.where(draw.integers(0, 10_000, count) < ONE_CHARACTER, WIDTH - 1, second)
    return surname.astype(np.uint8), (first * WIDTH + second).astype(np.uint16)


def names_of(plan: NamePlan, people: People, places: Ints) -> Texts:
    """Full names of the persons in `places`."""
    surnames = np.array(plan.surnames)[people.surname[places]]
    pools = [np.array([*pool, *plan.common] + [""] * (WIDTH - len(pool) - len(plan.common))) for pool in
             (plan.male, plan.female)]  # fmt: skip
    given, female = people.given[places], people.sex[places] != MALE
    first, second = (np.where(female, pools[1][part], pools[0][part]) for part in (given // WIDTH, given % WIDTH))
    return np.char.add(np.char.add(surnames, first), second)


def identity_numbers(people: People, places: Ints, area: str) -> Texts:
    """Identity numbers of the persons in `places`, 18 characters each; `area` six digits."""
    birth = people.birth[places].astype("datetime64[D]").astype(str)
    digits = np.char.replace(birth, "-", "")
    first = np.char.add(np.char.add(area, digits), np.char.zfill(people.sequence[places].astype(str), 3))
    codes = first.view(np.uint32).reshape(len(first), -1)[:, :17].astype(np.int64) - ord("0")
    return np.char.add(first, np.array(list(CHECK_DIGITS))[codes @ np.array(WEIGHTS) % 11])
