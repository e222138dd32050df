"""Why a bill came out as it did (结算说明): every layer with its base, deductible, segments, cap and clauses.

`explain(outcome)` → `Explanation`, plain records for JSON and pages (amounts fen, ratios basis points);
`Explanation.text()` renders the same for people to read.
"""

import msgspec

from yibao.benefits.arithmetic import UNLIMITED
from yibao.benefits.outcome import LayerResult, Outcome
from yibao.benefits.value import Amount, Resolved, Share
from yibao.core.money import percent_text, yuan_text

OWN_LABELS = {"full_self_pay": "全自费", "over_limit": "超限价", "prepay": "先行自付", "in_scope": "政策范围内"}
PART_LABELS = {
    "paid": "支付", "deductible": "起付线", "copay": "比例自付", "over_cap": "超封顶", "pay_first": "先自付",
}  # fmt: skip


class ParameterUse(msgspec.Struct, frozen=True):
    """One dated parameter: what it decided, its value in words, since when, by which clause."""

    what: str
    title: str
    value: str
    since: str
    source: str
    clause: str
    unverified: bool
    row: str
    adjusted: tuple[str, ...]

    def text(self) -> str:
        parts = [
            self.title, f"{self.since} 起" if self.since else "", f"{self.source}{self.clause}", self.row,
            *[f"调整：{label}" for label in self.adjusted], "未核" if self.unverified else "",
        ]  # fmt: skip
        return "；".join(part for part in parts if part)


class PortionAmount(msgspec.Struct, frozen=True):
    """A named portion with its Chinese label."""

    name: str
    label: str
    amount: int


class SegmentStep(msgspec.Struct, frozen=True):
    """amount × ratio = paid, for fees above `low` up to `high` (null: without end)."""

    low: int
    high: int | None
    amount: int
    ratio: int
    paid: int


class LayerExplanation(msgspec.Struct, frozen=True):
    """One layer. `cap_left` is what the cap still allowed, null when no cap on payment bound."""

    name: str
    title: str
    fund_type: str
    column: str
    base: int
    base_portions: tuple[PortionAmount, ...]
    standard: int
    deductible: int
    pay_first: int
    excess: int
    segments: tuple[SegmentStep, ...]
    accumulates: bool
    due_total: int
    due_before: int
    due: int
    cap_left: int | None
    fees_cap_hit: bool
    account: str
    paid: int
    copay: int
    over_cap: int
    parameters: tuple[ParameterUse, ...]


class Explanation(msgspec.Struct, frozen=True):
    """The whole bill; `refusal` is set instead of layers when nothing is paid."""

    scheme: str
    refusal: str
    layers: tuple[LayerExplanation, ...]
    portions: tuple[PortionAmount, ...]
    total: int
    fund: int
    personal: int
    own_account: int
    family_account: int
    cash: int

    def text(self) -> str:
        """Lines of Chinese text, one block per layer; an account that paid nothing is not told."""
        if self.refusal:
            return f"不予支付：{self.refusal}"
        told = [layer for layer in self.layers if layer.paid or not layer.account]
        blocks = [self.scheme, *[_layer_text(number, layer) for number, layer in enumerate(told, 1)]]
        accounts = f"个人账户 {yuan_text(self.own_account)}，共济账户 {yuan_text(self.family_account)}"
        blocks.append(
            f"总费用 {yuan_text(self.total)} = 基金 {yuan_text(self.fund)} + 个人 {yuan_text(self.personal)}"
            f"（{accounts}，现金 {yuan_text(self.cash)}）"
        )
        return "\n".join(blocks)


def explain(outcome: Outcome) -> Explanation:
    """The explanation of an outcome, refused or not."""
    labels = portion_labels(outcome)
    totals = outcome.totals
    return Explanation(
        outcome.scheme, str(outcome.refusal or ""), tuple(_layer(layer, labels) for layer in outcome.layers),
        tuple(PortionAmount(name, labels[name], amount) for name, amount in outcome.portions.items()),
        totals.total, totals.fund, totals.personal, totals.own_account, totals.family_account, totals.cash,
    )  # fmt: skip


