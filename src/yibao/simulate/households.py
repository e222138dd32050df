"""Households (户): couples by age, children with mothers, single grown-ups and old parents with somebody or alone.

Husbands are found by rank of age, mothers of a child by the age they had at birth. A household then gets a village,
and persons are put in the order of villages and households, so that neighbours have neighbouring numbers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yibao.simulate.draws import Draws, happens, pick
from yibao.simulate.model import DAUGHTER, FEMALE, HEAD, MALE, PARENT, SON, SPOUSE, Divisions, Ints
from yibao.simulate.plan import HouseholdPlan, by_age

OLD, YOUNG_UNTIL = 65, 40


@dataclass(frozen=True, slots=True)
class Homes:
    """`order` is where each person of the drawing comes from; the other columns are in the new order already."""

    order: Ints
    household: Ints
    relation: Ints
    village: Ints
    size: Ints  # persons per household
    head: Ints  # place of the householder per household


def draw_households(plan: HouseholdPlan, divisions: Divisions, age: Ints, sex: Ints, draws: Draws) -> Homes:
    """Who lives with whom and where, from ages and sexes."""
    wives, husbands = _couples(plan, age, sex, draws)
    household = np.full(len(age), -1, dtype=np.int32)
    relation = np.full(len(age), HEAD, dtype=np.int8)
    household[wives] = household[husbands] = np.arange(len(wives))
    relation[wives] = SPOUSE
    if len(wives):
        _move_in(plan, age, sex, wives, household, relation, draws)
    alone = np.flatnonzero(household < 0)
    household[alone] = len(wives) + np.arange(len(alone))
    return _in_order(divisions, household, relation, draws)


def _couples(plan: HouseholdPlan, age: Ints, sex: Ints, draws: Draws) -> tuple[Ints, Ints]:
    """Places of wives and of their husbands."""
    draw = draws.stream("couples")
    married = happens(by_age(plan.married)[age, 0], len(age), draw)
    wives = np.flatnonzero(married & (sex == FEMALE))
    as_wife = np.maximum(age - plan.husband_older.mean, 0)
    husband = happens(by_age(plan.married)[as_wife, 0], len(age), draw) & (age >= plan.child_until)
    men = np.flatnonzero(husband & (sex == MALE))
    sought = age[wives] + draw.normal(plan.husband_older.mean, plan.husband_older.spread, len(wives))
    wives = wives[np.argsort(sought, kind="stable")]
    men = men[np.argsort(age[men] + draw.random(len(men)), kind="stable")]
    fewer = min(len(wives), len(men))
    wives = wives[np.sort(draw.permutation(len(wives))[:fewer])]
    chosen = np.sort(draw.permutation(len(men))[:fewer])
    return wives, men[chosen]


def _move_in(
    plan: HouseholdPlan, age: Ints, sex: Ints, wives: Ints, household: Ints, relation: Ints, draws: Draws
) -> None:
    """Children, single grown-ups and old parents join the couples; `household` and `relation` are filled in."""
    draw, free, count = draws.stream("move in"), household < 0, len(age)
    of_age = plan.child_until
    young = free & (age >= of_age) & (age < YOUNG_UNTIL) & happens(plan.single_with_parents, count, draw)
    children = np.flatnonzero((free & (age < of_age)) | young)
    parents = np.flatnonzero(free & (age >= OLD) & happens(plan.parent_with_children, count, draw))
    between = plan.mother_older
    for moving, direction in ((children, 1), (parents, -1)):
        gap = np.clip(draw.normal(between.mean, between.spread, len(moving)), between.least, between.most)
        household[moving] = household[_of_age(age, wives, age[moving] + direction * gap, draw)]
    relation[children] = np.where(sex[children] == MALE, SON, DAUGHTER)
    relation[parents] = PARENT


def _of_age(age: Ints, women: Ints, sought: NDArray[np.float64], draw: np.random.Generator) -> Ints:
    """For each sought age one of the women of about that age."""
    ordered = women[np.argsort(age[women], kind="stable")]
    ages = age[ordered]
    first, last = np.searchsorted(ages, np.floor(sought)), np.searchsorted(ages, np.floor(sought) + 1)
    place = first + (draw.random(len(sought)) * np.maximum(last - first, 1)).astype(np.int64)
    found: Ints = ordered[np.minimum(place, len(ordered) - 1)]
    return found


def _in_order(divisions: Divisions, household: Ints, relation: Ints, draws: Draws) -> Homes:
    """Give every household a village and sort persons by village, household and relation."""
    households = int(household.max()) + 1
    village = pick(divisions.weight, households, draws.stream("villages"))
    rank = np.empty(households, dtype=np.int32)
    rank[np.argsort(village, kind="stable")] = np.arange(households, dtype=np.int32)
    renumbered = rank[household]
    order = np.argsort(renumbered.astype(np.int64) * 8 + relation, kind="stable")
    household_of = renumbered[order]
    return Homes(
        order=order,
        household=household_of,
        relation=relation[order],
        village=village[household][order].astype(np.int16),
        size=np.bincount(household_of, minlength=households),
        head=np.searchsorted(household_of, np.arange(households)),
    )
