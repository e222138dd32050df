"""From a pack and the facts of a visit to a plan (结算方案): the integer tables that `arithmetic` walks.

Everything that does not depend on money is decided here: exclusion, scheme, layers that apply, the dated values in
force, the deductible of this admission and transfer. Plans are cached per pack, period and combination of the facts
that the pack looks at, so the counter resolves a kind of visit once. Each number keeps its provenance.
"""

import datetime
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yibao.benefits import arithmetic as a
from yibao.benefits.facts import Facts
from yibao.benefits.pack import Cap, Deductible, Layer, Pack, Scheme
from yibao.benefits.schema import PARTS, STANDARD_PORTIONS
from yibao.benefits.value import Resolved, Segments, Share, Value
from yibao.core.errors import Refusal

MEASURES = {"payment": a.COUNTS_PAYMENT, "fees": a.COUNTS_FEES, "fees_with_deductible": a.COUNTS_FEES_WITH_DEDUCTIBLE}


@dataclass(frozen=True)
class Slot:
    """An accumulator to be addressed: `key` with {year}, {month}, {day}, {stay}, {disease} still open."""

    key: str
    balance: bool = False


@dataclass(frozen=True)
class Plan:
    """The compiled benefit of one kind of visit. Table shapes: see `arithmetic`.

    `portions` names the portion of each number; `slots` the accumulator of each slot; `used[i]` the resolved
    values of layer i by what they are ("deductible", "percent", "cap 1", …); `layer_names` are all of the pack.
    """

    scheme: str
    layers: tuple[Layer, ...]
    rows: tuple[tuple[int, ...], ...]
    bases: tuple[int, ...]
    segments: tuple[tuple[int, int], ...]
    caps: tuple[tuple[int, ...], ...]
    portions: tuple[str, ...]
    slots: tuple[Slot, ...]
    used: tuple[Mapping[str, Resolved], ...]
    layer_names: tuple[str, ...] = ()
    portion_titles: Mapping[str, str] = field(default_factory=dict)


class PolicyGap(Exception):
    """The pack says nothing for these facts on this day; becomes the refusal `policy_gap`."""


_PLANS_KEPT = 50_000


def plan_for(pack: Pack, facts: Facts, day: datetime.date) -> Plan | Refusal:
    """The plan for these facts on this day, or the reason why the bill is not paid at all."""
    key = (bisect_right(pack.turns, day), *[getattr(facts, name) for name in pack.used_facts])
    plan: Plan | Refusal | None = pack.plans.get(key)
    if plan is None:
        if len(pack.plans) >= _PLANS_KEPT:
            pack.plans.clear()
        plan = pack.plans[key] = resolve(pack, facts, day)
    return plan


def resolve(pack: Pack, facts: Facts, day: datetime.date) -> Plan | Refusal:
    """`plan_for` without the cache."""
    known = facts.by_name()
    for exclusion in pack.exclusions:
        if exclusion.when.holds(known):
            source = exclusion.source.title if exclusion.source else ""
            return Refusal(exclusion.code, exclusion.message, place=f"{source}{exclusion.clause}")
    scheme = scheme_for(pack, known, day)
    if scheme is None:
        return Refusal("no_scheme", f"{pack.area_name}没有适用于该险种、医疗类别的待遇", "核对险种类型和医疗类别")
    named = [pack.layers[name] for name in scheme.layers]
    layers = [layer for layer in named if layer.start <= day <= layer.end and layer.when.holds(known)]
    try:
        return _Builder(pack, known, day).build(scheme.name, layers)
    except PolicyGap as gap:
        return Refusal("policy_gap", f"{pack.area_name}的政策包缺少适用的参数：{gap}", "请经办机构补充政策参数")


def scheme_for(pack: Pack, known: Mapping[str, Any], day: datetime.date) -> Scheme | None:
    """The benefit of a visit with these facts on this day: the first scheme that holds."""
    return next((it for it in pack.schemes if it.start <= day <= it.end and it.when.holds(known)), None)


