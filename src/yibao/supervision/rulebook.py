"""A rule and a profile of rules (规则配置): kind + parameters + severity + stages + clause, with the knowledge points.

Rule        one rule of a profile
Rulebook    the rules of a profile and the points of every kind on a day
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from yibao.supervision.kinds.kind import Point, Points
from yibao.supervision.model import Severity, Stage


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `rule_id` as in the catalogue of rules (N01 … X54); `refuses`: may refuse an order at once.

    `clause` names the law it rests on; `reference` where the parameters come from. `knowledge` is the title
    under which points are published, "" when the rule needs none.
    """

    rule_id: str
    name: str
    kind: str
    severity: Severity
    stages: frozenset[Stage]
    clause: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    knowledge: str = ""
    exemptions: str = ""
    refuses: bool = False
    reference: str = ""
    unverified: bool = False


class Rulebook:
    """Rules of one profile with their points, by kind; `version` names knowledge and profile for reproduction."""

    def __init__(self, name: str, version: str, rules: Sequence[Rule], points: Mapping[str, Sequence[Point]]) -> None:
        self.name = name
        self.version = version
        self.rules = {one.rule_id: one for one in rules}
        self._points = {kind: Points(rows) for kind, rows in points.items()}

    @property
    def kinds(self) -> list[str]:
        """Names of the kinds that have points, in their order."""
        return sorted(self._points)

    def points(self, kind: str) -> Points:
        """The points of all rules of a kind."""
        return self._points.get(kind, Points(()))

    def at(self, stage: Stage) -> "Rulebook":
        """The rules of one stage with their points."""
        rules = [one for one in self.rules.values() if stage in one.stages]
        names = {one.rule_id for one in rules}
        points = {kind: [p for p in rows if p.rule_id in names] for kind, rows in self._points.items()}
        return Rulebook(self.name, self.version, rules, {kind: rows for kind, rows in points.items() if rows})
