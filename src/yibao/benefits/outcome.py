"""The result of an evaluation (待遇计算结果): portions, layers, totals, changes of accumulators.

Only integers are kept at the time of the evaluation; what a person reads (`layers`, `portions`, the explanation) is
made when it is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from yibao.benefits import arithmetic as a
from yibao.benefits.classify import LineAmounts
from yibao.benefits.plan import Plan
from yibao.benefits.value import Resolved
from yibao.core.errors import Refusal


@dataclass(frozen=True)
class SegmentResult:
    """One segment: fees above `low` up to `high` fen, of which `amount` are here, × `ratio` basis points = `paid`."""

    low: int
    high: int
    amount: int
    ratio: int
    paid: int


@dataclass(frozen=True)
class LayerResult:
    """What one layer did with its base, all in fen.

    paid + deductible + copay + over_cap + pay_first = base. `due` is the payment before caps on payment,
    `due_total` − `due_before` for a layer that accumulates over the year. `cap` is the number of the cap that
    stopped the payment (1 = first, 0 = none), `fees_cap` of the cap on fees that cut the base; `used` are the
    parameters with their provenance.
    """

    name: str
    title: str
    fund_type: str
    column: str
    base: int
    base_portions: Mapping[str, int]
    standard: int
    deductible: int
    pay_first: int
    excess: int
    segments: tuple[SegmentResult, ...]
    accumulates: bool
    due_total: int
    due_before: int
    due: int
    cap: int
    cap_left: int
    fees_cap: int
    paid: int
    copay: int
    over_cap: int
    used: Mapping[str, Resolved]
    account: str


@dataclass(frozen=True)
class Totals:
    """The sums of a bill, in fen, as the national reply has them.

    total = full_self_pay + over_limit + prepay + in_scope = fund + personal; fund = Σ `columns`;
    personal = own_account + family_account + cash. `deductible_standard` and `deductible_paid` are those of
    the basic pool (dedc_std, act_pay_dedc): the first layer of column hifp_pay with a deductible.
    """

    total: int
    full_self_pay: int
    over_limit: int
    prepay: int
    in_scope: int
    columns: Mapping[str, int]
    fund: int
    personal: int
    own_account: int
    family_account: int
    cash: int
    deductible_standard: int
    deductible_paid: int


class Outcome:
    """What an evaluation gives: a `refusal`, or `lines`, `totals`, `deltas`, `account_payments` and the details."""

    def __init__(
        self, refusal: Refusal | None = None, plan: Plan | None = None, lines: Sequence[LineAmounts] = (),
        classified: Sequence[int] = (), final: Sequence[int] = (), out: Sequence[Sequence[int]] = (),
        segment_out: Sequence[Sequence[int]] = (), deltas: Mapping[str, int] | None = None,
        account_payments: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        self.refusal = refusal
        self.plan = plan
        self.lines = lines
        self.deltas = deltas or {}
        self.account_payments = account_payments or {}
        self._classified, self._final, self._out, self._segment_out = classified, final, out, segment_out

    @property
    def scheme(self) -> str:
        """Name of the benefit (政策名称)."""
        return self.plan.scheme if self.plan else ""

    @property
    def classified(self) -> dict[str, int]:
        """The portions after classification, before any layer."""
        return dict(zip(self.plan.portions if self.plan else (), self._classified, strict=False))

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Every layer of the pack, whether it applied or not."""
        return self.plan.layer_names if self.plan else ()

    @cached_property
    def portions(self) -> dict[str, int]:
        """Every portion that holds money at the end; they add up to the bill."""
        names = self.plan.portions if self.plan else ()
        return {name: amount for name, amount in zip(names, self._final, strict=True) if amount}

    @cached_property
    def layers(self) -> tuple[LayerResult, ...]:
        """Every layer that applied, in order."""
        return tuple(self._layer(i) for i in range(len(self._out)))

    @cached_property
    def totals(self) -> Totals:
        """The sums of the bill, as the national reply has them."""
        columns: dict[str, int] = {}
        accounts = {"own": 0, "family": 0}
        for layer, done in zip(self.plan.layers if self.plan else (), self._out, strict=True):
            if layer.column in ("acct_pay", "acct_mulaid_pay"):
                accounts["own" if layer.column == "acct_pay" else "family"] += done[a.OUT_PAID]
            else:
                columns[layer.column] = columns.get(layer.column, 0) + done[a.OUT_PAID]
        total, fund = sum(self._classified), sum(columns.values())
        own_pay, over, prepay = self._classified[:3] or (0, 0, 0)
        standard, taken = self._first_deductible()
        return Totals(
            total, own_pay, over, prepay, total - own_pay - over - prepay, columns, fund, total - fund,
            accounts["own"], accounts["family"], total - fund - accounts["own"] - accounts["family"], standard, taken,
        )  # fmt: skip

    def _first_deductible(self) -> tuple[int, int]:
        for layer, done in zip(self.plan.layers if self.plan else (), self._out, strict=True):
            if layer.deductible and layer.column == "hifp_pay":
                return done[a.OUT_STANDARD], done[a.OUT_DEDUCTIBLE]
        return 0, 0

    def _layer(self, i: int) -> LayerResult:
        assert self.plan is not None
        layer, row, done = self.plan.layers[i], self.plan.rows[i], self._out[i]
        first = row[a.LAYER_CAP_START]
        cap, fees_cap = (done[k] - first if done[k] else 0 for k in (a.OUT_PAYMENT_CAP, a.OUT_FEES_CAP))
        return LayerResult(
            name=layer.name, title=layer.title, fund_type=layer.fund_type, column=layer.column, base=done[a.OUT_BASE],
            base_portions=self._base_portions(i), standard=done[a.OUT_STANDARD], deductible=done[a.OUT_DEDUCTIBLE],
            pay_first=done[a.OUT_PAY_FIRST], excess=done[a.OUT_EXCESS], segments=self._segments(row),
            accumulates=layer.within_year,
            due_total=done[a.OUT_DUE_TOTAL], due_before=done[a.OUT_DUE_BEFORE], due=done[a.OUT_DUE],
            cap=cap, cap_left=done[a.OUT_PAYMENT_LEFT], fees_cap=fees_cap, paid=done[a.OUT_PAID],
            copay=done[a.OUT_COPAY], over_cap=done[a.OUT_OVER_CAP], used=self.plan.used[i], account=layer.account,
        )  # fmt: skip

    def _segments(self, row: Sequence[int]) -> tuple[SegmentResult, ...]:
        assert self.plan is not None
        found, low = [], 0
        for j in range(row[a.LAYER_SEGMENT_START], row[a.LAYER_SEGMENT_START] + row[a.LAYER_SEGMENT_COUNT]):
            (high, ratio), (amount, paid) = self.plan.segments[j], self._segment_out[j]
            found.append(SegmentResult(low, high, amount, ratio, paid))
            low = high
        return tuple(found)

    def _base_portions(self, i: int) -> dict[str, int]:
        """What the base consisted of: a portion is taken by the first layer that names it."""
        assert self.plan is not None
        earlier = zip(self.plan.rows[:i], self._out, strict=False)
        taken = {p for row, done in earlier if done[a.OUT_BASE] for p in _base_of(self.plan, row)}
        mine = [p for p in _base_of(self.plan, self.plan.rows[i]) if p not in taken]
        return {self.plan.portions[p]: amount for p in mine if (amount := self._made(p))}

    def _made(self, portion: int) -> int:
        """What stood in a portion before anybody took it."""
        assert self.plan is not None
        own = len(self._classified)
        if portion < own:
            return self._classified[portion]
        fields = (a.OUT_PAID, a.OUT_DEDUCTIBLE, a.OUT_COPAY, a.OUT_OVER_CAP, a.OUT_PAY_FIRST)
        return self._out[(portion - own) // 5][fields[(portion - own) % 5]]


def _base_of(plan: Plan, row: Sequence[int]) -> Sequence[int]:
    start = row[a.LAYER_BASE_START]
    return plan.bases[start : start + row[a.LAYER_BASE_COUNT]]
