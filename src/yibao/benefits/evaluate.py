"""Evaluate one bill (待遇计算): classify → resolve the plan → walk the layers → outcome. Pure: no clock, no I/O."""

from collections.abc import Mapping, Sequence

import msgspec

from yibao.benefits import arithmetic as a
from yibao.benefits.classify import LineAmounts, classify
from yibao.benefits.outcome import Outcome
from yibao.benefits.pack import Pack
from yibao.benefits.plan import Plan, plan_for
from yibao.benefits.visit import Visit
from yibao.core.errors import Refusal

NOTHING: Mapping[str, int] = {}


def evaluate(
    pack: Pack, visit: Visit, accumulators: Mapping[str, int] = NOTHING, balances: Mapping[str, int] = NOTHING
) -> Outcome:
    """What each layer pays of this bill.

    `accumulators` are the person's so far (fen; keys as in `Outcome.deltas`), `balances` the personal accounts that
    may pay (fen by account name). The outcome carries the changes; nothing passed in is changed. A bill that is not
    paid at all has `outcome.refusal` set. `ValueError` when the visit names a portion that the pack does not have.
    """
    admission, counted = _admission(pack, visit, accumulators)
    facts = visit.facts
    if facts.admission == 0:
        facts = msgspec.structs.replace(facts, admission=admission)
    plan = plan_for(pack, facts, visit.day)
    if isinstance(plan, Refusal):
        return Outcome(refusal=plan)
    lines = classify(pack, facts, visit.day, visit.lines)
    classified = _classified(pack, visit, lines)
    keys = accumulator_keys(plan, visit)
    before = [_before(key, accumulators, balances) for key in keys]
    acc, final = before.copy(), [*classified, *[0] * (5 * len(plan.rows))]
    out = [[0] * a.OUT_WIDTH for _ in plan.rows]
    segment_out = [[0, 0] for _ in plan.segments]
    rows = plan.rows if visit.deductible_counted else _without_visit_deductible(plan)
    a.walk_layers(rows, plan.bases, plan.segments, plan.caps, sum(classified), visit.days, final, acc, out, segment_out)
    deltas, payments = _changes(keys, before, acc)
    return Outcome(None, plan, lines, classified, final, out, segment_out, deltas | counted, payments)


def _admission(pack: Pack, visit: Visit, accumulators: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """Which admission of the year this is, and the accumulators that count it (once per stay)."""
    key, stay_key = f"{visit.day.year}:admissions", f"stay:{visit.stay}:admissions"
    so_far = accumulators.get(key, 0)
    if visit.facts.care not in pack.admission_care:
        return max(so_far, 1), {}
    if visit.stay and accumulators.get(stay_key, 0):
        return max(so_far, 1), {}
    return so_far + 1, {key: 1, **({stay_key: 1} if visit.stay else {})}


def _classified(pack: Pack, visit: Visit, lines: Sequence[LineAmounts]) -> list[int]:
    """The portions after classification, in the order of the plan's first portions."""
    names = ["full_self_pay", "over_limit", "prepay", "in_scope", *pack.portions]
    amounts = dict.fromkeys(names, 0)
    for name, amount in visit.portions.items():
        if name not in amounts:
            raise ValueError(f"the visit has a portion {name} that the pack does not have")
        amounts[name] += amount
    for line in lines:
        amounts["full_self_pay"] += line.full_self_pay
        amounts["over_limit"] += line.over_limit
        amounts["prepay"] += line.prepay
        amounts[line.into] += line.in_scope
    return list(amounts.values())


def accumulator_keys(plan: Plan, visit: Visit) -> list[str]:
    """The accumulator of each slot for this visit; "" for one that is not kept (a visit outside a numbered stay)."""
    periods = {
        "year": str(visit.day.year), "month": f"{visit.day:%Y-%m}", "stay": f"stay:{visit.stay}" if visit.stay else "",
    }  # fmt: skip
    # a limit per day of a stay is counted with the stay, outside a stay with the day
    periods["day"] = periods["stay"] and f"{periods['stay']}:daily" if visit.days else f"{visit.day}"
    keys = [slot.key.format(disease=visit.facts.disease, **periods) for slot in plan.slots]
    return ["" if key.startswith(":") else key for key in keys]


def _before(key: str, accumulators: Mapping[str, int], balances: Mapping[str, int]) -> int:
    """An account slot starts at minus its balance: the arithmetic sees a cap of 0 of which −balance is used."""
    if key.startswith("account:"):
        return -max(0, balances.get(key.removeprefix("account:"), 0))
    return accumulators.get(key, 0)


def _changes(keys: list[str], before: list[int], after: list[int]) -> tuple[dict[str, int], dict[str, int]]:
    """What accumulators and accounts changed by."""
    deltas: dict[str, int] = {}
    payments: dict[str, int] = {}
    for key, old, new in zip(keys, before, after, strict=True):
        if new == old or not key:
            continue
        if key.startswith("account:"):
            payments[key.removeprefix("account:")] = new - old
        else:
            deltas[key] = new - old
    return deltas, payments


def _without_visit_deductible(plan: Plan) -> list[tuple[int, ...]]:
    """The layer rows for the part of a split stay whose deductible belongs to the other year."""
    rows = []
    for layer, row in zip(plan.layers, plan.rows, strict=True):
        changed = list(row)
        if layer.deductible and layer.deductible.period == "visit":
            changed[a.LAYER_STANDARD] = changed[a.LAYER_SHARE] = 0
        rows.append(tuple(changed))
    return rows
