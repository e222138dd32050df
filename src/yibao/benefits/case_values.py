"""The named results that a case may expect, in yuan: of a bill, or of a small calculation."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from yibao.benefits.other_rules import (
    MissingRule,
    financing_shares,
    maternity_allowance,
    maternity_days,
    premium,
    waiting_months,
)
from yibao.benefits.outcome import LayerResult, Outcome
from yibao.benefits.pack import Pack
from yibao.benefits.year import attributed_years
from yibao.core.money import fen_from_yuan, yuan_from_fen

TOTALS = (
    "total", "full_self_pay", "over_limit", "prepay", "in_scope", "fund", "personal", "own_account",
    "family_account", "cash",
)  # fmt: skip
LAYER_AMOUNTS = ("base", "paid", "deductible", "copay", "over_cap", "pay_first", "standard", "due")


def bill_values(outcome: Outcome, accumulators: Mapping[str, int]) -> dict[str, Decimal]:
    """Every result of a bill by its name; accumulators as they are after it (admissions as a number)."""
    totals = outcome.totals
    found = {name: getattr(totals, name) for name in TOTALS} | dict(totals.columns)
    found |= {name: amount for name, amount in outcome.classified.items() if name not in found}
    for name in outcome.layer_names:
        found |= {f"{name}.{part}": 0 for part in LAYER_AMOUNTS}
    for layer in outcome.layers:
        found |= _layer_values(layer)
    values = {name: yuan_from_fen(amount) for name, amount in found.items()}
    return values | {key: _accumulated(key, amount) for key, amount in accumulators.items()}


def _layer_values(layer: LayerResult) -> dict[str, int]:
    segments = {f"{layer.name}.segment_{k}": segment.paid for k, segment in enumerate(layer.segments, 1)}
    return {f"{layer.name}.{part}": getattr(layer, part) for part in LAYER_AMOUNTS} | segments


def _accumulated(key: str, amount: int) -> Decimal:
    return Decimal(amount) if key.endswith(":admissions") else yuan_from_fen(amount)


def calculated_values(pack: Pack, rule: str, given: Mapping[str, Any]) -> dict[str, Decimal]:
    """The results of a `calculate` step by name."""
    match rule:
        case "maternity_allowance":
            days = given.get("days") or maternity_days(pack, given["facts"], _needed(given, "date"))
            wage = fen_from_yuan(_needed(given, "average_monthly_wage"))
            return {"allowance": yuan_from_fen(maternity_allowance(pack, wage, days)), "days": Decimal(days)}
        case "premium":
            result = premium(pack, given["facts"], _needed(given, "date"))
            return {name: yuan_from_fen(amount) for name, amount in result._asdict().items()}
        case "financing":
            result = premium(pack, given["facts"], _needed(given, "date"))
            shares = financing_shares(result.standard, result.fiscal)
            return {name: Decimal(share).scaleb(-4) for name, share in zip(("personal", "fiscal"), shares, strict=True)}
        case "waiting":
            years, repaired = given.get("break_years", 0), given.get("repaired_years", 0)
            months = {"months": waiting_months(pack, years, repaired), "before_repair": waiting_months(pack, years)}
            return {name: Decimal(amount) for name, amount in months.items()}
    years = attributed_years(pack, _needed(given, "admitted"), _needed(given, "discharged"))
    return {"year": Decimal(years[-1]), "first_year": Decimal(years[0])}


def _needed(given: Mapping[str, Any], key: str) -> Any:
    if key not in given:
        raise MissingRule(f"`given.{key}` is needed for this rule")
    return given[key]
