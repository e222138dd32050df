"""Between the wire and the areas: amounts, counts, dates of a checked message, and their way back.

On the wire an amount is yuan with two decimals, a count has four, a price six; inside, they are integers.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from yibao.core.money import fen_from_yuan
from yibao.gateway.field_rules import NO_TEXT
from yibao.gateway.validate import Row

EXTENSIONS = ("exp_content", "expContent")


def fen(value: Decimal | None) -> int | None:
    """An amount in yuan as fen; None stays None."""
    return None if value is None else fen_from_yuan(value)


def scaled(value: Decimal | None, decimals: int) -> int:
    """A number with `decimals` places as an integer (4: ten-thousandths, 6: millionths); None is 0."""
    return 0 if value is None else int(value.scaleb(decimals).to_integral_value(ROUND_HALF_UP))


def unscaled(value: int, decimals: int) -> Decimal:
    """The way back: 45200 with 4 decimals is 4.5200."""
    return Decimal(value).scaleb(-decimals)


def day_text(value: date | None) -> str:
    """yyyy-MM-dd, empty for none."""
    return "" if value is None else f"{value:%Y-%m-%d}"


def time_text(value: datetime | None) -> str:
    """yyyy-MM-dd HH:mm:ss, empty for none."""
    return "" if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def extension(row: Mapping[str, Any]) -> dict[str, Any]:
    """exp_content as an object, whether it was sent as an object or as its JSON text; empty otherwise."""
    for name in EXTENSIONS:
        value = row.get(name)
        if isinstance(value, str) and value[:1] == "{" and value not in NO_TEXT:
            try:
                value = msgspec.json.decode(value)
            except (msgspec.DecodeError, RecursionError):
                continue
        if isinstance(value, dict):
            return value
    return {}


def rest(row: Row, known: Collection[str]) -> dict[str, Any]:
    """The fields of a row that have no column of their own, as JSON keeps them; empty ones are dropped."""
    return {
        name: str(value) if isinstance(value, date) else value
        for name, value in row.items()
        if name not in known and value not in (None, "", [], {})
    }
