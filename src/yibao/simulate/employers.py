"""Employers (参保单位): few large ones and many small ones (Zipf), all made up, and who works where."""

import numpy as np

from yibao.simulate.draws import Draws, pick
from yibao.simulate.insured import Insured
from yibao.simulate.model import WORKING, Divisions, Employers, Ints
from yibao.simulate.plan import EmployerPlan, PeoplePlan

USCC_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
COUNTY = 3


def draw_employers(plan: PeoplePlan, divisions: Divisions, insured: Insured, draws: Draws) -> tuple[Ints, Employers]:
    """For every person the place of the employer or -1, and the employers."""
    draw = draws.stream("employers")
    workers = np.flatnonzero((insured.psn_type == WORKING) & ~insured.flexible)
    count = max(1, round(len(workers) / plan.employers.mean_size))
    weights = np.arange(1, count + 1, dtype=np.float64) ** -(plan.employers.exponent / 100 - 1)
    works_at = pick(weights, len(workers), draw)
    employer = np.full(len(insured.psn_type), -1, dtype=np.int32)
    employer[workers] = works_at
    counties = np.flatnonzero(divisions.level == COUNTY)
    homes = counties[draw.integers(0, len(counties), count)]
    size = np.bincount(works_at, minlength=count).astype(np.int32)
    return employer, Employers(
        emp_no=np.array([f"{plan.code}{number + 1:08d}" for number in range(count)]),
        uscc=np.array([_uscc(f"91{plan.code}", number) for number in range(count)]),
        name=np.array(_names(plan.employers, plan.divisions.city_name, count, draw)),
        admdvs=divisions.admdvs[homes],
        size=size,
    )


def _names(plan: EmployerPlan, city: str, count: int, draw: np.random.Generator) -> list[str]:
    """Names that no other employer has."""
    parts = [np.array(words) for words in (plan.words, plan.trades, plan.endings)]
    combined = np.char.add(np.char.add(parts[0][:, None, None], parts[1][None, :, None]), parts[2][None, None, :])
    flat = draw.permutation(combined.ravel())
    city = city.removesuffix("市")
    return [
        f"{city}仿真{flat[number % len(flat)]}" + (f"（{number // len(flat)}）" if number >= len(flat) else "")
        for number in range(count)
    ]


def _uscc(prefix: str, number: int) -> str:
    """A unified social credit code (GB 32100-2015) with its check character; the organisation part is made up."""
    first = f"{prefix}MA{number:07d}"
    total = sum(USCC_DIGITS.index(digit) * weight for digit, weight in zip(first, USCC_WEIGHTS, strict=True))
    return first + USCC_DIGITS[(31 - total % 31) % 31]
