"""What a city's rules say about its campaign (areas/<city>/population/campaign.yaml), read for one insured year."""

from dataclasses import dataclass
from datetime import date

import msgspec

from yibao.core.money import divide_half_up
from yibao.population.rules import Rules, YearDay


class _Point(YearDay, frozen=True, forbid_unknown_fields=True):
    """A day of the target curve, and the percent of the task asked for on it."""

    percent: int


class _Supervision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    behind_average: int
    below_curve: bool
    answer_within_days: int


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """`curve` holds (day, basis points of the task) in order; `behind_average` basis points."""

    year: int
    first_day: date
    last_day: date
    fully_subsidised_counts: bool
    curve: tuple[tuple[date, int], ...]
    behind_average: int
    below_curve: bool
    answer_within_days: int

    def target_on(self, day: date) -> int:
        """Basis points of the task that are asked for on `day`: straight lines between the days of the curve."""
        before, reached = self.first_day, 0
        for until, asked in self.curve:
            if day <= until:
                days = max((until - before).days, 1)
                return reached + divide_half_up((asked - reached) * max((day - before).days, 0), days)
            before, reached = until, asked
        return reached


def campaign_rules(rules: Rules, year: int) -> CampaignRules:
    """The campaign for insured year `year`; `Refused` P001 when the city has no such rules."""
    day = date(year, 1, 1)
    curve = rules.shaped("campaign_target_curve", day, tuple[_Point, ...])
    supervision = rules.shaped("campaign_supervision", day, _Supervision)
    return CampaignRules(
        year,
        rules.shaped("campaign_first_day", day, YearDay).of(year),
        rules.shaped("campaign_last_day", day, YearDay).of(year),
        rules.shaped("campaign_fully_subsidised_counts", day, bool),
        tuple(sorted((point.of(year), point.percent * 100) for point in curve)),
        supervision.behind_average * 100,
        supervision.below_curve,
        supervision.answer_within_days,
    )