@dataclass
class _Builder:
    """Collects the tables of one plan."""

    pack: Pack
    facts: Mapping[str, Any]
    day: datetime.date
    bases: list[int] = field(default_factory=list)
    segments: list[tuple[int, int]] = field(default_factory=list)
    caps: list[tuple[int, ...]] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    used: dict[str, Resolved] = field(default_factory=dict)
    portions: list[str] = field(default_factory=list)

    def build(self, scheme: str, layers: list[Layer]) -> Plan:
        self.portions = [*STANDARD_PORTIONS, *self.pack.portions]
        rows, used = [], []
        for layer in layers:
            self.used = {}
            rows.append(self.layer(layer))
            used.append(self.used)
            self.portions += [f"{layer.name}.{part}" for part in PARTS]
        return Plan(
            scheme, tuple(layers), tuple(rows), tuple(self.bases), tuple(self.segments), tuple(self.caps),
            tuple(self.portions), tuple(self.slots), tuple(used),
            tuple(self.pack.layers), self.pack.portion_titles,
        )  # fmt: skip

    def layer(self, layer: Layer) -> tuple[int, ...]:
        """One row of the layer table, in the order of `arithmetic.LAYER_…`."""
        base_start, segment_start, cap_start = len(self.bases), len(self.segments), len(self.caps)
        self.bases += self.base(layer)
        first_ratio = self.ratio("pay_first", layer.pay_first) if layer.pay_first else 0
        deductible = self.deductible(layer)
        self.segments += self.percent(layer)
        year_slot = self.year_slots(layer) if layer.within_year else -1
        self.add_caps(layer)
        return (
            base_start, len(self.bases) - base_start, len(self.portions), first_ratio, int(layer.pay_first_after),
            *deductible, segment_start, len(self.segments) - segment_start, int(layer.gross), year_slot,
            int(layer.recomputed), int(_reaches_back(layer)), cap_start, len(self.caps) - cap_start,
        )  # fmt: skip

    def base(self, layer: Layer) -> list[int]:
        """The numbers of the portions in the base; what no earlier layer made is not there."""
        own = [*STANDARD_PORTIONS, *self.pack.portions]
        made = [name for name in self.portions if "." in name and not name.endswith(".paid")]
        wanted = set(layer.base)
        if "in_policy_unpaid" in wanted or "unpaid" in wanted:
            wanted |= {"in_scope", *self.pack.portions, *made}
        if "unpaid" in wanted:
            wanted |= set(own)
        return [number for number, name in enumerate(self.portions) if name in wanted]

    def value(self, what: str, value: Value, facts: Mapping[str, Any] | None = None) -> Resolved:
        resolved = value.on(facts or self.facts, self.day)
        if resolved is None:
            raise PolicyGap(f"{value.title or what}（{self.day}）")
        self.used[what] = resolved
        return resolved

    def number(self, what: str, value: Value, facts: Mapping[str, Any] | None = None) -> int:
        amount = self.value(what, value, facts).amount
        assert isinstance(amount, int), what
        return amount

    def ratio(self, what: str, value: Value) -> int:
        segments = self.value(what, value).amount
        assert isinstance(segments, tuple), what
        return segments[0][1]

    def percent(self, layer: Layer) -> Segments:
        if layer.percent is None:
            return ((a.UNLIMITED, 10_000),)
        segments = self.value("percent", layer.percent).amount
        assert isinstance(segments, tuple), layer.name
        return segments

    def slot(self, key: str, balance: bool = False) -> int:
        """The number of the slot for this accumulator; the same key is the same slot."""
        wanted = Slot(key, balance)
        if wanted not in self.slots:
            self.slots.append(wanted)
        return self.slots.index(wanted)

    def year_slots(self, layer: Layer) -> int:
        """Three neighbouring slots: base, excess and due of the year."""
        first = len(self.slots)
        self.slots += [Slot(f"{{year}}:{layer.name}:{part}") for part in ("base", "excess", "due")]
        return first

    def deductible(self, layer: Layer) -> tuple[int, ...]:
        """The eight deductible fields of a layer row."""
        rule = layer.deductible
        if rule is None:
            return (0, 0, 0, 0, 0, -1, 0, -1)
        standard = self.value("deductible", rule.standard).amount
        key = f"{{{_period(rule.period)}}}:{rule.pool or layer.name}:deductible"
        limit, limit_slot = 0, -1
        if rule.yearly_limit:
            limit = self.number("yearly_limit", rule.yearly_limit)
            limit_slot = self.slot(f"{{year}}:{rule.pool or layer.name}:deductible_sum")
        share = standard if isinstance(standard, Share) else Share(0, 0, 0)
        fixed = self.transferred(rule, standard) if isinstance(standard, int) else 0
        return (
            fixed, share.ratio, share.low, share.high, rule.again_every_days, self.slot(key), limit, limit_slot,
        )  # fmt: skip

    def transferred(self, rule: Deductible, standard: int) -> int:
        """The standard of a transferred patient: full, the difference to the previous level, or none.

        Without the level that the patient came from there is no difference to take, and the standard is full.
        """
        match rule.transfer.get(self.facts["transfer"], "full"):
            case "none":
                return 0
            case "difference" if self.facts["previous_level"]:
                before = self.facts | {"level": self.facts["previous_level"]}  # type: ignore[operator]
                return max(0, standard - self.number("deductible of the previous level", rule.standard, before))
        return standard

    def add_caps(self, layer: Layer) -> None:
        for number, cap in enumerate(layer.caps, 1):
            limit, key = self.number(f"cap {number}", cap.limit), _cap_key(layer, cap)
            self.caps.append((
                limit, MEASURES[cap.counts], int(cap.period == "day"), self.slot(key),
                a.OVERFLOW_PAYMENT if cap.overflow == "payment" else a.OVERFLOW_FEES,
            ))  # fmt: skip
        if layer.account:  # the slot starts at minus the balance, so what is left of a cap of 0 is the balance
            slot = self.slot(f"account:{layer.account}", balance=True)
            self.caps.append((0, a.COUNTS_PAYMENT, 0, slot, a.OVERFLOW_FEES))


def _reaches_back(layer: Layer) -> bool:
    """Whether the year's total is judged anew by today's yearly deductible."""
    yearly = layer.deductible is not None and layer.deductible.period == "year"
    return layer.within_year and not layer.recomputed and yearly


def _period(period: str) -> str:
    return "stay" if period == "visit" else period


def _cap_key(layer: Layer, cap: Cap) -> str:
    name = f"pool:{cap.pool}" if cap.pool else f"{layer.name}:{cap.counts}"
    return f"{{{_period(cap.period)}}}:{name}" + (":{disease}" if cap.by_disease else "")
