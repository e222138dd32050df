"""A relative's personal account pays residents' premiums (个人共济账户缴费): order, movement and payment at once.

The payer must be bound to each of the persons as a near relative on the day (`family`), and gives no more in a year
than the binding says. Refusals: P634 not bound, P635 limit, and those of order and account (P60x, P631–P633).
"""

from collections.abc import Sequence

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_text
from yibao.population.contributions.payment_booking import FAMILY_ACCOUNT
from yibao.population.contributions.payments import Order, take_payment
from yibao.population.contributions.premiums import order_for

BOUND = """
select distinct beneficiary from population.family_link
where payer = $1 and beneficiary = any ($2) and begndate <= $3 and (enddate is null or enddate >= $3)
"""
OVER_LIMIT = """
select l.psn_no, greatest(f.year_limit - spent.fen, 0) as rest
from population.payment_line l
join population.family_link f on f.payer = $2 and f.beneficiary = l.psn_no and f.begndate <= $3
  and (f.enddate is null or f.enddate >= $3)
cross join lateral (
  select coalesce(-sum(m.amount), 0)::bigint as fen from population.account_movement m
  where m.psn_no = $2 and m.beneficiary = l.psn_no and m.at >= date_trunc('year', $3::timestamp)
    and m.at < date_trunc('year', $3::timestamp) + interval '1 year') spent
where l.order_no = $1 and spent.fen + l.amount > f.year_limit order by l.psn_no
"""
"""As settlements count it (population.care_facts)."""


async def pay(
    connection: Connection, packs: PackBook, payer: str, psn_nos: Sequence[str], year: int, actor: str
) -> Order:
    """Pay the year's premium of these persons from the payer's account, in the caller's transaction; when it raises
    `Refused`, nothing of it is done.
    """
    now = dates.now()
    bound = {row["beneficiary"] for row in await connection.fetch(BOUND, payer, list(psn_nos), now.date())}
    strangers = sorted(set(psn_nos) - bound)
    if strangers:
        advice = "请先办理家庭共济绑定"
        raise Refused(*[Refusal("P634", f"{payer}没有绑定为{one}的共济付款人", advice, one) for one in strangers])
    async with connection.transaction():
        order = await order_for(connection, packs, psn_nos, year, FAMILY_ACCOUNT, actor, day=now.date(), payer=payer)
        over = await connection.fetch(OVER_LIMIT, order.order_no, payer, now.date())
        if over:
            raise Refused(*[_over_limit(payer, row["psn_no"], row["rest"]) for row in over])
        return await take_payment(connection, order, FAMILY_ACCOUNT, now, actor)


def _over_limit(payer: str, psn_no: str, rest: int) -> Refusal:
    text = f"{payer}今年还可为{psn_no}支付{yuan_text(rest)}元"
    return Refusal("P635", text, "请调整共济年度限额，或换一位共济付款人或其他渠道", psn_no)
