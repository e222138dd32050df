"""A city's rules of enrolment, contributions and entitlement (参保征缴规则): dated values with their source.

`areas/<city>/population/<topic>.yaml`, one file per topic:

    area: {code: "340600", name: 淮北市}
    sources:
      bureau2024: {title: 《…问答》, grade: A}
    parameters:
      late_waiting_months:
        title: 集中征缴期后缴费的等待月数
        values:
          - {from: 2024-01-01, source: bureau2024, clause: 第 5 问, is: 3}
          - {to: 2023-12-31, unverified: true, note: 取自同省某市, is: 3}

`rules_of(admdvs)` gives the rules of a city; `rules.value(name, day)` the value in force, with its clause; `rules.on`
the plain `is`, `rules.shaped` the same in a type that checks it. A name that the city does not have is a `Refused`
P001, never a default from code. `is` may be any YAML; write money in yuan and shares in percent and turn them with
`core.money`.
"""

from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import yaml

from yibao.core.config import AREAS, ConfigurationError
from yibao.core.errors import Refusal, Refused

FIRST_DAY, LAST_DAY = date.min, date.max


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a value comes from; grades as in docs/areas.md."""

    title: str
    grade: str = "A"
    url: str = ""
    note: str = ""


class Value(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"begins": "from", "ends": "to", "content": "is"}
):
    """One dated value: days inclusive; `unverified` says that no law or notice of this city is known for it."""

    content: Any
    begins: date = FIRST_DAY
    ends: date = LAST_DAY
    source: str = ""
    clause: str = ""
    note: str = ""
    unverified: bool = False


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One number or table of a city, in its versions."""

    title: str
    values: tuple[Value, ...]


class YearDay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day told from the insured year, as rules write one: `year` -1 is the year before it."""

    year: int
    month: int
    day: int

    def of(self, insured_year: int) -> date:
        """The day for this insured year."""
        return date(insured_year + self.year, self.month, self.day)


class _Area(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    code: str
    name: str


class _Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    area: _Area
    parameters: dict[str, Parameter]
    sources: dict[str, Source] = {}


class Rules:
    """Every parameter of one city, and the sources that they name."""

    def __init__(self, area_code: str, area_name: str, parameters: dict[str, Parameter], sources: dict[str, Source]):
        self.area_code = area_code
        self.area_name = area_name
        self.parameters = parameters
        self.sources = sources

    def value(self, name: str, day: date) -> Value:
        """The value in force on `day`; `Refused` P001 when the city has none."""
        known = self.parameters.get(name)
        for value in known.values if known else ():
            if value.begins <= day <= value.ends:
                return value
        title = known.title if known else name
        raise Refused(
            Refusal(
                "P001",
                f"{self.area_name}没有{day}有效的“{title}”规则",
                "请在地区规则文件中补充后再办理",
                f"rules.{name}",
            )
        )

    def on(self, name: str, day: date) -> Any:
        """What is in force on `day`, as the file has it; `Refused` P001 when the city has none."""
        return self.value(name, day).content

    def shaped(self, name: str, day: date, shape: Any) -> Any:
        """What is in force on `day` as `shape`; `Refused` P001 as `value`, `ConfigurationError` for another shape."""
        try:
            return msgspec.convert(self.on(name, day), shape)
        except msgspec.ValidationError as error:
            raise ConfigurationError(f"rules of {self.area_name}: {name}: {error}") from error

    def citation(self, value: Value) -> str:
        """Source and clause of a value, as pages and replies show them."""
        source = self.sources.get(value.source)
        known = " ".join(part for part in (source.title if source else "", value.clause) if part)
        return f"{known}（未核原文）" if value.unverified else known


def load_rules(folder: Path, pattern: str = "population/*.yaml") -> Rules:
    """The rules of one city folder, of the files that fit `pattern`; `ConfigurationError` names file and fault."""
    parameters: dict[str, Parameter] = {}
    sources: dict[str, Source] = {}
    area = _Area("", folder.name)
    for file in sorted(folder.glob(pattern)):
        topic = _read(file)
        twice = parameters.keys() & topic.parameters.keys()
        if twice:
            raise ConfigurationError(f"{file}: {', '.join(sorted(twice))} stand in another file too")
        area = topic.area
        parameters |= topic.parameters
        sources |= topic.sources
    return Rules(area.code, area.name, parameters, sources)


class RuleBook:
    """The rules by city: the first four digits of admdvs name one."""

    def __init__(self, rules: list[Rules]) -> None:
        self._rules = {one.area_code[:4]: one for one in rules}

    @classmethod
    def load(cls, areas: Path = AREAS) -> "RuleBook":
        """Every city below `areas` that has a folder population/."""
        folders = sorted(path.parent for path in areas.glob("*/population") if path.is_dir())
        return cls([load_rules(folder) for folder in folders])

    def of(self, admdvs: str) -> Rules:
        """The rules of the city of an area code; `Refused` P001 when this platform has none."""
        found = self._rules.get(admdvs[:4])
        if found is None:
            raise Refused(
                Refusal("P001", f"统筹区{admdvs}的参保征缴规则未在本平台运行", "请核对医保区划", "insu_admdvs")
            )
        return found


@cache
def rule_book() -> RuleBook:
    """The cities of this installation, read once per process."""
    return RuleBook.load()


def rules_of(admdvs: str) -> Rules:
    """The rules of the city of an area code; `Refused` P001 when this platform has none."""
    return rule_book().of(admdvs)


def _read(file: Path) -> _Topic:
    try:
        topic = msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), _Topic)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise ConfigurationError(f"{file}: {error}") from error
    for name, parameter in topic.parameters.items():
        fault = _fault(parameter, topic.sources)
        if fault:
            raise ConfigurationError(f"{file}: parameters.{name}: {fault}")
    return topic


def _fault(parameter: Parameter, sources: dict[str, Source]) -> str:
    """What is wrong with a parameter: overlapping days, an unknown source, a value of unknown origin."""
    ordered = sorted(parameter.values, key=lambda value: value.begins)
    for earlier, later in pairwise(ordered):
        if earlier.ends >= later.begins:
            return f"values from {earlier.begins} and from {later.begins} overlap"
    for value in ordered:
        if value.source and value.source not in sources:
            return f"source {value.source!r} is not among the sources"
        if not value.source and not (value.unverified and value.note):
            return "a value needs a source, or `unverified: true` with a note where it came from"
    return ""
