"""How codes, amounts and identities are written for people: Chinese names of dictionary codes, 12,345.67, masks."""

import json
from functools import cache
from importlib.resources import files

from yibao.core.money import percent_text, yuan_text

CLASSES = {"01": "甲类", "02": "乙类", "03": "丙类（自费）"}
LEVELS = {1: "一级", 2: "二级", 3: "三级", 9: "无等级"}
GENDERS = {"1": "男", "2": "女"}
MARKS = {"suspect": "审核可疑", "refused": "审核不予支付", "approved": "审核后经医师批准"}
"""What supervision said of a fee line."""


@cache
def _dictionaries() -> dict[str, dict[str, str]]:
    text = files("yibao.gateway.interface").joinpath("dictionaries.json").read_text(encoding="utf-8")
    tables = json.loads(text)["dictionaries"]
    return {table["table"]: {**table.get("provincial", {}), **table["values"]} for table in tables}


def name_of(table: str, code: str) -> str:
    """Chinese name of a code of the national dictionaries; the code itself when it is not in there."""
    return _dictionaries().get(table, {}).get(code, code)


def yuan(fen: int) -> str:
    """1234567 → "12,345.67"; a negative amount gets a real minus sign."""
    return yuan_text(fen).replace("-", "−")


def rate(basis_points: int) -> str:
    """Basis points as percent with two places, so that numbers one below the other can be compared: 2650 → 26.50%."""
    return f"{basis_points // 100}.{basis_points % 100:02d}%"


def percent(basis_points: int) -> str:
    """8750 → "87.5%"."""
    return percent_text(basis_points)


def scaled(number: int, digits: int) -> str:
    """An integer with `digits` implied decimals, without trailing zeros: scaled(25000, 4) → "2.5"."""
    whole, part = divmod(abs(number), 10**digits)
    decimals = f"{part:0{digits}d}".rstrip("0")
    return ("−" if number < 0 else "") + f"{whole:,}" + (f".{decimals}" if decimals else "")


def price(millionths: int) -> str:
    """A price in millionths of a yuan: at least two decimals, no more than it has."""
    whole, part = divmod(abs(millionths), 10**6)
    return f"{whole:,}.{f'{part:06d}'.rstrip('0').ljust(2, '0')}"


def masked_certificate(number: str) -> str:
    """First six and last two characters of a certificate number; shorter ones show only the last two."""
    head = number[:6] if len(number) >= 15 else ""
    hidden = max(0, len(number) - len(head) - 2)
    return head + "*" * hidden + number[-2:]
