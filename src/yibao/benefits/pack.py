"""A policy pack (政策包): one city's benefits as immutable records. `reading.load_pack` makes it from YAML."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yibao.benefits.condition import Condition
from yibao.benefits.value import Source, Value

ALWAYS = Condition()
FIRST_DAY, LAST_DAY = datetime.date.min, datetime.date.max


@dataclass(frozen=True)
class Deductible:
    """起付线. `period` visit, month or year; up/down/same: full, difference or none on a transfer."""

    standard: Value
    period: str = "visit"
    pool: str = ""
    yearly_limit: Value | None = None
    transfer: Mapping[str, str] = field(default_factory=dict)
    again_every_days: int = 0


@dataclass(frozen=True)
class Cap:
    """封顶线. `counts` payment, fees or fees_with_deductible; `period` visit, day, month or year."""

    limit: Value
    counts: str = "payment"
    period: str = "year"
    pool: str = ""
    by_disease: bool = False
    overflow: str = "fees"


@dataclass(frozen=True)
class Layer:
    """One layer of benefit: base portions in, paid / deductible / copay / over cap / pay first out."""

    name: str
    title: str
    base: tuple[str, ...]
    when: Condition = ALWAYS
    fund_type: str = ""
    column: str = "hifp_pay"
    pay_first: Value | None = None
    pay_first_after: bool = False
    deductible: Deductible | None = None
    percent: Value | None = None
    gross: bool = True
    within_year: bool = False
    recomputed: bool = False
    caps: tuple[Cap, ...] = ()
    account: str = ""
    start: datetime.date = FIRST_DAY
    end: datetime.date = LAST_DAY

    def values(self) -> list[Value]:
        """Every dated value of the layer."""
        found = [self.pay_first, self.percent, *(cap.limit for cap in self.caps)]
        if self.deductible:
            found += [self.deductible.standard, self.deductible.yearly_limit]
        return [value for value in found if value]


@dataclass(frozen=True)
class Scheme:
    """待遇: whom it is for, and its layers in order."""

    name: str
    when: Condition
    layers: tuple[str, ...]
    start: datetime.date = FIRST_DAY
    end: datetime.date = LAST_DAY


@dataclass(frozen=True)
class Exclusion:
    """A reason to refuse a whole bill, with the clause."""

    code: str
    when: Condition
    message: str
    source: Source | None = None
    clause: str = ""


@dataclass(frozen=True)
class LineRule:
    """What happens to a fee line: `all_to` one portion, or where its in-policy part goes and its prepaid ratio."""

    when: Condition
    all_to: str = ""
    into: str = "in_scope"
    prepay_ratio: int | None = None


@dataclass(frozen=True)
class LineRules:
    """The line rules of one period."""

    start: datetime.date
    end: datetime.date
    rules: tuple[LineRule, ...]


@dataclass(frozen=True, eq=False)
class Pack:
    """One city's policy. Compared and cached by identity; `version` is stored with every settlement.

    `used_facts` are the facts that any rule looks at, `turns` the sorted days on which any rule changes: together
    they say when two visits have the same plan, and `plans` keeps those (filled by `plan.plan_for` only).
    """

    area_code: str
    area_name: str
    version: str
    layers: Mapping[str, Layer]
    schemes: tuple[Scheme, ...]
    exclusions: tuple[Exclusion, ...] = ()
    portions: tuple[str, ...] = ()
    portion_titles: Mapping[str, str] = field(default_factory=dict)
    line_rules: tuple[LineRules, ...] = ()
    admission_care: frozenset[str] = frozenset()
    year_crossing: str = "discharge"
    deductible_in: str = "first"
    cancellation: str = "refuse_with_list"
    family_order: str = "as_bound"
    family_one_only: bool = False
    maternity: Mapping[str, Any] = field(default_factory=dict)
    premium: Mapping[str, Value] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    used_facts: tuple[str, ...] = ()
    turns: tuple[datetime.date, ...] = ()
    plans: dict[Any, Any] = field(default_factory=dict, repr=False)
