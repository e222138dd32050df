"""Case files (算例): read one, run its bills or calculations, and list every difference.

`load_case(path)` → `Case`; `run_case(case)` → the steps with their named amounts and the differences. Amounts are
compared as exact decimals of yuan, so a difference can be told in fen.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import msgspec

from yibao.benefits.case_schema import case_schema
from yibao.benefits.case_values import bill_values, calculated_values
from yibao.benefits.document import Document, PackError, read_documents
from yibao.benefits.evaluate import evaluate
from yibao.benefits.explain import explain
from yibao.benefits.facts import Facts
from yibao.benefits.other_rules import MissingRule
from yibao.benefits.outcome import Outcome
from yibao.benefits.pack import Pack
from yibao.benefits.reading import load_pack, read_pack
from yibao.benefits.schema_check import schema_problems
from yibao.benefits.visit import QUANTITY_UNIT, Line, Visit
from yibao.benefits.year import bills_of
from yibao.core.money import fen_from_yuan, millionths_of_yuan

CLASS_CODES = {"甲": "01", "乙": "02", "丙": "03"}
_SCHEMA = jsonschema.Draft202012Validator(case_schema())


@dataclass(frozen=True)
class Case:
    """A case file and the pack it is settled under."""

    path: Path
    document: Document
    pack: Pack

    @property
    def title(self) -> str:
        """What the case shows, in a sentence."""
        return str(self.document.data["title"])


@dataclass(frozen=True)
class Difference:
    """Something that did not come out as the case says; `fen` when it is an amount."""

    place: str
    what: str
    message: str
    fen: Decimal | None = None

    def __str__(self) -> str:
        amount = "" if self.fen is None else f" ({self.fen.normalize():+f} fen)"
        return f"{self.place}: {self.what}: {self.message}{amount}"


@dataclass
class CaseRun:
    """What came out: one outcome per bill, and all differences."""

    case: Case
    outcomes: list[Outcome] = field(default_factory=list)
    accumulators: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)


def load_case(path: str | Path, pack: Pack | None = None) -> Case:
    """Read and check a case file and its pack (or use another one); `PackError` lists every problem."""
    file = Path(path)
    document = read_documents(file)
    problems = schema_problems(_SCHEMA, document)
    if problems:
        raise PackError(problems)
    return Case(file, document, pack or _pack_of(document, file))


def _pack_of(document: Document, file: Path) -> Pack:
    named = document.data["pack"]
    if isinstance(named, str):
        return load_pack(file.parent / named)
    inner = {where[2:]: place for where, place in document.places.items() if where[:2] == ("pack", "inline")}
    return read_pack(Document(named["inline"], inner))


def run_case(case: Case) -> CaseRun:
    """Run every step of the case."""
    run = CaseRun(case)
    data, pack = case.document.data, case.pack
    start = {name: _accumulated(name, amount) for name, amount in data.get("accumulators", {}).items()}
    run.accumulators = start.copy()
    for number, item in enumerate(data.get("visits", [])):
        if item.get("fresh"):
            run.accumulators = start.copy()
        _run_visit(run, pack, item, number)
    steps = data.get("calculate", [])
    for number, item in enumerate(steps if isinstance(steps, list) else [steps]):
        _run_calculation(run, item, ("calculate", number) if isinstance(steps, list) else ("calculate",))
    return run


def _run_calculation(run: CaseRun, item: Mapping[str, Any], path: tuple[str | int, ...]) -> None:
    try:
        values = calculated_values(run.case.pack, item["rule"], _given(item))
    except MissingRule as error:
        raise PackError([run.case.document.problem(path, str(error))]) from error
    _compare(run, path, item, values)


def _run_visit(run: CaseRun, pack: Pack, item: Mapping[str, Any], number: int) -> None:
    balances = {name: fen_from_yuan(amount) for name, amount in item.get("balances", {}).items()}
    outcome = Outcome()
    for visit in bills_of(pack, visit_of(item)):
        try:
            outcome = evaluate(pack, visit, run.accumulators, balances)
        except ValueError as error:
            raise PackError([run.case.document.problem(("visits", number, "portions"), str(error))]) from error
        run.outcomes.append(outcome)
        for key, change in outcome.deltas.items():
            run.accumulators[key] = run.accumulators.get(key, 0) + change
        balances = {name: it - outcome.account_payments.get(name, 0) for name, it in balances.items()}
    _check_refusal(run, number, item.get("expect", {}), outcome)
    if outcome.refusal is None:
        _compare(run, ("visits", number), item, bill_values(outcome, run.accumulators))
        _check_explanation(run, number, item.get("expect", {}), outcome)


def visit_of(item: Mapping[str, Any]) -> Visit:
    """The visit that a case item describes."""
    return Visit(
        day=datetime.date.fromisoformat(item["date"]), facts=_facts(item),
        lines=tuple(_line(line) for line in item.get("lines", [])),
        portions={name: fen_from_yuan(amount) for name, amount in item.get("portions", {}).items()},
        begin=_day(item, "begin"), days=item.get("days", 0), stay=item.get("stay", ""),
    )  # fmt: skip


def _line(item: Mapping[str, Any]) -> Line:
    return Line(
        amount=fen_from_yuan(item["amount"]), quantity=int(Decimal(item.get("quantity", 1)) * QUANTITY_UNIT),
        item_class=CLASS_CODES[item.get("class", "甲")], self_pay_ratio=fen_from_yuan(item.get("self_pay_percent", 0)),
        price_limit=millionths_of_yuan(item["price_limit"]) if "price_limit" in item else None,
        restricted=item.get("restricted", False), approved=item.get("approved", True),
        charge_type=item.get("charge_type", ""), mark=item.get("mark", ""), day=_day(item, "date"),
    )  # fmt: skip


def _facts(item: Mapping[str, Any]) -> Facts:
    return msgspec.convert(item.get("facts", {}), Facts)


def _day(item: Mapping[str, Any], key: str) -> datetime.date | None:
    return datetime.date.fromisoformat(item[key]) if key in item else None


def _given(item: Mapping[str, Any]) -> Mapping[str, Any]:
    given = item.get("given", {})
    days = {key: _day(given, key) for key in ("date", "admitted", "discharged") if key in given}
    return {**given, **days, "facts": _facts(given)}


def _accumulated(name: str, amount: int | Decimal) -> int:
    return int(amount) if name.endswith(":admissions") else fen_from_yuan(amount)


def _check_refusal(run: CaseRun, number: int, expect: Mapping[str, Any], outcome: Outcome) -> None:
    wanted, got = expect.get("refusal"), outcome.refusal.code if outcome.refusal else None
    if wanted != got:
        reason = f" ({outcome.refusal})" if outcome.refusal else ""
        message = f"expected {wanted or 'no refusal'}, got {got or 'no refusal'}{reason}"
        run.differences.append(Difference(_place(run, ("visits", number, "expect", "refusal")), "refusal", message))


def _check_explanation(run: CaseRun, number: int, expect: Mapping[str, Any], outcome: Outcome) -> None:
    text = explain(outcome).text()
    for wanted in expect.get("explanation", []):
        if wanted not in text:
            place = _place(run, ("visits", number, "expect", "explanation"))
            run.differences.append(Difference(place, "explanation", f"does not say “{wanted}”"))


def _compare(run: CaseRun, path: tuple[str | int, ...], item: Mapping[str, Any], values: Mapping[str, Decimal]) -> None:
    for what, wanted in item.get("expect", {}).items():
        if what not in ("refusal", "explanation"):
            _compare_expected(run, (*path, "expect", what), what, wanted, values)
    for number, printed in enumerate(item.get("published", [])):
        _compare_published(run, (*path, "published", number), printed, values)


def _compare_expected(
    run: CaseRun, where: tuple[str | int, ...], what: str, wanted: int | Decimal, values: Mapping[str, Decimal]
) -> None:
    got = _lookup(run, where, what, values)
    if got != wanted:
        fen = (got - Decimal(wanted)) * 100
        run.differences.append(Difference(_place(run, where), what, f"expected {wanted}, got {got}", fen))


def _compare_published(
    run: CaseRun, where: tuple[str | int, ...], printed: Mapping[str, Any], values: Mapping[str, Decimal]
) -> None:
    """A printed figure must match within its precision; one that the case calls wrong must not."""
    what, precision = printed["of"], printed.get("precision", 0)
    got = _lookup(run, (*where, "of"), what, values)
    off = got - Decimal(printed["value"])
    if "wrong" in printed and off == 0:
        message = f"got {got}, which the case calls a printed error"
        run.differences.append(Difference(_place(run, where), what, message))
    elif "wrong" not in printed and abs(off) > precision:
        message = f"published {printed['value']} ± {precision}, got {got}"
        run.differences.append(Difference(_place(run, where), what, message, off * 100))


def _lookup(run: CaseRun, path: tuple[str | int, ...], what: str, values: Mapping[str, Decimal]) -> Decimal:
    """The value of "basic.paid + aid.paid - prepay"; an accumulator that never moved is 0."""
    total = Decimal(0)
    for sign, name in re.findall(r"(^|\s[+-]\s)\s*(\S+)", what):
        if name not in values and not re.match(r"\d{4}(-\d{2})?:|stay:", name):
            known = ", ".join(name for name in values if ":" not in name)
            raise PackError([run.case.document.problem(path, f"no result is called `{name}` (there are: {known})")])
        amount = values.get(name, Decimal(0))
        total += -amount if sign.strip() == "-" else amount
    return total


def _place(run: CaseRun, path: tuple[str | int, ...]) -> str:
    problem = run.case.document.problem(path, "")
    return f"{problem.file}:{problem.line}"
