"""Plans of one pack side by side: their tables as integer arrays, each plan once, with the place where it begins."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yibao.benefits import arithmetic as a
from yibao.benefits.batch import kernel as k
from yibao.benefits.pack import Pack
from yibao.benefits.plan import Plan, Slot

Array = Any
Row = tuple[int, ...]

PERIODS = {
    "{year}": k.PERIOD_YEAR, "{month}": k.PERIOD_MONTH, "{stay}": k.PERIOD_STAY, "{day}": k.PERIOD_DAY,
    "account:own": k.PERIOD_ACCOUNT,
}  # fmt: skip


@dataclass
class PlanShelf:
    """Collects the plans of a pack; the same tables are kept once. `accounts`: personal accounts hold money."""

    pack: Pack
    accounts: bool = False
    known: dict[Any, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    layer_rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    from_account: list[int] = field(default_factory=list)
    bases: list[int] = field(default_factory=list)
    segments: list[Row] = field(default_factory=list)
    caps: list[Row] = field(default_factory=list)
    slots: list[Row] = field(default_factory=list)
    offsets: list[Row] = field(default_factory=list)
    sizes: list[int] = field(default_factory=lambda: [1, 1, 1, 1])

    def add(self, plan: Plan) -> int:
        """The number of this plan. Accounts at the end that hold nothing are left away."""
        count = len(plan.layers)
        while not self.accounts and count and plan.layers[count - 1].account:
            count -= 1
        names = tuple(layer.name for layer in plan.layers[:count])
        content = (plan.rows[:count], names, plan.bases, plan.segments, plan.caps, plan.slots)
        if content not in self.known:
            self.known[content] = len(self.offsets)
            self._append(plan, count, names)
        return self.known[content]

    def _append(self, plan: Plan, count: int, names: tuple[str, ...]) -> None:
        slots = _slots_used(plan, count)
        self.offsets.append((
            len(self.layer_rows), count, len(self.bases), len(self.segments), len(plan.segments), len(self.caps),
            len(self.slots), len(slots),
        ))  # fmt: skip
        self.layer_rows += plan.rows[:count]
        self.numbers += [list(self.pack.layers).index(name) for name in names]
        self.from_account += [int(bool(layer.account)) for layer in plan.layers[:count]]
        self.bases += plan.bases
        self.segments += plan.segments
        self.caps += plan.caps
        self.slots += [self.slot(slot) for slot in slots]
        here = (len(plan.portions), count, len(plan.segments), len(slots))
        self.sizes = [max(pair) for pair in zip(self.sizes, here, strict=True)]

    def slot(self, slot: Slot) -> Row:
        """What is counted (a number for its name), over which period, and whether by disease."""
        period = next((code for start, code in PERIODS.items() if slot.key.startswith(start)), k.PERIOD_SCRATCH)
        name = self.names.setdefault(slot.key, len(self.names))
        if name >= 1 << 10:
            raise OverflowError(f"the pack {self.pack.area_name} counts more than 1024 things")
        return (period, name, int("{disease}" in slot.key))

    def tables(self, extra: Array) -> k.Tables:
        """Everything so far as arrays; `extra[e][visit]` are the pack's own portions."""
        return k.Tables(
            _array(self.offsets, k.PLAN_WIDTH), _array(self.layer_rows, a.LAYER_CAP_COUNT + 1),
            np.array(self.numbers, np.int64), np.array(self.from_account, np.int64),
            np.array(self.bases, np.int64), _array(self.segments, 2),
            _array(self.caps, a.CAP_OVERFLOW + 1), _array(self.slots, k.SLOT_BY_DISEASE + 1), extra,
        )  # fmt: skip

    def scratch(self, visits: int) -> k.Scratch:
        """What a thread needs to settle these plans for persons of at most so many visits."""
        portions, layers, segments, slots = self.sizes
        room = k.table_size(visits, slots)
        return k.Scratch(
            np.zeros(portions, np.int64), np.zeros(slots, np.int64), np.zeros(slots, np.int64),
            np.zeros(k.PERIOD_ACCOUNT + 1, np.int64), np.zeros((layers, a.OUT_WIDTH), np.int64),
            np.zeros((segments, 2), np.int64), np.zeros(room, np.int64), np.zeros(room, np.int64),
        )  # fmt: skip


def _slots_used(plan: Plan, count: int) -> tuple[Slot, ...]:
    """The slots of the first layers: those of accounts that were left away are the last."""
    kept = [f"account:{layer.account}" for layer in plan.layers[:count]]
    used = len(plan.slots)
    while used and plan.slots[used - 1].balance and plan.slots[used - 1].key not in kept:
        used -= 1
    return plan.slots[:used]


def _array(rows: list[Row], width: int) -> Array:
    return np.array(rows, np.int64).reshape(len(rows), width)
