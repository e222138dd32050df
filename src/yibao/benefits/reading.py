"""From YAML to a `Pack`: schema first, then every reference, unit and period; all faults at once, with their place.

`load_pack(path)` is the entry. Percents become basis points and yuan become fen here and nowhere else.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema

from yibao.benefits.condition import Condition, read_condition
from yibao.benefits.document import Document, PackError, Problem, Where, read_documents
from yibao.benefits.facts import KNOWN_TAGS
from yibao.benefits.pack import LAST_DAY, Cap, Deductible, Exclusion, Layer, LineRule, LineRules, Pack, Scheme
from yibao.benefits.references import check_references
from yibao.benefits.schema import pack_schema
from yibao.benefits.schema_check import schema_problems
from yibao.benefits.value import Source, Value
from yibao.benefits.value_reading import ValueReader, basis_points

_STAYS = (
    "inpatient", "single_disease_inpatient", "rehabilitation", "psychiatric_inpatient", "chemotherapy_inpatient",
    "newborn_rescue", "accident_inpatient", "maternity_inpatient",
)  # fmt: skip
_SCHEMA = jsonschema.Draft202012Validator(pack_schema())


def load_pack(path: str | Path) -> Pack:
    """Read the pack at `path` (a YAML file or a folder of them); `PackError` lists every problem."""
    return read_pack(read_documents(Path(path)))


def read_pack(document: Document) -> Pack:
    """Read a pack from a document already in memory (an inline pack of a case)."""
    problems = schema_problems(_SCHEMA, document)
    if problems:
        raise PackError(problems)
    reader = PackReader(document)
    pack = reader.pack()
    problems = reader.problems + check_references(document)
    if problems:
        raise PackError(problems)
    return pack


class PackReader:
    """Builds the records of one schema-checked document and collects what is wrong with it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.data: Mapping[str, Any] = document.data
        self.problems: list[Problem] = []
        self.tags = frozenset([*KNOWN_TAGS, *self.data.get("tags", [])])
        self.sources = {name: _source(item) for name, item in self.data.get("sources", {}).items()}
        self.values = ValueReader(document, self.problems, self.sources, self.condition)

    def pack(self) -> Pack:
        data = self.data
        layers = {name: self.layer(name, item) for name, item in data["layers"].items()}
        schemes = tuple(self.scheme(item, ("schemes", k)) for k, item in enumerate(data["schemes"]))
        exclusions = tuple(self.exclusion(item, ("refusals", k)) for k, item in enumerate(data.get("refusals", [])))
        blocks = enumerate(data.get("classification", []))
        rules = tuple(self.line_rules(item, ("classification", k)) for k, item in blocks)
        year, family = data.get("year", {}), data.get("family_account", {})
        return Pack(
            area_code=data["area"]["code"], area_name=data["area"]["name"], version=_version(data),
            layers=layers, schemes=schemes, exclusions=exclusions, line_rules=rules,
            portions=tuple(data.get("portions", {})), portion_titles=_titles(data.get("portions", {})),
            admission_care=frozenset(data.get("admission_care", _STAYS)),
            year_crossing=year.get("crossing", "discharge"), deductible_in=year.get("deductible_in", "first"),
            cancellation=data.get("cancellation", "refuse_with_list"),
            family_order=family.get("order", "as_bound"), family_one_only=family.get("one_only", False),
            maternity=self.maternity(), premium=self.premium(), waiting=data.get("waiting", {}),
            used_facts=_used_facts(layers, schemes, exclusions), turns=_turns(layers, schemes),
        )  # fmt: skip

    def condition(self, data: Mapping[str, Any], path: Where) -> Condition:
        """The `when` of an item, with its tags checked."""
        condition = read_condition(data.get("when"))
        for test in condition.tests:
            named = (test.allowed or frozenset()) | test.excluded | test.every if test.fact == "tags" else ()
            for tag in named:
                if tag not in self.tags:
                    self.fault((*path, "when", "tags"), f"tag {tag} is not known; declare it under `tags` of the pack")
        return condition

    def fault(self, path: Where, message: str) -> None:
        self.problems.append(self.document.problem(path, message))

    def layer(self, name: str, data: Mapping[str, Any]) -> Layer:
        path = ("layers", name)
        start, end = self.values.period(data, path)
        fund, first = data.get("fund", {}), data.get("pay_first", {})
        own_column = {"own": "acct_pay", "family": "acct_mulaid_pay"}.get(data.get("account", ""), "acct_pay")
        return Layer(
            name, data["title"], tuple(data["base"]), self.condition(data, path),
            fund_type=fund.get("type", ""),
            column=fund.get("column", own_column if "account" in data else "hifp_pay"),
            pay_first=self.value(first, "percent", (*path, "pay_first"), "percent"),
            pay_first_after=not first.get("before_deductible", True),
            deductible=self.deductible(data["deductible"], (*path, "deductible")) if "deductible" in data else None,
            percent=self.value(data, "percent", path, "percent"), gross=data.get("measured", "gross") == "gross",
            within_year=data.get("within") == "year", recomputed=data.get("less") == "recomputed",
            caps=self.caps(data, path), account=data.get("account", ""), start=start, end=end,
        )  # fmt: skip

    def value(self, data: Mapping[str, Any], key: str, path: Where, kind: str) -> Value | None:
        return self.values.read(data[key], (*path, key), kind) if key in data else None

    def deductible(self, data: Any, path: Where) -> Deductible:
        """A deductible is a record, or only its standard."""
        if not isinstance(data, Mapping):
            return Deductible(self.values.read(data, path, "money"))
        return Deductible(
            self.values.read(data["standard"], (*path, "standard"), "money"), data.get("period", "visit"),
            data.get("pool", ""), self.value(data, "yearly_limit", path, "money"), data.get("transfer", {}),
            data.get("again_every_days", 0),
        )  # fmt: skip

    def caps(self, data: Mapping[str, Any], path: Where) -> tuple[Cap, ...]:
        """The caps; 定额 is 100 % up to a cap per visit."""
        if "fixed" in data:
            amount = self.values.read(data["fixed"], (*path, "fixed"), "limit")
            return (Cap(amount, period="visit", overflow="payment"),)
        return tuple(
            Cap(
                self.values.read(cap["limit"], (*path, "caps", k, "limit"), "limit"), cap.get("counts", "payment"),
                cap.get("period", "year"), cap.get("pool", ""), cap.get("by_disease", False),
                cap.get("overflow", "fees"),
            )
            for k, cap in enumerate(data.get("caps", []))
        )  # fmt: skip

    def scheme(self, data: Mapping[str, Any], path: Where) -> Scheme:
        return Scheme(data["name"], self.condition(data, path), tuple(data["layers"]), *self.values.period(data, path))

    def exclusion(self, data: Mapping[str, Any], path: Where) -> Exclusion:
        source = self.values.source(data, path)
        return Exclusion(data["code"], self.condition(data, path), data["message"], source, data.get("clause", ""))

    def line_rules(self, data: Mapping[str, Any], path: Where) -> LineRules:
        rules = tuple(self.line_rule(row, (*path, "rows", k)) for k, row in enumerate(data["rows"]))
        return LineRules(*self.values.period(data, path), rules)

    def line_rule(self, data: Mapping[str, Any], path: Where) -> LineRule:
        percent = data.get("prepay_percent")
        ratio = None if percent is None else basis_points(percent)
        return LineRule(self.condition(data, path), data.get("all_to", ""), data.get("into", "in_scope"), ratio)

    def maternity(self) -> Mapping[str, Any]:
        data = self.data.get("maternity_allowance")
        if data is None:
            return {}
        days = self.values.read(data["days"], ("maternity_allowance", "days"), "count")
        order = data.get("order", "multiply_first")
        return {"days": days, "days_per_month": data.get("days_per_month", 30), "order": order}

    def premium(self) -> Mapping[str, Value]:
        data = self.data.get("premium", {})
        kinds = {"personal": "money", "fiscal": "money", "subsidy_percent": "percent"}
        return {key: self.values.read(item, ("premium", key), kinds[key]) for key, item in data.items()}


