"""Identity tags (人员身份标识): whole households that are poor, then single persons by age and sex.

A household has one of the tags of `tags.households` or none; who is supported as destitute (特困) loses it.
"""

import numpy as np
from numpy.typing import NDArray

from yibao.simulate.draws import TEN_THOUSAND, Draws, happens, pick
from yibao.simulate.households import Homes
from yibao.simulate.insured import Insured
from yibao.simulate.model import NEWBORN, PUPIL, STUDENT, Ints, tag_bit
from yibao.simulate.plan import PersonTag, TagPlan

DESTITUTE = "特困"


def draw_tags(
    plan: TagPlan, urban: NDArray[np.bool_], homes: Homes, age: Ints, sex: Ints, insured: Insured, draws: Draws
) -> Ints:
    """The bits of everybody's tags."""
    tags = _of_households(plan, urban[homes.head], draws)[homes.household]
    for number, rule in enumerate(plan.persons):
        has = _concerned(rule, homes, age, sex)
        share = np.where(urban, rule.urban, rule.rural)
        has &= happens(share, len(age), draws.stream("tags", number + 1))
        tags = np.where(has, tag_bit(rule.tag) if rule.tag == DESTITUTE else tags | tag_bit(rule.tag), tags)
    tags |= np.where(np.isin(insured.psn_type, (PUPIL, STUDENT)), tag_bit("学生"), 0)
    tags |= np.where(insured.psn_type == NEWBORN, tag_bit("新生儿"), 0)
    return tags.astype(np.uint16)


def _of_households(plan: TagPlan, urban: NDArray[np.bool_], draws: Draws) -> Ints:
    """Bits per household."""
    draw = draws.stream("tags")
    bits = np.array([tag_bit(rule.tag) | (tag_bit(rule.also) if rule.also else 0) for rule in plan.households] + [0])
    columns = [rule.rural for rule in plan.households], [rule.urban for rule in plan.households]
    rural, town = (bits[pick(np.array([*shares, TEN_THOUSAND - sum(shares)]), len(urban), draw)] for shares in columns)
    return np.where(urban, town, rural)


def _concerned(rule: PersonTag, homes: Homes, age: Ints, sex: Ints) -> NDArray[np.bool_]:
    concerned = (age >= rule.first) & (age <= rule.last)
    if rule.sex:
        concerned &= sex == rule.sex
    if rule.alone:
        concerned &= homes.size[homes.household] == 1
    return concerned
