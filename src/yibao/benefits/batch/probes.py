"""Every question that a pack asks about a fact: values that all of them answer alike cannot be told apart."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Any

from yibao.benefits.condition import Condition
from yibao.benefits.pack import Layer, Pack
from yibao.benefits.value import Adjustment, Block

Probe = Callable[[Any], Hashable]
Probes = dict[str, list[Probe]]
"""By fact. A probe takes a value of the fact."""

ALWAYS_APART = ("transfer", "previous_level", "level")
"""What a deductible that depends on a transfer uses beyond conditions: every value is a class of its own."""


def all_probes(packs: Sequence[Pack]) -> Probes:
    """The questions of several packs, what counts as an admission among them."""
    probes: Probes = {}
    for pack in packs:
        for fact, asked in probes_of(pack, pack.layers.values()).items():
            probes.setdefault(fact, []).extend(asked)
        for scheme in pack.schemes:
            _add(probes, scheme.when)
        probes.setdefault("care", []).append(pack.admission_care.__contains__)
    return probes


def probes_of(pack: Pack, layers: Iterable[Layer]) -> Probes:
    """The questions of the refusals and of these layers."""
    probes: Probes = {}
    for exclusion in pack.exclusions:
        _add(probes, exclusion.when)
    for layer in layers:
        _add(probes, layer.when)
        if layer.deductible and layer.deductible.transfer:
            for fact in ALWAYS_APART:
                probes.setdefault(fact, []).append(_itself)
        for block in _blocks(layer):
            for row in block.rows:
                _add(probes, row.when)
            for adjustment in block.adjust:
                _add(probes, adjustment.when)
                if adjustment.each:
                    probes.setdefault(adjustment.each, []).append(_steps(adjustment))
    return probes


def decision_facts(pack: Pack) -> set[str]:
    """The facts that decide about refusal and scheme."""
    conditions = [*(item.when for item in pack.exclusions), *(item.when for item in pack.schemes)]
    return {fact for condition in conditions for fact in condition.facts()}


def _add(probes: Probes, condition: Condition) -> None:
    for test in condition.tests:
        probes.setdefault(test.fact, []).append(test.holds)


def _blocks(layer: Layer) -> Iterator[Block]:
    for value in layer.values():
        yield from value.blocks


def _steps(adjustment: Adjustment) -> Probe:
    return lambda value: adjustment.steps({adjustment.each: value})


def _itself(value: Any) -> Hashable:
    answer: Hashable = value
    return answer
