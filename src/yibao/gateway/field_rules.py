"""The rule of one field as a function from what was sent to what handlers use; it raises `Broken` with code and words.

Texts lose the words null and NULL, numbers become Decimal or None, dates date, times datetime. Chosen once per field.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from yibao.gateway.interface import catalogue
from yibao.gateway.interface.catalogue import Field

NO_TEXT = frozenset(("null", "NULL", "Null", "undefined"))
LONGEST_TEXT = 4000
DIGITS = 16
FREE_STRUCTURES = frozenset(("exp_content", "expContent"))
OPEN_TABLES: set[str] = set()  # dictionaries that are not checked here, see `set_strictness`
EXTENDED_BY_PROVINCES = frozenset(
    ("med_type", "clr_type", "clr_way", "fund_pay_type", "psn_type", "psn_idet_type", "dept")
)


def is_empty(value: Any) -> bool:
    """None, empty text, or a word for nothing."""
    return value is None or value == "" or (value.__class__ is str and value in NO_TEXT)


class Broken(Exception):
    """A value breaks its rule; carries code, name of the rule, text and advice."""

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
