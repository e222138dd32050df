"""Money is integer fen (分), ratios are integer basis points (万分之一), rounding is half-up (四舍五入).

`share_of` and `divide_half_up` are the only two places where an amount is rounded; everything else adds and
subtracts. `fen_from_yuan` reads what people and messages write ("12.50"), `yuan_from_fen` writes it back.
No binary float touches an amount.
"""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

BASIS_POINTS = 10_000
LARGEST_EXPONENT = 15
"""Of yuan in powers of ten: more does not fit the database, and "1e9999999" must not fill the memory."""


def divide_half_up(numerator: int, denominator: int) -> int:
    """Integer quotient rounded half away from zero; `denominator` must be positive."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def share_of(amount: int, ratio: int) -> int:
    """`amount` fen × `ratio` basis points, rounded half-up to the fen."""
    return divide_half_up(amount * ratio, BASIS_POINTS)


def fen_from_yuan(text: str | int | Decimal) -> int:
    """Read yuan ("12.50", 12, Decimal) as fen; `ValueError` when it is no number.

    More than two decimals are rounded half-up, since counts × prices on the wire may carry six.
    """
    try:
        value = text if isinstance(text, Decimal) else Decimal(str(text).strip())
    except InvalidOperation as error:
        raise ValueError(f"not an amount in yuan: {text!r}") from error
    if not value.is_finite() or value.adjusted() > LARGEST_EXPONENT:
        raise ValueError(f"not an amount in yuan: {text!r}")
    return int((value * 100).to_integral_value(rounding=ROUND_HALF_UP))


def millionths_of_yuan(text: str | int | Decimal) -> int:
    """Read a unit price in yuan (up to six decimals on the wire) as millionths of a yuan, half-up."""
    return int((Decimal(str(text)) * 1_000_000).to_integral_value(rounding=ROUND_HALF_UP))


def yuan_from_fen(fen: int) -> Decimal:
    """Fen as a decimal number of yuan with two places, for messages and pages."""
    return Decimal(fen).scaleb(-2)


def yuan_text(fen: int) -> str:
    """Fen as people read it: 1234567 → "12,345.67"."""
    return f"{Decimal(fen).scaleb(-2):,.2f}"


def percent_text(ratio: int) -> str:
    """Basis points as people read them: 8750 → "87.5%"."""
    return f"{(Decimal(ratio) / 100).normalize():f}%"
