"""What a simulation found: per group and layer the cost of the funds under both packs, and who gains or loses."""

from collections.abc import Sequence

import msgspec

from yibao.benefits.batch import kernel as k
from yibao.benefits.batch.groups import labels_of
from yibao.benefits.batch.kinds import Numbering
from yibao.benefits.batch.settled import Settled
from yibao.benefits.batch.visits import Array, Visits
from yibao.core.money import divide_half_up


class LayerCost(msgspec.Struct, frozen=True):
    """What one layer pays to a group, in fen; layers of both packs are the same when they have the same name."""

    name: str
    title: str
    fund_a: int
    fund_b: int
    difference: int


class GroupChange(msgspec.Struct, frozen=True):
    """One group. Money in fen; `people` are persons by year, and better off means a smaller burden in that year.

    total = fund + burden under each pack. The means are over those who are better, or worse, off.
    """

    group: tuple[str, ...]
    visits: int
    total: int
    fund_a: int
    fund_b: int
    difference: int
    burden_a: int
    burden_b: int
    people: int
    better: int
    worse: int
    unchanged: int
    mean_relief: int
    largest_relief: int
    mean_extra: int
    largest_extra: int
    layers: tuple[LayerCost, ...]


class RefusedVisits(msgspec.Struct, frozen=True):
    """Visits that a pack does not pay at all: the coded reason, the text of one of them, and how many."""

    code: str
    example: str
    visits: int


class PackUse(msgspec.Struct, frozen=True):
    """A pack of the simulation: how many plans its visits needed, and what it refuses."""

    area: str
    version: str
    plans: int
    refused: tuple[RefusedVisits, ...]


class Simulation(msgspec.Struct, frozen=True):
    """The whole result. `groups` in the order of their money; `everybody` counts each person and year once."""

    by: tuple[str, ...]
    pack_a: PackUse
    pack_b: PackUse
    visits: int
    left_out: int
    warnings: tuple[str, ...]
    everybody: GroupChange
    groups: tuple[GroupChange, ...]


def result_of(
    visits: Visits, by: Sequence[str], groups: Numbering, rows: Array, settled_a: Settled, settled_b: Settled
) -> Simulation:
    """Name the groups and layers of the arrays; `rows` as `kernel.GROUP_…`, everybody last."""
    named = [
        _group(labels_of(visits, by, int(example)), rows[number], _layers(settled_a, settled_b, number))
        for number, example in enumerate(groups.examples)
    ]
    everybody = _group(("全部",), rows[-1], _layers(settled_a, settled_b, None))
    return Simulation(
        tuple(by), _use(settled_a), _use(settled_b), len(visits), visits.left_out, tuple(visits.warnings), everybody,
        tuple(sorted(named, key=lambda group: (-group.total, group.group))),
    )  # fmt: skip


def _group(labels: tuple[str, ...], row: Array, layers: tuple[LayerCost, ...]) -> GroupChange:
    it = [int(number) for number in row]
    total, fund_a, fund_b = it[k.GROUP_TOTAL], it[k.GROUP_FUND_A], it[k.GROUP_FUND_B]
    people, better, worse = it[k.GROUP_PEOPLE], it[k.GROUP_BETTER], it[k.GROUP_WORSE]
    return GroupChange(
        labels, it[k.GROUP_VISITS], total, fund_a, fund_b, fund_b - fund_a, total - fund_a, total - fund_b,
        people, better, worse, people - better - worse,
        _mean(it[k.GROUP_RELIEF], better), it[k.GROUP_LARGEST_RELIEF],
        _mean(it[k.GROUP_BURDEN], worse), it[k.GROUP_LARGEST_BURDEN], layers,
    )  # fmt: skip


def _mean(total: int, people: int) -> int:
    return divide_half_up(total, people) if people else 0


def _layers(settled_a: Settled, settled_b: Settled, group: int | None) -> tuple[LayerCost, ...]:
    """The layers of both packs that pay this group anything; `None` is everybody."""
    paid_a, paid_b = _paid(settled_a, group), _paid(settled_b, group)
    titles = {it.name: it.title for pack in (settled_b.pack, settled_a.pack) for it in pack.layers.values()}
    costs = [
        LayerCost(
            name, titles[name], paid_a.get(name, 0), paid_b.get(name, 0), paid_b.get(name, 0) - paid_a.get(name, 0)
        )
        for name in dict.fromkeys([*paid_a, *paid_b])
    ]
    return tuple(cost for cost in costs if cost.fund_a or cost.fund_b)


def _paid(settled: Settled, group: int | None) -> dict[str, int]:
    paid = settled.paid.sum(axis=0) if group is None else settled.paid[group]
    return {name: int(amount) for name, amount in zip(settled.pack.layers, paid, strict=True)}


def _use(settled: Settled) -> PackUse:
    refused = [RefusedVisits(code, refusal.text, visits) for code, (refusal, visits) in settled.refused.items()]
    return PackUse(settled.pack.area_name, settled.pack.version, settled.plans, tuple(refused))
