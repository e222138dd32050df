"""How the bill was computed, in words and numbers: the explanation stored with a settlement, layer by layer.

    steps_of(explanation)     one step per layer: what entered, what was cut off, segments, payment, what remained
    year_totals(…)            the year's accumulators after this bill

The explanation is the JSON of `yibao.benefits.explain` as it was on the day of settlement.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from yibao.web.wording import yuan

TOTALS = {
    "deductible": "起付线已付", "deductible_sum": "起付线已付合计", "payment": "已支付",
    "fees": "计入限额的费用", "fees_with_deductible": "计入限额的费用",
}  # fmt: skip
"""Last part of an accumulator's key → what people call it."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A labelled amount in fen, with a remark."""

    title: str
    amount: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """`amount` fen × `ratio` basis points = `pay` fen; `bounds` in words."""

    amount: int
    ratio: int
    pay: int
    bounds: str


@dataclass(frozen=True, slots=True)
class Source:
    """A parameter that was used, its value, and where it is written."""

    parameter: str
    value: str
    since: str
    reference: str
    clause: str
    unverified: bool
    conditions: str


@dataclass(frozen=True, slots=True)
class Step:
    """One layer (一层待遇): base − cuts = what the segments are paid on; `rest` is what remained unpaid, by reason."""

    title: str
    base: tuple[Amount, ...]
    base_total: int
    cuts: tuple[Amount, ...]
    segments: tuple[Segment, ...]
    notes: tuple[str, ...]
    paid: int
    rest: tuple[Amount, ...]
    sources: tuple[Source, ...]

    @property
    def why_nothing(self) -> str:
        """Why the layer paid nothing; empty when it paid."""
        if self.paid:
            return ""
        reasons = [f"{cut.title}{cut.note}" for cut in self.cuts if cut.amount == self.base_total]
        return "，".join(reasons or self.notes) or "按规定比例应付为零"

    @property
    def unverified(self) -> bool:
        """Some parameter was not checked against the original text."""
        return any(source.unverified for source in self.sources)


@dataclass(frozen=True, slots=True)
class YearTotal:
    """One accumulator: what this bill added and where it stood afterwards (fen, or a count)."""

    title: str
    added: int
    after: int
    is_money: bool


def steps_of(explanation: Mapping[str, Any]) -> tuple[Step, ...]:
    """One step per layer that money entered; an account without use and a mere cancellation give none."""
    layers = explanation.get("layers", ())
    return tuple(_step(layer) for layer in layers if layer["base"] and (layer["paid"] or not layer["account"]))


def _step(layer: Mapping[str, Any]) -> Step:
    return Step(
        title=layer["title"],
        base=tuple(Amount(part["label"], part["amount"]) for part in layer["base_portions"]),
        base_total=layer["base"],
        cuts=tuple(_cuts(layer)),
        segments=() if layer["account"] else tuple(_segments(layer)),
        notes=tuple(_notes(layer)),
        paid=layer["paid"],
        rest=tuple(_rests(layer)),
        sources=tuple(_source(used) for used in layer["parameters"] if used["title"] or used["source"]),
    )


def _cuts(layer: Mapping[str, Any]) -> Iterator[Amount]:
    """What is taken off the base before the ratio applies."""
    if layer["pay_first"]:
        yield Amount("先由个人自付", layer["pay_first"])
    if layer["standard"] or layer["deductible"]:
        standard, taken = layer["standard"], layer["deductible"]
        yield Amount("起付线", taken, _about_deductible(layer["base"], standard, taken))


def _about_deductible(base: int, standard: int, taken: int) -> str:
    if taken == standard:
        return ""
    return f"标准 {yuan(standard)}，" + ("未达到" if taken == base else "其余此前已付")


def _rests(layer: Mapping[str, Any]) -> Iterator[Amount]:
    """What of the base stays with the person after this layer, beside its deductible."""
    if layer["copay"]:
        yield Amount("按比例由个人负担", layer["copay"])
    if layer["over_cap"]:
        yield Amount("账户余额不足的部分" if layer["account"] else "超过封顶线的部分", layer["over_cap"])


def _segments(layer: Mapping[str, Any]) -> Iterator[Segment]:
    several = len(layer["segments"]) > 1
    for part in layer["segments"]:
        if part["amount"]:
            bounds = _bounds(part["low"], part["high"]) if several else ""
            yield Segment(part["amount"], part["ratio"], part["paid"], bounds)


def _bounds(low: int, high: int | None) -> str:
    """0–2 万元 and so on, in whole yuan where it is whole."""
    if high is None:
        return f"{_short(low)} 元以上"
    return f"{_short(low)} 至 {_short(high)} 元" if low else f"{_short(high)} 元以内"


def _short(fen: int) -> str:
    return yuan(fen).removesuffix(".00")


def _notes(layer: Mapping[str, Any]) -> Iterator[str]:
    if layer["accumulates"] and layer["due_before"]:
        due, before = yuan(layer["due_total"]), yuan(layer["due_before"])
        yield f"按全年累计计算：应付 {due}，减去此前已计 {before}，本次 {yuan(layer['due'])}"
    if layer["fees_cap_hit"]:
        yield "费用超过限额，超出部分不计入"
    if layer["cap_left"] is not None:
        kind = "账户可用余额" if layer["account"] else "封顶线只剩"
        yield f"{kind} {yuan(layer['cap_left'])}，支付到此为止"


def _source(used: Mapping[str, Any]) -> Source:
    conditions = "；".join(part for part in (used["row"], *used["adjusted"]) if part)
    return Source(
        parameter=used["title"] or used["what"],
        value=used["value"],
        since=used["since"],
        reference=used["source"],
        clause=used["clause"],
        unverified=used["unverified"],
        conditions=conditions,
    )


def year_totals(
    explanation: Mapping[str, Any],
    added: Mapping[str, int],
    after: Mapping[str, int],
    year: int,
    pools: Mapping[str, str],
) -> tuple[YearTotal, ...]:
    """Accumulators of the bill's year that people understand; helper sums of the calculation are left out.

    `pools` are the titles of limits that several layers share, by their name in the policy pack.
    """
    titles = {layer["name"]: layer["title"] for layer in explanation.get("layers", ())}
    found = []
    for key, amount in added.items():
        period, _, rest = key.partition(":")
        title = _total_title(rest, titles, pools)
        if period[:4] == str(year) and title and (amount or after.get(key)):
            month = f"（{int(period[5:])} 月）" if len(period) > 4 else ""
            found.append(YearTotal(title + month, amount, after.get(key, amount), rest != "admissions"))
    return tuple(found)


def _total_title(key: str, titles: Mapping[str, str], pools: Mapping[str, str]) -> str:
    """ "basic:deductible" → "居民医保统筹 起付线已付"; empty for what is no business of the reader.

    Keys are layer:what, pool:name or pool-of-deductibles:what, with the disease behind where it is kept by disease.
    """
    if key == "admissions":
        return "住院次数"
    owner, what, disease = [*key.split(":"), "", ""][:3]
    behind = f"（病种 {disease}）" if disease else ""
    if owner == "pool":
        return f"{pools[what]} 已用{behind}" if what in pools else ""
    title = titles.get(owner) or pools.get(owner)
    return f"{title} {TOTALS[what]}{behind}" if title and what in TOTALS else ""
