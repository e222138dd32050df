"""Family sharing (家庭共济): a member's personal account pays for near relatives, in the order the family set.

Who is a near relative (近亲属): spouse, parents, children, brothers and sisters, grandparents, grandchildren.
Codes are the dictionary patn_rlts (Hunan edition 1.1.27): what the PAYER is to the person who is treated.
Refusals: P401 relation, P402 same person, P403 payer without account, P404 already bound, P405 order, P406 not bound,
P407 other province.
"""

from dataclasses import dataclass
from datetime import date

from asyncpg.exceptions import UniqueViolationError

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

NEAR_RELATIVES = {
    **dict.fromkeys(("10", "11", "12"), "配偶"),
    **dict.fromkeys(("20", "21", "22", "23", "24", "25", "26", "27"), "子女"),
    **dict.fromkeys(("30", "31", "32", "33", "34", "35", "36", "37"), "子女"),
    **dict.fromkeys(("40", "41", "42", "43", "44", "49"), "孙子女、外孙子女"),
    **dict.fromkeys(("50", "51", "52", "57", "58"), "父母"),
    **dict.fromkeys(("60", "61", "62", "63", "64"), "祖父母、外祖父母"),
    **dict.fromkeys(("70", "71", "73", "75", "77"), "兄弟姐妹"),
}  # fmt: skip
"""In-laws, step-grandchildren, great-grandparents, uncles and cousins stand in the dictionary too and may not pay."""

LOCK = "select 1 from population.person where psn_no = $1 for no key update"
ACCOUNT_EXISTS = "select exists (select from population.account where psn_no = $1)"
SAME_PROVINCE = """
select exists (select from population.enrolment p join population.enrolment b
               on left(p.insu_admdvs, 2) = left(b.insu_admdvs, 2) where p.psn_no = $1 and b.psn_no = $2)
"""
BOUND = """
select payer, seq from population.family_link
where beneficiary = $1 and (enddate is null or enddate >= $2) and begndate <= coalesce($3, 'infinity'::date)
"""
BIND = """
insert into population.family_link (beneficiary, payer, seq, relation, begndate, enddate)
values ($1, $2, $3, $4, $5, $6)
"""
UNBIND = """
update population.family_link set enddate = $3
where beneficiary = $1 and payer = $2 and begndate <= $3 and (enddate is null or enddate > $3) returning seq
"""


@dataclass(frozen=True, slots=True)
class Link:
    """`payer`'s account may pay for `beneficiary` from `begndate` to `enddate`; lower `seq` pays first."""

    beneficiary: str
    payer: str
    seq: int
    relation: str
    begndate: date
    enddate: date | None = None


async def bind(connection: Connection, link: Link) -> None:
    """Let the payer's account pay; raises `Refused` with every reason (P401–P405, P407, P106)."""
    reasons = check_link(link)
    if await connection.fetchval(LOCK, link.beneficiary) is None:
        reasons.append(Refusal("P106", f"人员编号{link.beneficiary}不存在", "请核对被共济人", "beneficiary"))
    if not await connection.fetchval(ACCOUNT_EXISTS, link.payer):
        reasons.append(Refusal("P403", "共济付款人没有个人账户", "只有职工医保参保人可作付款人", "payer"))
    if not await connection.fetchval(SAME_PROVINCE, link.payer, link.beneficiary):
        reasons.append(Refusal("P407", "付款人与被共济人不在同一省参保", "家庭共济限省内参保的近亲属", "payer"))
    bound = await connection.fetch(BOUND, link.beneficiary, link.begndate, link.enddate)
    reasons.extend(_conflicts(link, {row["payer"]: row["seq"] for row in bound}))
    if reasons:
        raise Refused(*reasons)
    try:
        await connection.execute(
            BIND, link.beneficiary, link.payer, link.seq, link.relation, link.begndate, link.enddate
        )
    except UniqueViolationError as error:
        raise Refused(_already_bound()) from error


async def unbind(connection: Connection, beneficiary: str, payer: str, last_day: date) -> None:
    """End the link after `last_day`; raises `Refused` P406 when there is none in force that day."""
    await connection.execute(LOCK, beneficiary)
    if await connection.fetchval(UNBIND, beneficiary, payer, last_day) is None:
        raise Refused(Refusal("P406", f"{last_day}没有有效的共济绑定关系", "请核对被共济人、付款人和日期", "payer"))


def check_link(link: Link) -> list[Refusal]:
    """What is wrong with the link in itself. Pure."""
    reasons = []
    if link.relation not in NEAR_RELATIVES:
        advice = "只能在配偶、父母、子女、兄弟姐妹、祖父母外祖父母、孙子女外孙子女之间共济"
        reasons.append(Refusal("P401", f"关系代码{link.relation}不属于近亲属", advice, "relation"))
    if link.beneficiary == link.payer:
        reasons.append(Refusal("P402", "本人账户无需绑定共济", "请选择近亲属", "payer"))
    if link.enddate is not None and link.enddate < link.begndate:
        reasons.append(Refusal("P405", "结束日期早于开始日期", "请核对日期", "enddate"))
    return reasons


def _conflicts(link: Link, bound: dict[str, int]) -> list[Refusal]:
    if link.payer in bound:
        return [_already_bound()]
    if link.seq in bound.values():
        return [Refusal("P405", f"支付顺序{link.seq}已被其他付款人占用", "请选择另一个顺序", "seq")]
    return []


def _already_bound() -> Refusal:
    return Refusal("P404", "该付款人在此期间已绑定", "如需调整，请先解除原绑定", "payer")
