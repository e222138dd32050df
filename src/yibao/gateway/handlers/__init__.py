"""One file per transaction group; importing this package registers every handler in `HANDLERS`."""

from yibao.gateway.handlers import inpatient, outpatient, persons, pharmacy, reversal, sign_in
from yibao.gateway.registry import HANDLERS

__all__ = ["HANDLERS", "inpatient", "outpatient", "persons", "pharmacy", "reversal", "sign_in"]