def _titles(portions: Any) -> Mapping[str, str]:
    """The extra portions with what people call them; a plain list of names has no titles."""
    return portions if isinstance(portions, Mapping) else {name: name for name in portions}


def _source(data: Mapping[str, Any]) -> Source:
    return Source(data["title"], data.get("url", ""), data.get("grade", ""))


def _version(data: Mapping[str, Any]) -> str:
    """The author's version with a fingerprint of the content: the same text always means the same rules."""
    content = json.dumps(data, ensure_ascii=False, sort_keys=True, default=str)
    return f"{data.get('version', data['area']['code'])}#{hashlib.sha256(content.encode()).hexdigest()[:12]}"


def _used_facts(
    layers: Mapping[str, Layer], schemes: tuple[Scheme, ...], exclusions: tuple[Exclusion, ...]
) -> tuple[str, ...]:
    found: set[str] = set()
    for when in [item.when for group in (layers.values(), schemes, exclusions) for item in group]:
        found |= when.facts()
    for layer in layers.values():
        found = found.union(*(value.facts() for value in layer.values()))
        if layer.deductible and layer.deductible.transfer:
            found |= {"transfer", "previous_level", "level"}
    return tuple(sorted(found))


def _turns(layers: Mapping[str, Layer], schemes: tuple[Scheme, ...]) -> tuple[datetime.date, ...]:
    """Every day on which some rule or value begins, or is no longer in force."""
    blocks = [block for layer in layers.values() for value in layer.values() for block in value.blocks]
    periods = [(it.start, it.end) for group in (layers.values(), schemes, blocks) for it in group]
    after = [end + datetime.timedelta(days=1) for _, end in periods if end < LAST_DAY]
    return tuple(sorted({start for start, _ in periods} | set(after)))
