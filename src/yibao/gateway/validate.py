"""Checks one message against the interface data in one pass and reports every fault at once.

`Validator.check(input)` → (nodes, faults). `nodes` is the message as handlers use it: node → row or rows;
texts without the words null and NULL, numbers as Decimal or None, dates as date, times as datetime.
Tolerated, because real programs send it: numbers as text, empty text for an empty number, `data` for a named
node and the reverse, one object for a list and the reverse, camelCase and capitals in names, codes without
their zero. One validator per transaction is compiled on first use.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import msgspec

from yibao.core.config import ConfigurationError
from yibao.gateway.faults import Fault
from yibao.gateway.interface import catalogue
from yibao.gateway.interface.catalogue import Field, Node


class Row(dict[str, Any]):
    """A checked row: a field of the interface that was not sent reads as empty text, or None for numbers and times.

    A name the interface does not have in this node stays a `KeyError`.
    """

    __slots__ = ("empty",)
    empty: Mapping[str, Any]

    def __missing__(self, name: str) -> Any:
        return self.empty[name]


Nodes = dict[str, Any]
NO_TEXT = frozenset(("null", "NULL", "Null", "undefined"))
LONGEST_TEXT = 4000
DIGITS = 16
REQUIRED_LISTS = frozenset(("feedetail", "drugdetail"))  # a bill without lines is no bill
FREE_STRUCTURES = frozenset(("exp_content", "expContent"))
OPEN_TABLES: set[str] = set()  # dictionaries that are not checked here, see `set_strictness`
EXTENDED_BY_PROVINCES = frozenset(
    ("med_type", "clr_type", "clr_way", "fund_pay_type", "psn_type", "psn_idet_type", "dept")
)


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


def is_empty(value: Any) -> bool:
    """None, empty text, or a word for nothing."""
    return value is None or value == "" or (value.__class__ is str and value in NO_TEXT)


class Broken(Exception):
    """A value breaks its rule: code, rule name, text; `value` is what to go on with."""

    def __init__(self, code: str, rule: str, text: str, advice: str) -> None:
        self.code, self.rule, self.text, self.advice = code, rule, text, advice


Check = Callable[[Any], Any]


def text_check(limit: int, codes: frozenset[str] | None, free: bool) -> Check:
    """str, at most `limit` characters, one of `codes` when there is a dictionary."""

    def check(value: Any) -> Any:
        if value.__class__ is not str:
            if value is None:
                return ""
            if isinstance(value, dict | list) and free:
                return value
            if isinstance(value, bool) or not isinstance(value, int | Decimal):
                raise Broken("G024", "类型", "应为文本", "请按字符型传送")
            value = str(value)
        if value in NO_TEXT:
            return ""
        if len(value) > limit:
            raise Broken("G023", "长度", f"超长：{len(value)}个字符，最多{limit}", "请缩短后重新上传")
        if codes is not None and value and value not in codes and value.lstrip("0") not in codes:
            raise Broken("G025", "字典", f"值“{value[:20]}”不在字典中", "可用1901交易下载字典后核对")
        return value

    return check


def number_check(size: int | None, decimals: int | None) -> Check:
    """Decimal of at most `size` digits, `decimals` of them after the point; None for empty."""
    places = DIGITS if size is None else decimals or 0
    whole = (size or DIGITS) - (0 if size is None else places)
    fits = re.compile(rf"-?0*\d{{1,{max(whole, 1)}}}(?:\.\d{{0,{places}}}0*)?").fullmatch
    shape = f"{size or DIGITS},{places}"

    def check(value: Any) -> Decimal | None:
        if is_empty(value):
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise Broken("G024", "类型", "应为数值", "请传送数字")
        text = str(value).strip()
        try:
            number = value if value.__class__ is Decimal else Decimal(text)
        except InvalidOperation:
            raise Broken("G024", "类型", f"“{text[:20]}”不是数值", "请传送数字，空值传0") from None
        if not fits(text) and not _fits_written_out(number, fits):
            raise Broken("G023", "长度", f"“{text[:24]}”超出数值长度{shape}", f"最多{whole}位整数、{places}位小数")
        return number

    return check


def _fits_written_out(number: Decimal, fits: Callable[[str], object]) -> bool:
    """1E+2 and +5 fit when written 100 and 5."""
    return number.is_finite() and abs(number.adjusted()) < DIGITS and bool(fits(f"{number:f}"))


def moment(text: str) -> datetime:
    """A date or time as clients write it: 2021-03-05, 20210305, with 10:07:24, T10:07:24, 100724 or 10:07."""
    text = text.strip()
    if len(text) == 14 and text.isdigit():
        text = f"{text[:8]}T{text[8:]}"
    found = datetime.fromisoformat(text[:-2] if text.endswith(".0") else text).replace(tzinfo=None, microsecond=0)
    if not 1900 <= found.year <= 2999:
        raise ValueError
    return found


def date_check(whole_days: bool) -> Check:
    """date or datetime; None for empty. A time for a day loses its hours, a day for a time is 00:00."""
    form = "yyyy-MM-dd" if whole_days else "yyyy-MM-dd HH:mm:ss"

    def check(value: Any) -> date | datetime | None:
        if is_empty(value):
            return None
        try:
            found = moment(value if value.__class__ is str else str(value))
        except ValueError:
            raise Broken("G026", "格式", f"“{str(value)[:24]}”不是日期时间", f"格式为{form}") from None
        return found.date() if whole_days else found

    return check


def month_check(value: Any) -> str:
    """yyyyMM; also accepts yyyy-MM."""
    text = "" if is_empty(value) else str(value).replace("-", "")
    if text and not re.fullmatch(r"(19|20)\d\d(0[1-9]|1[0-2])", text):
        raise Broken("G026", "格式", f"“{text[:20]}”不是年月", "格式为yyyyMM")
    return text


@cache
def codes_of(table: str) -> frozenset[str]:
    entry = catalogue.dictionaries()[table]
    return frozenset((*entry["values"], *entry.get("provincial", {})))


def check_of(field: Field) -> Check:
    """The check of one field, chosen once."""
    if field.kind == "number":
        return number_check(field.size, field.decimals)
    if field.kind in ("date", "datetime"):
        return date_check(field.kind == "date")
    if field.kind == "month":
        return month_check
    limit, codes = text_rule(field)
    return text_check(limit, codes, field.name in FREE_STRUCTURES)


def text_rule(field: Field) -> tuple[int, frozenset[str] | None]:
    """Most characters of a text, and its dictionary when that is known and checked."""
    known = field.coded and field.name in catalogue.dictionaries() and field.name not in OPEN_TABLES
    return field.size or LONGEST_TEXT, codes_of(field.name) if known else None


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
