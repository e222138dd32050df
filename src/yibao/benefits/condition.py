"""Conditions (条件): the `when` of schemes, layers, decision rows and refusals, compiled from validated data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yibao.benefits.facts import FACTS, Fact

LOWEST, HIGHEST = -(10**9), 10**9


@dataclass(frozen=True)
class Test:
    """One fact must be among `allowed` (when given), not among `excluded`, within low…high, and hold all `every`."""

    fact: str
    allowed: frozenset[Any] | None = None
    excluded: frozenset[Any] = frozenset()
    every: frozenset[Any] = frozenset()
    low: int = LOWEST
    high: int = HIGHEST

    def holds(self, value: Any) -> bool:
        """For a set of tags "among" means: has any of them."""
        if isinstance(value, frozenset):
            wanted = self.allowed is None or bool(value & self.allowed)
            return wanted and not value & self.excluded and self.every <= value
        if self.allowed is not None and value not in self.allowed:
            return False
        return value not in self.excluded and (isinstance(value, str) or self.low <= value <= self.high)


@dataclass(frozen=True)
class Condition:
    """Holds when every test holds; no tests: always."""

    tests: tuple[Test, ...] = ()

    def holds(self, facts: Mapping[str, Any]) -> bool:
        return all(test.holds(facts[test.fact]) for test in self.tests)

    def facts(self) -> set[str]:
        """The facts it looks at."""
        return {test.fact for test in self.tests}

    def text(self) -> str:
        """What people read in the explanation: "医院等级 3，身份标识 特困/低保"."""
        return "，".join(_test_text(test) for test in self.tests)


def read_condition(data: Mapping[str, Any] | None) -> Condition:
    """Compile validated `when` data; `None` always holds."""
    return Condition(tuple(_read_test(fact, wanted) for fact, wanted in (data or {}).items()))


def _read_test(fact: str, wanted: Any) -> Test:
    if not isinstance(wanted, Mapping):
        return Test(fact, allowed=_several(wanted))
    low = max(wanted.get("at_least", LOWEST), wanted.get("above", LOWEST) + 1)
    high = min(wanted.get("at_most", HIGHEST), wanted.get("below", HIGHEST) - 1)
    excluded, every = _several(wanted.get("not", [])), _several(wanted.get("all", []))
    return Test(fact, excluded=excluded, every=every, low=low, high=high)


def _several(wanted: Any) -> frozenset[Any]:
    return frozenset(wanted if isinstance(wanted, list) else [wanted])


def _test_text(test: Test) -> str:
    fact = FACTS.get(test.fact)
    parts = [label_of(test.fact)]
    for words, values in (("", test.allowed or ()), ("不含 ", test.excluded), ("同时 ", test.every)):
        if values:
            parts.append(words + "/".join(sorted(_value_text(fact, value) for value in values)))
    if test.low > LOWEST + 1:
        parts.append(f"≥ {test.low}")
    if test.high < HIGHEST - 1:
        parts.append(f"≤ {test.high}")
    return " ".join(parts)


def label_of(name: str) -> str:
    """The Chinese label of a fact, without its explanation in brackets."""
    fact = FACTS.get(name)
    return fact.label.partition("（")[0].partition("，")[0] if fact else name


def _value_text(fact: Fact | None, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    return (fact.values or {}).get(value, str(value)) if fact else str(value)
