"""When a resident's yearly premium may be paid, and what then is due (集中征缴期、集中征缴期后、中途参保). Pure.

    calendar(rules, year)              the collection window of a year with its extension, and what follows it
    term(calendar, day, entrant)       normal, late or midyear on `day`; None when nothing more may be paid

The days of the window are the campaign's (`campaign_first_day`, `campaign_last_day`); the rest stands in
areas/<city>/population/resident.yaml.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

import msgspec

from yibao.core.errors import Refusal, Refused
from yibao.population.rules import Rules, YearDay

Kind = Literal["normal", "late", "midyear"]


class _Late(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    until: YearDay
    amount: Literal["personal", "personal_and_fiscal"]


class Entrant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may enter in the middle of a year without waiting (中途参保人员); `when` says what is seen by itself."""

    ground: str
    title: str
    when: Literal["", "born", "subsidised"] = ""
    within_days: int = 0


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A way to pay; `hours` after which a payment is to be seen at the latest, 0 at once."""

    code: str
    title: str
    hours: int


@dataclass(frozen=True, slots=True)
class Term:
    """How a contribution is due: its kind, whether public finance's part is the person's too, ground and clause."""

    kind: Kind
    with_fiscal: bool = False
    ground: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of one insured year in one city; `late_until` None where nobody pays after the window."""

    year: int
    opens: date
    closes: date
    late_until: date | None = None
    late_term: Term = Term("late")
    newborn_days: int = 0
    newborn_clause: str = ""
    entrants: tuple[Entrant, ...] = ()
    entrants_clause: str = ""
    entrant_by_when: dict[str, Entrant] = field(default_factory=dict)

    def last_day(self, kind: str) -> date:
        """The last day on which a contribution of this kind may be paid as it is."""
        if kind == "normal":
            return self.closes
        return (kind == "late" and self.late_until) or date(self.year, 12, 31)


def calendar(rules: Rules, year: int) -> Calendar:
    """The calendar of a year; `Refused` P001 when the city names no collection window."""
    day = date(year, 1, 1)
    opens = rules.shaped("campaign_first_day", day, YearDay).of(year)
    closes = rules.shaped("campaign_last_day", day, YearDay).of(year)
    late_until, late_term = _late(rules, year)
    entrants, clause = _entrants(rules, day)
    by_when: dict[str, Entrant] = {entrant.when: entrant for entrant in entrants if entrant.when}
    newborn = rules.value("newborn_days", day) if "born" in by_when else None
    return Calendar(
        year,
        opens,
        closes,
        late_until,
        late_term,
        newborn.content if newborn else 0,
        rules.citation(newborn) if newborn else "",
        entrants,
        clause,
        by_when,
    )


def term(
    calendar: Calendar, day: date, *, ground: str = "", newborn: bool = False, subsidised: bool = False
) -> Term | None:
    """How the year's premium is due on `day`, or None when it cannot be paid any more.

    `ground` names an entrant of the area; `newborn` a child within the days of grace.
    Raises `Refused` P604 for a ground that the area does not know.
    """
    if ground:
        return _midyear(calendar, ground)
    if newborn and "born" in calendar.entrant_by_when:
        return Term("midyear", False, calendar.entrant_by_when["born"].ground, calendar.newborn_clause)
    if day <= calendar.closes:
        return Term("normal")
    if day > date(calendar.year, 12, 31):
        return None
    if subsidised and "subsidised" in calendar.entrant_by_when:
        return _midyear(calendar, calendar.entrant_by_when["subsidised"].ground)
    if calendar.late_until is None or day > calendar.late_until:
        return None
    return calendar.late_term


def born_since(calendar: Calendar, day: date) -> date:
    """Born on or after this day a child is still within the days of grace on `day`."""
    return day - timedelta(days=calendar.newborn_days)


def channels(rules: Rules, day: date) -> dict[str, Channel]:
    """The city's ways to pay by code; `Refused` P001 when none is known."""
    found = rules.shaped("premium_channels", day, tuple[Channel, ...])
    return {channel.code: channel for channel in found}


def order_hours(rules: Rules, channel: str, day: date) -> int:
    """How many hours an order over this channel may be paid; `Refused` P001 when the city says nothing."""
    hours: dict[str, int] = rules.shaped("order_hours", day, dict[str, int])
    if channel not in hours:
        raise Refused(no_such_channel(rules, channel))
    return hours[channel]


def no_such_channel(rules: Rules, channel: str) -> Refusal:
    """The city does not take premiums this way."""
    return Refusal("P601", f"{rules.area_name}没有开通缴费渠道{channel}", "请选择本地公布的缴费渠道", "channel")


def _midyear(calendar: Calendar, ground: str) -> Term:
    if all(entrant.ground != ground for entrant in calendar.entrants):
        known = "、".join(f"{entrant.ground}（{entrant.title}）" for entrant in calendar.entrants) or "无"
        raise Refused(Refusal("P604", f"没有中途参保情形{ground}", f"本地可用的情形：{known}", "ground"))
    clause = calendar.newborn_clause if ground == "newborn" else calendar.entrants_clause
    return Term("midyear", False, ground, clause)


def _late(rules: Rules, year: int) -> tuple[date | None, Term]:
    value = rules.value("late_premium", date(year, 1, 1))
    late = rules.shaped("late_premium", date(year, 1, 1), _Late | None)
    if late is None:
        return None, Term("late")
    with_fiscal = late.amount == "personal_and_fiscal"
    return late.until.of(year), Term("late", with_fiscal, "", rules.citation(value))


def _entrants(rules: Rules, day: date) -> tuple[tuple[Entrant, ...], str]:
    """Nobody enters by a ground of his own where the city names none."""
    if "midyear_entrants" not in rules.parameters:
        return (), ""
    value = rules.value("midyear_entrants", day)
    return rules.shaped("midyear_entrants", day, tuple[Entrant, ...]), rules.citation(value)
