"""The citizen identity number (公民身份号码) of GB 11643-1999: 18 characters, the last a check digit.

Six digits of area, eight of birth date, three of sequence (odd male, even female), and the check digit by
ISO 7064 MOD 11-2.
"""

import re
import unicodedata
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")


def check_digit(first_seventeen: str) -> str:
    """The eighteenth character of an identity number, "0"–"9" or "X"."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_seventeen, strict=True))
    return CHECK_DIGITS[total % 11]


def normalised(certno: str) -> str:
    """The number as it is stored: without spaces around it, 全角 characters turned, the check digit x in capitals."""
    return unicodedata.normalize("NFKC", certno).strip().upper()


def is_identity_number(certno: str) -> bool:
    """Whether `certno` has the right shape, a real birth date and the right check digit."""
    number = normalised(certno)
    return bool(SHAPE.fullmatch(number)) and _has_birth_date(number) and check_digit(number[:17]) == number[17]


def birth_date(certno: str) -> date:
    """Birth date in the number; `ValueError` when there is none."""
    return date(int(certno[6:10]), int(certno[10:12]), int(certno[12:14]))


def sex(certno: str) -> str:
    """Dictionary gend: 1 male, 2 female."""
    return "1" if int(certno[16]) % 2 else "2"


def identity_number(area: str, birth: date, sequence: int) -> str:
    """Compose a number: `area` six digits, `sequence` 0–999 (odd male, even female)."""
    first = f"{area}{birth:%Y%m%d}{sequence:03d}"
    return first + check_digit(first)


def _has_birth_date(number: str) -> bool:
    try:
        birth_date(number)
    except ValueError:
        return False
    return True
