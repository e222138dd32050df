"""Finds the plan of a visit by the counter's own `plan_for`, once for all visits that the pack cannot tell apart."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from yibao.benefits.batch import kernel
from yibao.benefits.batch.tables import PlanShelf
from yibao.benefits.batch.visits import Visits
from yibao.benefits.pack import Pack
from yibao.benefits.plan import plan_for
from yibao.core.errors import Refusal


@dataclass
class PlanBook:
    """The plans of one pack for the visits of one file."""

    pack: Pack
    visits: Visits
    known: dict[Hashable, int] = field(default_factory=dict)
    refusals: dict[str, Refusal] = field(default_factory=dict)
    shelf: PlanShelf = field(init=False)

    def __post_init__(self) -> None:
        self.shelf = PlanShelf(self.pack, len(self.visits.credited) > 0)

    def plan(self, visit: int, admission: int, alike: Hashable) -> int:
        """The number of the visit's plan, below 0 when refused; `alike` is equal where the pack sees no difference."""
        if alike not in self.known:
            plan = plan_for(self.pack, self.visits.facts_of(visit, admission), self.visits.day_of(visit))
            self.known[alike] = self.refused(plan) if isinstance(plan, Refusal) else self.shelf.add(plan)
        return self.known[alike]

    def refused(self, refusal: Refusal) -> int:
        """The number of a refusal: one for each code, with the first text as an example."""
        self.refusals.setdefault(refusal.code, refusal)
        return kernel.REFUSED - list(self.refusals).index(refusal.code)
