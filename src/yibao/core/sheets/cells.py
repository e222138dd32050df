"""One cell of a table as its column means it.

Excel hands over text, numbers, dates and booleans as it likes: an identity number may come as a float, a date as a
serial number, an amount as text with a currency sign. `READERS[kind](raw, notes)` gives the value, appends to `notes`
what it had to turn, or raises `CellFault`. Dates are `date`, months the first day, amounts integer fen.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from yibao.core.money import fen_from_yuan

Kind = Literal["text", "identity", "date", "month", "money", "integer"]

EXCEL_DAY_ZERO = date(1899, 12, 30)
LAST_SERIAL = 73_050  # 2099-12-31
EXACT_BELOW = 10**15  # Excel keeps fifteen digits of a number
DAY = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]0?0:00(?::00)?)?")
MONTH = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})月?|(\d{2}))")
CERTIFICATE = re.compile(r"[0-9A-Z()/\-]{5,30}")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+")
AMOUNT_SIGNS = str.maketrans("", "", ",￥¥元 ")
INVISIBLE = str.maketrans("", "", "\u200b\u200c\u200d\u2060\ufeff\u202a\u202c\u202d\u202e")
FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
LONGEST_TEXT = 500
HALF_A_FEN = Decimal("0.000001")
LARGEST_YUAN = Decimal(10) ** 12


class CellFault(Exception):
    """A cell cannot be read: code, what is wrong and what to do, in Chinese."""

    def __init__(self, code: str, text: str, advice: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.advice = advice


def shown(raw: Any) -> str:
    """A raw cell as its reader would see it: whole floats without ".0", no invisible marks, trimmed."""
    if isinstance(raw, str):
        return raw.strip() if raw.isascii() else raw.translate(INVISIBLE).strip()
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < EXACT_BELOW:
        return str(int(raw))
    if isinstance(raw, datetime) and raw.time() == datetime.min.time():
        return raw.date().isoformat()
    return str(raw)


def is_blank(raw: Any) -> bool:
    """Whether nothing stands in the cell; a lone dash is how people write nothing."""
    return raw is None or raw == "" or (isinstance(raw, str) and shown(raw) in ("", "-", "—", "——", "/"))


def _half_width(text: str, notes: list[str]) -> str:
    """Full-width (全角) digits, letters and signs as half-width ones, noted."""
    if text.isascii():
        return text
    turned = unicodedata.normalize("NFKC", text)
    if turned != text:
        notes.append(f"全角字符已转为半角：{turned}")
    return turned


def read_text(raw: Any, notes: list[str]) -> str:
    """Text, white space of any kind as one blank; refused when it would run as a formula in the next person's table."""
    text = " ".join(shown(raw).split())
    if text.startswith(FORMULA_SIGNS):
        raise CellFault("C128", f"“{text[:20]}”以公式符号开头，疑似公式注入", "请删除开头的 = + - @ 后重新上传")
    if len(text) > LONGEST_TEXT or not text.isprintable():
        raise CellFault("C129", f"内容过长或含有不可见字符：“{text[:20]!r}”", f"请改为{LONGEST_TEXT}字以内的普通文字")
    return text


def read_identity(raw: Any, notes: list[str]) -> str:
    """A certificate number as text; refused when Excel has already lost its last digits."""
    if isinstance(raw, int | float) and not isinstance(raw, bool) and abs(raw) >= EXACT_BELOW:
        raise _lost_digits(str(raw))
    number = _half_width(shown(raw), notes).replace(" ", "").lstrip("'").upper()
    if SCIENTIFIC.fullmatch(number):
        raise _lost_digits(number)
    if not CERTIFICATE.fullmatch(number):
        raise CellFault("C122", f"“{number[:30]}”不是证件号码", "请填写证件上的号码，只含数字和字母")
    return number


def _lost_digits(number: str) -> CellFault:
    return CellFault(
        "C123",
        f"证件号码被表格软件当作数字（{number}），末几位已丢失",
        "请把该列设为“文本”格式，重新录入号码，不能只改格式",
    )


def read_date(raw: Any, notes: list[str]) -> date:
    """A day: a date cell, 2024-01-31, 2024/1/31, 2024年1月31日, 20240131, or the serial number that Excel keeps."""
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    text = _half_width(shown(raw), notes)
    if text.isdecimal() and len(text) <= 5 and 0 < int(text) <= LAST_SERIAL:
        day = EXCEL_DAY_ZERO + timedelta(days=int(text))
        notes.append(f"日期序列值{text}已转为{day}")
        return day
    found = DAY.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2] or found[4]), int(found[3] or found[5]))
    except ValueError:
        pass
    raise CellFault("C124", f"“{text[:30]}”不是日期", "请写成2024-01-31的样子")


def read_month(raw: Any, notes: list[str]) -> date:
    """A month as its first day: 2024-01, 202401, 2024年1月, or any day in it."""
    if isinstance(raw, date):  # a datetime is one too
        return date(raw.year, raw.month, 1)
    text = _half_width(shown(raw), notes)
    found = MONTH.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2] or found[3]), 1)
        return read_date(text, notes).replace(day=1)
    except (ValueError, CellFault):
        raise CellFault("C125", f"“{text[:30]}”不是月份", "请写成2024-01的样子") from None


def read_money(raw: Any, notes: list[str]) -> int:
    """An amount in yuan as fen; more than two decimals are refused, except the dust of a computed cell."""
    text = _half_width(shown(raw), notes)
    try:
        yuan = Decimal(text.translate(AMOUNT_SIGNS))
        fen = fen_from_yuan(yuan)
    except (ValueError, InvalidOperation):
        raise _not_an_amount(text) from None
    if abs(yuan) > LARGEST_YUAN or abs(yuan - Decimal(fen).scaleb(-2)) > HALF_A_FEN:
        raise _not_an_amount(text)
    return fen


def _not_an_amount(text: str) -> CellFault:
    return CellFault("C126", f"“{text[:30]}”不是金额", "请填写以元为单位、最多两位小数的数字")


def read_integer(raw: Any, notes: list[str]) -> int:
    """A whole number."""
    text = _half_width(shown(raw), notes).replace(",", "")
    try:
        return int(text)
    except ValueError:
        raise CellFault("C127", f"“{text[:30]}”不是整数", "请填写不带小数的数字") from None


READERS: dict[Kind, Callable[[Any, list[str]], Any]] = {
    "text": read_text,
    "identity": read_identity,
    "date": read_date,
    "month": read_month,
    "money": read_money,
    "integer": read_integer,
}
