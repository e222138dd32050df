"""Where a person's premium of a year stands (缴费状态查询), as the person and the clerk see it.

A payment that was reported but not yet confirmed by a slow channel shows until when it must appear (48 小时).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.money import yuan_text

STATE = """
select c.status, c.kind, c.personal, c.subsidy, c.paid_on, o.order_no, o.channel, o.status as ordered, o.expires_at,
       o.appears_by
from population.contribution c
left join population.payment_line l
  on l.contribution_id = c.contribution_id and l.status in ('open', 'paid', 'refunded')
left join population.payment_order o on o.order_no = l.order_no
where c.psn_no = $1 and c.insutype = '390' and c.period_from = $2 and c.status <> 'cancelled'
order by c.status = 'refunded', l.status = 'refunded' nulls last, o.created_at desc nulls last limit 1
"""
State = Literal["none", "due", "ordered", "reported", "overdue", "paid", "refunded"]


@dataclass(frozen=True, slots=True)
class PaymentState:
    """`amount` fen due or paid by the person; `appears_by` for a reported payment; `text` says it in one sentence."""

    state: State
    text: str
    amount: int = 0
    subsidy: int = 0
    kind: str = ""
    order_no: str = ""
    channel: str = ""
    paid_on: date | None = None
    appears_by: datetime | None = None


async def payment_state(connection: Connection, psn_no: str, year: int) -> PaymentState:
    """Where the resident's premium of `year` stands now."""
    row = await connection.fetchrow(STATE, psn_no, date(year, 1, 1))
    if row is None:
        return PaymentState("none", f"{year}年度没有居民医保应缴记录")
    state = _state(row, dates.now())
    return PaymentState(
        state,
        _text(state, year, row),
        row["personal"],
        row["subsidy"],
        row["kind"],
        row["order_no"] or "",
        row["channel"] or "",
        row["paid_on"],
        row["appears_by"] if state in ("reported", "overdue") else None,
    )


def _state(row: dict[str, object], now: datetime) -> State:
    if row["status"] == "paid":
        return "paid"
    if row["status"] == "refunded":
        return "refunded"
    if row["ordered"] == "reported":
        appears_by = row["appears_by"]
        assert isinstance(appears_by, datetime)
        return "reported" if now <= appears_by else "overdue"
    expires_at = row["expires_at"]
    if row["ordered"] == "created" and isinstance(expires_at, datetime) and now <= expires_at:
        return "ordered"
    return "due"


def _text(state: State, year: int, row: dict[str, object]) -> str:
    amount = row["personal"]
    assert isinstance(amount, int)
    yuan = yuan_text(amount)
    texts: dict[State, str] = {
        "due": f"{year}年度应缴{yuan}元，尚未缴费",
        "ordered": f"{year}年度应缴{yuan}元，订单{row['order_no']}待支付，{row['expires_at']}前有效",
        "reported": f"{year}年度{yuan}元已报缴，最迟{row['appears_by']}可查到结果",
        "overdue": f"{year}年度{yuan}元已报缴，{row['appears_by']}后仍未收到渠道确认，请与经办机构联系",
        "paid": f"{year}年度已于{row['paid_on']}缴费{yuan}元" if amount else f"{year}年度由资助参保全额负担",
        "refunded": f"{year}年度缴费已退",
    }
    return texts[state]
