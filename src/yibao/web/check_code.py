"""The check code of a printed bill (校验码): whoever holds the paper can ask whether it is genuine.

`400000001-ABCD-EFGH-JKLM-NPQR`: the settlement ID and 80 bits of HMAC-SHA256, under a key derived from the
installation's master key, over ID, total and date. A changed figure on paper no longer fits what is stored.
"""

import base64
import hashlib
import hmac

from yibao.settlement.model import Bill
from yibao.web.state import derived_key

GROUPS = 4
ALPHABET = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")
"""Base 32 written without I, L, O and U, which people confuse or misread."""


def check_code(master: bytes, bill: Bill) -> str:
    """The code printed on this bill."""
    text = f"{bill.setl_id}|{bill.medfee_sumamt}|{bill.setl_time:%Y-%m-%d}"
    digest = hmac.new(derived_key(master, "bill check code"), text.encode(), hashlib.sha256).digest()
    letters = base64.b32encode(digest[: GROUPS * 4 * 5 // 8]).translate(ALPHABET).decode()
    return "-".join([bill.setl_id, *(letters[i : i + GROUPS] for i in range(0, len(letters), GROUPS))])


def tidy(typed: str) -> str:
    """What a person typed: capitals, no spaces, O read as 0, I and L as 1 behind the ID."""
    setl_id, dash, rest = "".join(typed.split()).upper().partition("-")
    return setl_id + dash + rest.translate(str.maketrans("OIL", "011"))


def setl_id_of(code: str) -> str:
    """The settlement a code speaks of."""
    return code.partition("-")[0]


def fits(master: bytes, bill: Bill, code: str) -> bool:
    """Whether the code is the one of this bill, compared in constant time."""
    return hmac.compare_digest(check_code(master, bill).encode(), code.encode())
