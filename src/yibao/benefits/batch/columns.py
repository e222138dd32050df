"""The columns of a visits file (lake names of setl_d and mdtrt_d) and what each is good for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from yibao.benefits.facts import FACTS

Kind = Literal["text", "code", "fen", "day", "time", "number", "tags", "flag"]

WANTED: dict[Kind, str] = {
    "text": "text", "code": "text or an integer", "fen": "a 64-bit integer of fen", "day": "a date or a time",
    "time": "a time or a date", "number": "an integer", "tags": "a list of texts, or text joined by ;",
    "flag": "a boolean, or text 1 / 0",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column: its kind, and whether the file must have it; `default` says what a missing one means."""

    name: str
    kind: Kind
    required: bool = False
    default: str = ""


COLUMNS = (
    Column("psn_no", "text", required=True),
    Column("insutype", "code", required=True),
    Column("psn_type", "code", required=True),
    Column("med_type", "code", required=True),
    Column("inscp_amt", "fen", required=True),
    Column("setl_time", "time", default="enddate; one of the two must be there"),
    Column("enddate", "day", default="the day of setl_time"),
    Column("begndate", "day", default="stays last one day"),
    Column("fulamt_ownpay_amt", "fen", default="0"),
    Column("overlmt_selfpay", "fen", default="0"),
    Column("preselfpay_amt", "fen", default="0"),
    Column("medfee_sumamt", "fen", default="not compared with its parts"),
    Column("gend", "code", default="male"),
    Column("age", "number", default="from brdy, without it 40"),
    Column("brdy", "day", default="age 40"),
    Column("tags", "tags", default="none"),
    Column("insu_admdvs", "code", default="care is local"),
    Column("mdtrtarea", "code", default="the six digits in fixmedins_code"),
    Column("fixmedins_code", "code", default="care is local"),
    Column("hosp_lv", "code", default="9, no level"),
    Column("dise_no", "code", default="none"),
    Column("ttp_pay_flag", "code", default="0, no third party"),
    Column("setl_id", "text", default="needed only when init_setl_id is used"),
    Column("init_setl_id", "text", default="no row is cancelled by another"),
    Column("refd_setl_flag", "code", default="0"),
    Column("mdtrt_id", "text", default="needed only when mid_setl_flag is used"),
    Column("mid_setl_flag", "code", default="0, a stay is settled in one bill"),
)

TOLD_BY_OTHERS = frozenset(
    {
        "insurance",
        "status",
        "level",
        "care",
        "med_type",
        "disease",
        "tags",
        "age",
        "sex",
        "admission",
        "area",
        "third_party",
    }
)
"""Facts that the national columns tell; every other fact may stand in a column of its own name."""
_KINDS: dict[str, Kind] = {"choice": "text", "text": "text", "number": "number", "flag": "flag", "tags": "tags"}
FACT_COLUMNS = tuple(
    Column(name, _KINDS[fact.kind], default="the fact's default")
    for name, fact in FACTS.items()
    if name not in TOLD_BY_OTHERS
)


def columns_for(extra_portions: Sequence[str]) -> tuple[Column, ...]:
    """Every column that is looked for; `extra_portions` of the packs are columns of fen under their own name."""
    return (*COLUMNS, *FACT_COLUMNS, *(Column(name, "fen", default="0") for name in extra_portions))