def portion_labels(outcome: Outcome) -> dict[str, str]:
    """What people call each portion of the bill: "basic.copay" → "居民医保统筹·比例自付"."""
    labels = dict(OWN_LABELS)
    if outcome.plan:
        labels |= outcome.plan.portion_titles
        for layer in outcome.plan.layers:
            labels |= {f"{layer.name}.{part}": f"{layer.title}·{word}" for part, word in PART_LABELS.items()}
            if layer.account:
                labels[f"{layer.name}.over_cap"] = f"{layer.title}·余额不足"
    return labels


def _layer(layer: LayerResult, labels: dict[str, str]) -> LayerExplanation:
    base = tuple(PortionAmount(name, labels[name], amount) for name, amount in layer.base_portions.items())
    steps = tuple(
        SegmentStep(step.low, step.high if step.high < UNLIMITED else None, step.amount, step.ratio, step.paid)
        for step in layer.segments
    )
    return LayerExplanation(
        layer.name, layer.title, layer.fund_type, layer.column, layer.base, base, layer.standard, layer.deductible,
        layer.pay_first, layer.excess, steps, layer.accumulates, layer.due_total, layer.due_before, layer.due,
        layer.cap_left if layer.cap else None, bool(layer.fees_cap), layer.account, layer.paid, layer.copay,
        layer.over_cap, tuple(_parameter(what, used) for what, used in layer.used.items()),
    )  # fmt: skip


def _parameter(what: str, used: Resolved) -> ParameterUse:
    block = used.block
    since = f"{block.start}" if block and block.start.year > 1 else ""
    source, clause = (block.source.title if block.source else "", block.clause) if block else ("", "")
    return ParameterUse(
        what, used.title, amount_text(used.amount), since, source, clause, bool(block and block.unverified), used.row,
        used.adjusted,
    )  # fmt: skip


def amount_text(amount: Amount) -> str:
    """A resolved value in words."""
    if isinstance(amount, Share):
        return f"总费用的 {percent_text(amount.ratio)}，{yuan_text(amount.low)} 至 {_limit_text(amount.high)}"
    if isinstance(amount, tuple):
        parts = [
            percent_text(ratio) if upper >= UNLIMITED else f"至 {yuan_text(upper)} {percent_text(ratio)}"
            for upper, ratio in amount
        ]
        return "，".join(parts)
    return _limit_text(amount)


def _limit_text(amount: int) -> str:
    return "不设限" if amount >= UNLIMITED else yuan_text(amount)


def _layer_text(number: int, layer: LayerExplanation) -> str:
    base = " + ".join(f"{part.label} {yuan_text(part.amount)}" for part in layer.base_portions) or "0.00"
    lines = [f"{number} {layer.title}：基数 {yuan_text(layer.base)} = {base}", *_step_lines(layer)]
    over = "余额不足" if layer.account else PART_LABELS["over_cap"]
    parts = [(PART_LABELS["copay"], layer.copay), (over, layer.over_cap)]
    kept = [f"{word} {yuan_text(amount)}" for word, amount in parts if amount]
    lines.append("  " + "，".join([f"支付 {yuan_text(layer.paid)}", *kept]))
    lines += [f"  依据 {used.text()}：{used.value}" for used in layer.parameters if used.text()]
    return "\n".join(lines)


def _step_lines(layer: LayerExplanation) -> list[str]:
    lines = []
    if layer.pay_first:
        lines.append(f"  先自付 {yuan_text(layer.pay_first)}")
    if layer.deductible or layer.standard:
        lines.append(f"  扣起付线 {yuan_text(layer.deductible)}（标准 {yuan_text(layer.standard)}）")
    for step in layer.segments:
        if step.amount:
            lines.append(f"  {yuan_text(step.amount)} × {percent_text(step.ratio)} = {yuan_text(step.paid)}")
    if layer.accumulates:
        before = yuan_text(layer.due_before)
        lines.append(f"  年度累计应付 {yuan_text(layer.due_total)} − 此前 {before}，本次 {yuan_text(layer.due)}")
    if layer.fees_cap_hit:
        lines.append("  费用超过限额，超出部分不计")
    if layer.cap_left is not None:
        kind = "账户余额" if layer.account else "封顶线剩余"
        lines.append(f"  {kind} {yuan_text(layer.cap_left)}")
    return lines
