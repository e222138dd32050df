"""A relative's personal account pays residents' premiums (个人共济账户缴费): order, movement and payment at once.

The payer must be bound to each of the persons as a near relative on the day (`family`). Refusals: P634 not bound, and
those of the order and of the account (P60x, P631–P633).
"""

from collections.abc import Sequence

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.payment_booking import FAMILY_ACCOUNT
from yibao.population.payments import Order, take_payment
from yibao.population.premiums import order_for

BOUND = """
select distinct beneficiary from population.family_link
where payer = $1 and beneficiary = any ($2) and begndate <= $3 and (enddate is null or enddate >= $3)
"""


async def pay(
    connection: Connection, packs: PackBook, payer: str, psn_nos: Sequence[str], year: int, actor: str
) -> Order:
    """Pay the year's premium of these persons from the payer's account, in the caller's transaction."""
    now = dates.now()
    bound = {row["beneficiary"] for row in await connection.fetch(BOUND, payer, list(psn_nos), now.date())}
    strangers = sorted(set(psn_nos) - bound)
    if strangers:
        advice = "请先办理家庭共济绑定"
        raise Refused(*[Refusal("P634", f"{payer}没有绑定为{one}的共济付款人", advice, one) for one in strangers])
    order = await order_for(connection, packs, psn_nos, year, FAMILY_ACCOUNT, actor, day=now.date(), payer=payer)
    return await take_payment(connection, order, FAMILY_ACCOUNT, now, actor)
