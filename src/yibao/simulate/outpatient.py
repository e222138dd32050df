"""Visits without a bed (门诊、药店): ordinary, hospital, emergency, pharmacy, chronic, two diseases, antenatal."""

from typing import Any

import numpy as np

from yibao.simulate.care import BILLS, MED_TYPES, Care, care_of
from yibao.simulate.draws import amounts
from yibao.simulate.illness import CarePlan, Rate, Shares, by_sex
from yibao.simulate.model import Ints
from yibao.simulate.patients import CERTIFIED, Patients
from yibao.simulate.providers import PHARMACY, ROLES, Providers, placed
from yibao.simulate.seasons import Calendar, ages_on

PER_YEAR = 100
DIALYSIS = "dialysis"


class Outpatient:
    """Draws the visits of one piece of patients; `draw` is the piece's own stream."""

    def __init__(
        self, plan: CarePlan, patients: Patients, providers: Providers, usual: Ints, calendar: Calendar,
        draw: np.random.Generator,
    ):  # fmt: skip
        self.plan, self.patients, self.providers, self.usual = plan, patients, providers, usual
        self.calendar, self.draw = calendar, draw
        middle = (calendar.first + calendar.last) // 2
        self.band = plan.band_of(np.maximum(ages_on(patients.birth, middle), 0))
        self.sex = patients.sex.astype(np.int64) - 1

    def all(self) -> list[Care]:
        """Every kind of visit."""
        return [
            self.ordinary("outpatient"), self.ordinary("hospital"), self.ordinary("emergency"),
            self.ordinary("pharmacy"), *self.chronic(), *self.two_diseases(), self.antenatal(),
        ]  # fmt: skip

    def departments(self) -> Any:
        """The department of each disease."""
        return np.array([disease.dept for disease in self.plan.diseases])

    def counts(self, kind: str) -> Ints:
        """How many visits of a kind each patient has: Poisson of a rate that differs between persons."""
        rates = self.plan.habits.rates
        mean = np.where(
            self.patients.employee, self._rate(rates["employee"][kind]), self._rate(rates["resident"][kind])
        )
        shape = rates["resident"][kind].shape
        differing = self.draw.gamma(shape, 1 / shape, len(mean))
        return self.draw.poisson(np.where(self.patients.guest, 0, mean * differing))

    def _rate(self, rate: Rate) -> Any:
        return by_sex(rate.male, rate.female)[self.sex, self.band] / rate.per

    def ordinary(self, kind: str) -> Care:
        """Visits for an acute illness."""
        patient = np.repeat(np.arange(len(self.patients)), self.counts(kind))
        disease, end = self.acute(patient)
        role = self.roles(kind, len(patient))
        place = placed(patient, role, self.patients, self.usual, self.providers, self.draw)
        names = {"emergency": "13", "pharmacy": "41"}
        bill = {"pharmacy": "pharmacy", "hospital": "hospital", "emergency": "hospital"}.get(kind, "")
        bills = BILLS.index(bill) if bill else np.where(role == 1, BILLS.index("town"), BILLS.index("village"))
        return care_of(
            len(patient), self.draw, patient=patient, med_type=MED_TYPES.index(names.get(kind, "11")), bill=bills,
            place=place, end=end, disease=disease, target=self.target(self.median(kind, patient, role)),
        )  # fmt: skip

    def roles(self, kind: str, count: int) -> Ints:
        """Which sort of institution."""
        if kind == "pharmacy":
            return np.full(count, PHARMACY)
        shares: Shares = getattr(self.plan.habits, f"{kind}_places")
        return drawn_role(shares, count, self.draw)

    def acute(self, patient: Ints) -> tuple[Ints, Ints]:
        """A disease by age and sex, and its day by season."""
        acute, draw = self.plan.illness.acute, self.draw
        weight = np.array([it.weight for it in acute])
        disease, chance = np.zeros(len(patient), np.int64), draw.random(len(patient))
        group = self.band[patient] * 2 + self.sex[patient]
        for number in np.unique(group):
            fits = np.array([it.sex in (0, number % 2 + 1) for it in acute])
            bounds = np.cumsum(weight[:, number // 2] * fits)
            here = np.flatnonzero(group == number)
            disease[here] = np.searchsorted(bounds, chance[here] * bounds[-1], side="right")
        names = list(self.plan.illness.seasons)
        season = np.array([names.index(it.season) for it in acute])[disease]
        table = np.stack([self.plan.season(name) for name in names])
        return disease + self.plan.first["acute"], self.calendar.drawn(table, season, draw)

    def median(self, kind: str, patient: Ints, role: Ints) -> Any:
        """Yuan of a usual visit of this kind there."""
        usual: Any = self.plan.habits.amounts
        if kind == "pharmacy":
            return np.where(self.patients.employee[patient], usual["pharmacy"], usual["pharmacy_resident"])
        if kind == "emergency":
            return np.full(len(role), usual["emergency"])
        table = usual if kind == "outpatient" else usual[kind]
        yuan = [table.get(name, 0) for name in ROLES]
        return np.array([0 if isinstance(amount, dict) else amount for amount in yuan])[role]

    def target(self, median: Any) -> Any:
        """Fen around a median in yuan, drawn; at least one yuan."""
        return amounts(median * 100, self.plan.habits.spread.outpatient, len(median), self.draw, least=100)

    def chronic(self) -> list[Care]:
        """Certified patients, month after month."""
        found = []
        for number, disease in enumerate(self.plan.illness.chronic):
            certified = np.flatnonzero((self.patients.chronic >> np.uint64(CERTIFIED + number)) & np.uint64(1))
            rate = disease.visits * self.plan.habits.certified_adherence / 100
            patient, end = self.monthly(certified, rate)
            role = drawn_role(self.plan.habits.chronic_places, len(patient), self.draw)
            median = self.median("chronic", patient, role)
            if disease.key == DIALYSIS:
                median = np.full(len(patient), self.plan.habits.amounts["chronic_dialysis"])
            found.append(self.certified(patient, end, role, number, median, "14"))
        return found

    def two_diseases(self) -> list[Care]:
        """Residents with high blood pressure or diabetes without certificate who are registered for drugs."""
        found, plan = [], self.plan.habits.two_diseases
        for number, disease in enumerate(self.plan.illness.chronic):
            if not disease.two_diseases:
                continue
            marks = self.patients.chronic >> np.uint64(number)
            plain = (marks & np.uint64(1)) & ~(marks >> np.uint64(CERTIFIED)) & np.uint64(1)
            chance = self.draw.random(len(self.patients)) * 100
            registered = np.flatnonzero((plain == 1) & (chance < plan.registered) & ~self.patients.employee)
            patient, end = self.monthly(registered, plan.visits)
            role = drawn_role(self.plan.habits.two_diseases_places, len(patient), self.draw)
            median = self.median("two_diseases", patient, role)
            found.append(self.certified(patient, end, role, number, median, "9901"))
        return found

    def certified(self, patient: Ints, end: Ints, role: Ints, number: int, median: Any, med_type: str) -> Care:
        """Visits for a chronic disease; `dise` says which."""
        return care_of(
            len(patient), self.draw, patient=patient, med_type=MED_TYPES.index(med_type), bill=BILLS.index("chronic"),
            place=placed(patient, role, self.patients, self.usual, self.providers, self.draw), end=end, disease=number,
            dise=number, target=self.target(median),
        )  # fmt: skip

    def monthly(self, who: Ints, per_year: float) -> tuple[Ints, Ints]:
        """Visits spread over the months: `per_year` / 12 in each, the rest by chance."""
        month = np.repeat(np.arange(12), len(who))
        patient = np.tile(who, 12)
        each = per_year / 12
        count = int(each) + (self.draw.random(len(patient)) < each - int(each))
        return np.repeat(patient, count), self.calendar.within(np.repeat(month, count), self.draw)

    def antenatal(self) -> Care:
        """Examinations of pregnant women."""
        births = self.plan.illness.delivery
        rate = by_sex((0,) * len(births.births_per_1000), births.births_per_1000)[self.sex, self.band] / 1000
        expecting = np.where(self.patients.guest, 0, rate * births.antenatal_visits)
        patient = np.repeat(np.arange(len(self.patients)), self.draw.poisson(expecting))
        role = drawn_role({"2": 60, "3": 40}, len(patient), self.draw)
        months = self.draw.integers(0, 12, len(patient))
        return care_of(
            len(patient), self.draw, patient=patient, med_type=MED_TYPES.index("51"), bill=BILLS.index("antenatal"),
            place=placed(patient, role, self.patients, self.usual, self.providers, self.draw),
            end=self.calendar.within(months, self.draw), disease=self.plan.first["antenatal"],
            target=self.target(np.full(len(patient), self.plan.habits.amounts["antenatal"])),
        )  # fmt: skip


def drawn_role(shares: Shares, count: int, draw: np.random.Generator) -> Ints:
    """A place in `ROLES` for each, by relative shares."""
    roles, weights = np.array([ROLES.index(name) for name in shares]), np.array(list(shares.values()))
    return roles[draw.choice(len(roles), count, p=weights / weights.sum())]
