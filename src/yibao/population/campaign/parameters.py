"""What a city's rules say about its campaign (areas/<city>/population/campaign.yaml), read for one insured year."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from yibao.core.config import ConfigurationError
from yibao.core.money import divide_half_up
from yibao.population.rules import Rules


class _Day(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day told from the insured year: `year` -1 is the year before it."""

    year: int
    month: int
    day: int
    percent: int = 0


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
    curve = _read(rules, "campaign_target_curve", day, tuple[_Day, ...])
    supervision = _read(rules, "campaign_supervision", day, _Supervision)
    return CampaignRules(
        year,
        _date(_read(rules, "campaign_first_day", day, _Day), year),
        _date(_read(rules, "campaign_last_day", day, _Day), year),
        _read(rules, "campaign_fully_subsidised_counts", day, bool),
        tuple(sorted((_date(point, year), point.percent * 100) for point in curve)),
        supervision.behind_average * 100,
        supervision.below_curve,
        supervision.answer_within_days,
    )


def _read(rules: Rules, name: str, day: date, shape: Any) -> Any:
    try:
        return msgspec.convert(rules.on(name, day), shape)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"rules of {rules.area_name}: {name}: {error}") from error


def _date(told: _Day, year: int) -> date:
    return date(year + told.year, told.month, told.day)
