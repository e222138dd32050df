"""Checks one message against the interface data in one pass and reports every fault at once.

`Validator.check(input)` → (nodes, faults). `nodes` is the message as handlers use it: node → row or rows;
texts without the words null and NULL, numbers as Decimal or None, dates as date, times as datetime.
Tolerated, because real programs send it: numbers as text, empty text for an empty number, `data` for a named
node and the reverse, one object for a list and the reverse, camelCase and capitals in names, codes without
their zero. One validator per transaction is compiled on first use.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from yibao.core.config import ConfigurationError
from yibao.gateway.faults import Fault
from yibao.gateway.field_rules import (
    EXTENDED_BY_PROVINCES,
    NO_TEXT,
    OPEN_TABLES,
    Broken,
    Check,
    check_of,
    text_rule,
)
from yibao.gateway.interface import catalogue
from yibao.gateway.interface.catalogue import Node

REQUIRED_LISTS = frozenset(("feedetail", "drugdetail"))  # a bill without lines is no bill


class Row(dict[str, Any]):
    """A checked row: a field of the interface that was not sent reads as empty text, or None for numbers and times.

    A name the interface does not have in this node stays a `KeyError`.
    """

    __slots__ = ("empty",)
    empty: Mapping[str, Any]

    def __missing__(self, name: str) -> Any:
        return self.empty[name]


Nodes = dict[str, Any]


def set_strictness(level: str) -> None:
    """`strict` checks every dictionary, `provincial` not those provinces extend, `none` no dictionary."""
    OPEN_TABLES.clear()
    if level == "provincial":
        OPEN_TABLES.update(EXTENDED_BY_PROVINCES)
    elif level == "none":
        OPEN_TABLES.update(catalogue.dictionaries())
    elif level != "strict":
        raise ConfigurationError(f"YIBAO_DICTIONARIES: strict, provincial or none, not {level!r}")
    validator_of.cache_clear()


def squash(name: str) -> str:
    """The letters of a field name, so that expContent, exp_content and hiv-ab, hiv_ab meet."""
    return name.replace("_", "").replace("-", "").lower()


class NodeCheck:
    """One node compiled: the check of every field, required names, nested nodes."""

    def __init__(self, node: Node, children: tuple["NodeCheck", ...]) -> None:
        self.name, self.is_list, self.aliases = node.name, node.is_list, node.aliases
        self.children = {child.name: child for child in children}
        plain = [f for f in node.fields if f.kind != "node" and f.name not in self.children]
        self.checks: dict[str, Check] = {f.name: check_of(f) for f in plain}
        self.simple = {f.name: text_rule(f) for f in plain if f.kind == "text"}
        self.labels = {f.name: f.label for f in node.fields}
        self.empty: dict[str, Any] = {f.name: "" if f.kind in ("text", "month") else None for f in plain} | {
            name: [] if child.is_list else {} for name, child in self.children.items()
        }
        self.required = tuple(f.name for f in node.fields if f.required)
        self.spellings = {squash(name): name for name in (*self.labels, *self.children)}

    def check_row(self, row: Mapping[str, Any], number: int, faults: list[Fault]) -> Row:
        """The row as handlers use it; what is wrong with it goes into `faults`."""
        result = Row()
        result.empty = self.empty
        checks, simple = self.checks, self.simple
        broken: set[str] = set()
        for key, value in row.items():
            if value.__class__ is str and key in simple:  # most values: a short text without surprises
                limit, codes = simple[key]
                if len(value) <= limit and (codes is None or value in codes) and value not in NO_TEXT:
                    result[key] = value
                    continue
            check = checks.get(key)
            try:
                if check is not None:
                    result[key] = check(value)
                else:
                    self._unusual(key, value, row, result, faults)
            except Broken as error:
                name = key if check is not None else self.spellings[squash(key)]
                broken.add(name)
                faults.append(self._fault(error.code, number, name, error.rule, error.text, error.advice))
        for name in self.required:
            value = result.get(name)
            if not value and value != 0 and name not in broken:
                faults.append(self._fault("G022", number, name, "必填", "不能为空", "请填写后重新上传"))
        return result

    def _unusual(self, key: str, value: Any, row: Mapping[str, Any], result: Row, faults: list[Fault]) -> None:
        """Nested nodes, structures as sent, other spellings; what the interface does not know is ignored."""
        name = self.spellings.get(squash(key), key)
        if name in self.children:
            result[name] = self.children[name].check_value(value, faults)
        elif name in self.checks:
            if name not in row:
                result[name] = self.checks[name](value)
        elif name in self.labels:
            result[name] = value

    def _fault(self, code: str, row: int, field: str, rule: str, text: str, advice: str) -> Fault:
        return Fault(code, text, self.name, row, field, self.labels.get(field, ""), rule, advice)

    def check_value(self, value: Any, faults: list[Fault]) -> Row | list[Row]:
        """The node itself: an object, or a list of objects; a lone object and a list of one are forgiven."""
        if isinstance(value, str) and value[:1] in ("{", "["):
            value = _decoded(value)
        rows = value if isinstance(value, list) else [value]
        if not all(isinstance(row, dict) for row in rows) or (not self.is_list and len(rows) != 1):
            shape = "对象数组" if self.is_list else "一个对象"
            faults.append(Fault("G027", f"应为{shape}", self.name, rule="结构", advice="请按接口规范组织节点"))
            return [] if self.is_list else Row()
        if not self.is_list:
            return self.check_row(rows[0], 0, faults)
        return [self.check_row(row, number, faults) for number, row in enumerate(rows, 1)]


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text


class Validator:
    """All nodes of one transaction; see the module's text."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.top = tuple(self._compiled(node, nodes) for node in nodes if not node.parent)

    def _compiled(self, node: Node, nodes: tuple[Node, ...]) -> NodeCheck:
        return NodeCheck(node, tuple(self._compiled(n, nodes) for n in nodes if n.parent == node.name))

    def check(self, sent: Mapping[str, Any]) -> tuple[Nodes, list[Fault]]:
        """Every node of the message and every fault of it."""
        faults: list[Fault] = []
        result: Nodes = {}
        for position, node in enumerate(self.top):
            value = self._find(node, sent, position)
            if value is None or value in ("", [], {}):
                result[node.name] = [] if node.is_list else {}
                if node.required and (position == 0 or node.name in REQUIRED_LISTS):
                    text = "至少要有一行" if node.is_list else "节点缺失"
                    faults.append(Fault("G021", text, node.name, rule="必填", advice="请按接口规范传送该节点"))
            else:
                result[node.name] = node.check_value(value, faults)
        return result, faults

    def _find(self, node: NodeCheck, sent: Mapping[str, Any], position: int) -> Any:
        """The node by its name, a provincial name, `data`, or the fields themselves without a node."""
        for name in (node.name, *node.aliases):
            if name in sent:
                return sent[name]
        for name, value in sent.items():
            if squash(name) == squash(node.name):
                return value
        if position == 0 and "data" in sent:
            return sent["data"]
        if len(self.top) == 1 and len(sent) == 1 and isinstance(only := next(iter(sent.values())), dict | list):
            return only
        return sent if position == 0 and not node.is_list and any(key in node.checks for key in sent) else None


@cache
def validator_of(infno: str) -> Validator:
    """The compiled validator of a described transaction."""
    return Validator(catalogue.transactions()[infno].inputs)
