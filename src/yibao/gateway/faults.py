"""What the gateway refuses, and in which words: every code of docs/gateway.md that starts with G.

    G001 body too large         G011 transaction unknown    G021 node missing     G025 not in dictionary
    G002 no JSON object         G012 not offered            G022 field required   G026 no date or time
    G003 input is no object     G013 sign-in unknown        G023 too long         G027 wrong shape of node
    G004 envelope field wrong   G041 msgid used before      G024 wrong type       G028 lines of several people
    G005 number in URL differs  G051 unavailable            G031 no file content  G029 diagnosis twice
    G006 not your institution   G052 unexpected error       G032 no such file     G033 file expired
    G007 input digest           G034 totals differ          G035 no such bill     G036 no such document
    G037 state of a list        G038 list is frozen         G039 file unreadable

Other letters come from the areas (S… settlement and so on) as `core.errors.Refusal`; both go in one list.
"""

import re
from collections.abc import Iterable, Sequence

import msgspec

from yibao.core.errors import Refusal

IN_ROW = re.compile(r"(.*?)第(\d+)[行条]")
ERR_MSG_LIMIT = 200  # characters, from the interface


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One coded reason with its place: `node`, `row` (from 1; 0 when the node is one object), `field`."""

    code: str
    text: str
    node: str = ""
    row: int = 0
    field: str = ""
    label: str = ""
    rule: str = ""
    advice: str = ""

    def __str__(self) -> str:
        place = self.node + (f"第{self.row}行" if self.row else "")
        name = f"{self.label}({self.field})" if self.label else self.field
        where = "".join(part for part in (place, "." if place and name else "", name) if part)
        colon = "：" if where and not self.label else ""
        return f"[{self.code}]{where}{colon}{self.text}"


def from_refusal(refusal: Refusal) -> Fault:
    """The same reason of an area as it goes out on the wire: its place as node and row, node and field, or field."""
    place = refusal.place
    if of_row := IN_ROW.fullmatch(place):
        return Fault(refusal.code, refusal.text, of_row[1], int(of_row[2]), advice=refusal.advice)
    node, _, field = place.rpartition(".") if place.isascii() else (place, "", "")
    return Fault(refusal.code, refusal.text, node, field=field, advice=refusal.advice)


def err_msg(faults: Sequence[Fault]) -> str:
    """The faults in one line of at most 200 characters; what does not fit is counted, the list holds all."""
    parts = [str(fault) for fault in faults]
    with_advice = [part + (f"，{f.advice}" if f.advice else "") for part, f in zip(parts, faults, strict=True)]
    for texts in (with_advice, parts):
        if len(line := "；".join(texts)) <= ERR_MSG_LIMIT:
            return line
    tail = f"；共{len(parts)}处错误，详见output.faults" if len(parts) > 1 else ""
    return _fitting(parts, ERR_MSG_LIMIT - len(tail)) + tail


def _fitting(parts: Iterable[str], room: int) -> str:
    line = ""
    for part in parts:
        longer = f"{line}；{part}" if line else part
        if len(longer) > room:
            break
        line = longer
    return line or next(iter(parts))[: room - 1] + "…"
