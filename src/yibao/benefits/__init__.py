"""Benefits (待遇): what each fund pays of a bill, by the rules of a city's policy pack. Pure: no clock, no I/O.

    pack = load_pack("areas/suizhou/benefits")          # YAML → checked records; PackError lists every fault
    visit = Visit(day=…, facts=Facts(insurance="employee", care="inpatient", level=3), lines=(Line(amount=…), …))
    outcome = evaluate(pack, visit, accumulators, balances)
    outcome.refusal or outcome.totals.fund, outcome.layers, outcome.portions, outcome.deltas

A bill is money in labelled portions. `classify` puts each fee line into full self-pay, over limit, prepay and in
scope; `plan` resolves pack and facts into integer tables; `arithmetic` walks the layers, each taking named portions
and splitting them into paid, deductible, copay, over cap and pay first; `explain` says why, with date and clause.
Accumulators after a bill = before + `outcome.deltas`, so a cancelled bill subtracts its own. The vocabulary of packs
is docs/policy-pack.md; the design is docs/benefits.md.
"""

from yibao.benefits.classify import LineAmounts, classify
from yibao.benefits.document import PackError, Problem
from yibao.benefits.evaluate import accumulator_keys, evaluate
from yibao.benefits.explain import Explanation, explain
from yibao.benefits.facts import CARE_OF_MED_TYPE, FACTS, KNOWN_TAGS, Facts
from yibao.benefits.other_rules import (
    family_balance,
    family_draw,
    financing_shares,
    maternity_allowance,
    maternity_days,
    premium,
    waiting_months,
)
from yibao.benefits.outcome import LayerResult, Outcome, SegmentResult, Totals
from yibao.benefits.pack import Pack
from yibao.benefits.plan import Plan, plan_for
from yibao.benefits.reading import load_pack
from yibao.benefits.visit import Line, Visit
from yibao.benefits.year import attributed_years, bills_of

__all__ = [
    "CARE_OF_MED_TYPE",
    "FACTS",
    "KNOWN_TAGS",
    "Explanation",
    "Facts",
    "LayerResult",
    "Line",
    "LineAmounts",
    "Outcome",
    "Pack",
    "PackError",
    "Plan",
    "Problem",
    "SegmentResult",
    "Totals",
    "Visit",
    "accumulator_keys",
    "attributed_years",
    "bills_of",
    "classify",
    "evaluate",
    "explain",
    "family_balance",
    "family_draw",
    "financing_shares",
    "load_pack",
    "maternity_allowance",
    "maternity_days",
    "plan_for",
    "premium",
    "waiting_months",
]
