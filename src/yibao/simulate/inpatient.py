"""Stays (住院): for the disease mix, courses of severe diseases, deliveries, last stays, and people from elsewhere."""

from typing import Any

import numpy as np

from yibao.simulate.care import BILLS, DEAD, DELIVERIES, FILINGS, HOME, MED_TYPES, TRANSFER, Care, care_of
from yibao.simulate.draws import amounts
from yibao.simulate.illness import Shares, by_sex
from yibao.simulate.model import Ints
from yibao.simulate.outpatient import Outpatient, drawn_role
from yibao.simulate.patients import CERTIFIED, is_poor
from yibao.simulate.providers import AWAY, LEVEL_2, PSYCHIATRIC, ROLES, TOWN, placed

TRANSFERRED = 0.02
"""Share of stays at the lower levels that end in a transfer to a higher one."""


class Inpatient(Outpatient):
    """Draws the stays of one piece of patients."""

    def all(self) -> list[Care]:
        """Every kind of stay."""
        return [self.ordinary_stays(), *self.courses(), self.deliveries(), self.terminal(), *self.inbound()]

    def ordinary_stays(self) -> Care:
        """Stays for the disease mix; the poor have more."""
        poor = is_poor(self.patients.tags, self.plan)
        counts = self.counts("stay")
        more = self.draw.poisson(np.where(poor, counts * (self.plan.habits.poor.stay - 1), 0.0))
        patient = np.repeat(np.arange(len(self.patients)), counts + more)
        disease, end = self.mixed(patient)
        return self.stays(patient, disease, end, self.plan.referral.places)

    def mixed(self, patient: Ints, severity: Shares | None = None) -> tuple[Ints, Ints]:
        """A disease of the stays by age and sex, and the day of discharge by season.

        `severity` makes diseases of some severity as many times as frequent.
        """
        listed, times = self.plan.illness.stays, severity or {}
        weight = np.stack([by_sex(it.male, it.female) * times.get(it.severity, 1.0) for it in listed])
        disease, chance = np.zeros(len(patient), np.int64), self.draw.random(len(patient))
        group = self.band[patient] * 2 + self.sex[patient]
        for number in np.unique(group):
            fits = np.array([it.sex in (0, number % 2 + 1) for it in listed])
            bounds = np.cumsum(weight[:, number % 2, number // 2] * fits)
            here = np.flatnonzero(group == number)
            disease[here] = np.searchsorted(bounds, chance[here] * bounds[-1], side="right")
        names = list(self.plan.illness.seasons)
        season = np.array([names.index(it.season) for it in listed])[disease]
        table = np.stack([self.plan.season(name) for name in names])
        return disease, self.calendar.drawn(table, season, self.draw)

    def stays(self, patient: Ints, disease: Ints, end: Ints, places: dict[str, Shares]) -> Care:
        """Stays for diseases of the list (places in `illness.stays`)."""
        listed = self.plan.illness.stays
        role = self.levels(patient, np.array([it.severity for it in listed])[disease], places)
        special = np.array([it.med_type == "21303" for it in listed])[disease] & (role != AWAY)
        role = np.where(special, PSYCHIATRIC, role)
        operation = np.array([it.operation.share if it.operation else 0.0 for it in listed])[disease]
        operated = (self.draw.random(len(patient)) * 100 < operation) & (role != TOWN)
        days = self.days(np.array([it.days for it in listed])[disease], role)
        types = np.array([MED_TYPES.index(it.med_type) for it in listed])[disease]
        # what it costs follows the disease and the level; half of it the days
        median = np.array([it.cost for it in listed])[disease] * self.prices(self.plan.habits.stay_amounts)[role]
        mean = np.array([it.days for it in listed])[disease]
        factor = 0.5 + 0.5 * days / mean
        factor = factor * np.where(is_poor(self.patients.tags[patient], self.plan), self.plan.habits.poor.amount, 1.0)
        return self.placed_stays(
            patient, role, end, days, self.plan.first["stays"] + disease,
            self.amount(median * factor, self.plan.habits.spread.stay), operated, med_type=types,
        )  # fmt: skip

    def levels(self, patient: Ints, severity: Any, places: dict[str, Shares]) -> Ints:
        """Where a stay is: by severity, for employees rather higher."""
        role = np.zeros(len(patient), np.int64)
        factor = self.plan.referral.employee_factor
        for name, shares in places.items():
            for employee in (False, True):
                here = np.flatnonzero((severity == name) & (self.patients.employee[patient] == employee))
                scaled = {key: share * (factor.get(key, 1) if employee else 1) for key, share in shares.items()}
                role[here] = drawn_role(scaled, len(here), self.draw)
        return role

    def days(self, mean: Any, role: Ints) -> Any:
        """Days of a stay, at least one."""
        scale = np.array([self.plan.habits.stay_days.get(name, 100) for name in ROLES])[role] / 100
        shape = 4.0
        return np.maximum(1, np.rint(self.draw.gamma(shape, mean * scale / shape))).astype(np.int64)

    def prices(self, table: Shares) -> Any:
        """Yuan per unit of cost by role; a special hospital is like the second level."""
        prices = np.array([table.get(name, 0.0) for name in ROLES])
        prices[PSYCHIATRIC] = prices[LEVEL_2]
        return prices

    def amount(self, median: Any, spread: float) -> Any:
        """Fen around a median in yuan, drawn."""
        return amounts(median * 100, spread, len(median), self.draw, least=10_000)

    def placed_stays(
        self, patient: Ints, role: Ints, end: Ints, days: Ints, disease: Any, target: Ints, operated: Any,
        bill: str = "", **more: Any,
    ) -> Care:  # fmt: skip
        """Stays with an institution, a filing and a way of discharge."""
        place = placed(patient, role, self.patients, self.usual, self.providers, self.draw)
        kinds: Any = np.where(operated, BILLS.index("operation"), BILLS.index("stay"))
        kinds = np.where(role == TOWN, BILLS.index("stay_town"), kinds)
        way = np.where((self.draw.random(len(patient)) < TRANSFERRED) & (role != AWAY), TRANSFER, HOME)
        told = {"way": way, "filing": self.filings(patient, place), **more}
        return care_of(
            len(patient), self.draw, patient=patient, place=place, begin=end - days, end=end, disease=disease,
            target=target, operated=operated, bill=BILLS.index(bill) if bill else kinds, **told,
        )  # fmt: skip

    def filings(self, patient: Ints, place: Ints) -> Ints:
        """Whether and how care away from home was filed; a person from elsewhere is away here."""
        area = self.area_of(patient, place)
        filing = np.zeros(len(patient), np.int64)
        for number, name in ((1, "in_province"), (2, "out_of_province")):
            shares = self.plan.referral.filing[name]
            here = np.flatnonzero(area == number)
            weights = np.array([shares.get(kind, 0.0) for kind in FILINGS])
            filing[here] = self.draw.choice(len(FILINGS), len(here), p=weights / weights.sum())
        return filing

    def area_of(self, patient: Ints, place: Ints) -> Ints:
        """0 care at home, 1 elsewhere in the province, 2 outside it."""
        homes = self.patients.homes[self.patients.home[patient]]
        there = self.providers.admdvs[place]
        same_city = homes.astype("U4") == there.astype("U4")
        return np.where(same_city, 0, np.where(homes.astype("U2") == there.astype("U2"), 1, 2))

    def courses(self) -> list[Care]:
        """Stay after stay of those in a course of treatment."""
        return [self.course(number) for number in range(len(self.plan.illness.courses))]

    def course(self, number: int) -> Care:
        """The stays of one course, month by month while it lasts."""
        course, draw = self.plan.illness.courses[number], self.draw
        keys = [it.key for it in self.plan.illness.chronic]
        bit = np.uint64(CERTIFIED + keys.index(course.chronic))
        sick = (((self.patients.chronic >> bit) & np.uint64(1)) == 1) & ~self.patients.guest
        who = np.flatnonzero(sick & (draw.random(len(self.patients)) * 100 < course.of_chronic))
        onset = draw.integers(course.onset[0], course.onset[1] + 1, len(who))
        until = onset + draw.geometric(1 / course.lasts, len(who))
        usual = np.exp(draw.normal(0, self.plan.habits.spread.person_course, len(who)))
        away = draw.random(len(who)) * 100 < course.away
        shares = self.plan.referral.places[course.severity]
        hospitals = {key: share for key, share in shares.items() if key not in ("away", "town")}
        at_home = drawn_role(hospitals, len(who), draw)
        level = np.where(away, AWAY, at_home)
        active = np.flatnonzero((onset[:, None] <= np.arange(12)) & (np.arange(12) < until[:, None]))
        times = draw.poisson(course.per_month, len(active))
        row, month = np.repeat(active // 12, times), np.repeat(active % 12, times)
        days = self.days(np.full(len(row), course.days), level[row])
        median = course.cost * self.prices(self.plan.habits.stay_amounts_course)[level[row]] * usual[row]
        operated = draw.random(len(row)) * 100 < (course.operation.share if course.operation else 0)
        return self.placed_stays(
            who[row], level[row], self.calendar.within(month, draw), days, self.plan.first["courses"] + number,
            self.amount(median, self.plan.habits.spread.course), operated, "course", med_type=MED_TYPES.index("2101"),
        )  # fmt: skip

    def deliveries(self) -> Care:
        """Births: natural or by section, at most one a year."""
        births, draw = self.plan.illness.delivery, self.draw
        rate = by_sex((0,) * len(births.births_per_1000), births.births_per_1000)[self.sex, self.band] / 1000
        patient = np.flatnonzero((draw.random(len(rate)) < rate) & ~self.patients.guest)
        section = draw.random(len(patient)) * 100 < births.caesarean
        role = drawn_role({"2": 62, "3": 33, "1": 5}, len(patient), draw)
        mean = np.where(section, births.section.days, births.natural.days)
        cost = np.where(section, births.section.cost, births.natural.cost)
        resident = np.where(section, MED_TYPES.index("2107"), MED_TYPES.index("2106"))
        end = self.calendar.within(draw.integers(0, 12, len(patient)), draw)
        return self.placed_stays(
            patient, role, end, self.days(mean, role), self.plan.first["natural"] + section,
            self.amount(cost * self.prices(self.plan.habits.stay_amounts)[role], 0.3), np.ones(len(patient), bool),
            med_type=np.where(self.patients.employee[patient], MED_TYPES.index("52"), resident),
            delivery=np.where(section, DELIVERIES.index("caesarean"), DELIVERIES.index("natural")),
        )  # fmt: skip

    def terminal(self) -> Care:
        """The stay in which somebody dies."""
        terminal, draw = self.plan.illness.terminal, self.draw
        here = (self.patients.died >= 0) & (draw.random(len(self.patients)) * 100 < terminal.share)
        patient = np.flatnonzero(here & ~self.patients.guest)
        role = self.levels(patient, np.full(len(patient), "severe"), self.plan.referral.places)
        days = self.days(np.full(len(patient), terminal.days), role)
        days = np.minimum(days, np.maximum(0, self.patients.died[patient] - self.patients.birth[patient]))
        median = terminal.cost * self.prices(self.plan.habits.stay_amounts)[role]
        return self.placed_stays(
            patient, role, self.patients.died[patient].astype(np.int64), days, self.plan.first["terminal"],
            self.amount(median, self.plan.habits.spread.stay), draw.random(len(patient)) < 0.25,
            med_type=MED_TYPES.index("2101"), way=DEAD,
        )  # fmt: skip

    def inbound(self) -> list[Care]:
        """What people from elsewhere come for."""
        inbound, draw = self.plan.referral.inbound, self.draw
        guests = np.flatnonzero(self.patients.guest)
        patient = np.repeat(guests, np.maximum(1, draw.poisson(inbound.visits, len(guests))))
        stays = draw.random(len(patient)) * 100 < inbound.stay
        staying, others = patient[stays], patient[~stays]
        disease, end = self.mixed(staying, inbound.severity)
        there = dict.fromkeys(inbound.severity, inbound.places)
        beds = self.stays(staying, disease, end, there)
        disease, end = self.acute(others)
        role = drawn_role(inbound.places, len(others), draw)
        place = placed(others, role, self.patients, self.usual, self.providers, draw)
        visits = care_of(
            len(others), draw, patient=others, med_type=MED_TYPES.index("11"), bill=BILLS.index("hospital"),
            place=place, end=end, disease=disease, target=self.target(self.median("hospital", others, role)),
            filing=self.filings(others, place),
        )  # fmt: skip
        return [beds, visits]


def all_care(outpatient: Outpatient, inpatient: Inpatient) -> list[Care]:
    """Every visit that was drawn."""
    return [*outpatient.all(), *inpatient.all()]
