"""Family sharing (家庭共济): a member's personal account pays for near relatives, in the order the family set.

Who is a near relative (近亲属): spouse, parents, children, brothers and sisters, grandparents, grandchildren.
Codes are the dictionary patn_rlts (Hunan edition 1.1.27): what the PAYER is to the person who is treated.
The payer must have agreed, and what he pays for one relative in a year may be limited by the area or by himself.
Refusals: P401 relation, P402 same person, P403 payer without account, P404 already bound, P405 order, P406 not bound,
P407 other province, P408 consent, P409 limit, P410 payer of another platform, P411 dead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from asyncpg.exceptions import UniqueViolationError

from yibao.core.database import Connection
from yibao.core.dates import SHANGHAI
from yibao.core.errors import Refusal, Refused
from yibao.core.money import fen_from_yuan
from yibao.population.events import Event, note
from yibao.population.queries import merged_person
from yibao.population.rules import rules_of

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
LOCK_BOTH = """
select psn_no, die_date, merged_into from population.person where psn_no = any ($1) order by psn_no for no key update
"""
ACCOUNT_EXISTS = "select exists (select from population.account where psn_no = $1)"
SAME_PROVINCE = """
select exists (select from population.enrolment p join population.enrolment b
               on left(p.insu_admdvs, 2) = left(b.insu_admdvs, 2) where p.psn_no = $1 and b.psn_no = $2)
"""
AREA_OF = "select insu_admdvs from population.enrolment where psn_no = $1 order by begndate desc limit 1"
CONSENT_WAYS = {"online": "网上授权", "counter": "窗口授权", "paper": "书面授权"}
BOUND = """
select payer, seq from population.family_link
where beneficiary = $1 and (enddate is null or enddate >= $2) and begndate <= coalesce($3, 'infinity'::date)
"""
BIND = """
insert into population.family_link (beneficiary, payer, seq, relation, begndate, enddate, consent_by, consent_at,
  consent_way, year_limit)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
UNBIND = """
update population.family_link set enddate = $3
where beneficiary = $1 and payer = $2 and begndate <= $3 and (enddate is null or enddate > $3) returning seq
"""


@dataclass(frozen=True, slots=True)
class Link:
    """`payer`'s account may pay for `beneficiary` from `begndate` to `enddate`; lower `seq` pays first.

    `year_limit` fen is the most that the payer gives in a year, None for no limit of his own.
    """

    beneficiary: str
    payer: str
    seq: int
    relation: str
    begndate: date
    enddate: date | None = None
    year_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """The payer's agreement (共济授权): who gave it, when (Shanghai time), and how: online, counter or paper."""

    by: str
    at: datetime
    way: str


async def bind(connection: Connection, link: Link, consent: Consent) -> None:
    """Let the payer's account pay; raises `Refused` with every reason (P401–P405, P407–P411, P106, P118)."""
    reasons = [*check_link(link), *check_consent(link, consent)]
    rows = await connection.fetch(LOCK_BOTH, [link.beneficiary, link.payer])
    people = {row["psn_no"]: row for row in rows}
    reasons.extend(_against_persons(link, people))
    if link.payer in people and not await connection.fetchval(ACCOUNT_EXISTS, link.payer):
        reasons.append(Refusal("P403", "共济付款人没有个人账户", "只有职工医保参保人可作付款人", "payer"))
    if len(people) > 1 and not await connection.fetchval(SAME_PROVINCE, link.payer, link.beneficiary):
        reasons.append(Refusal("P407", "付款人与被共济人不在同一省参保", "家庭共济限省内参保的近亲属", "payer"))
    bound = await connection.fetch(BOUND, link.beneficiary, link.begndate, link.enddate)
    reasons.extend(_conflicts(link, {row["payer"]: row["seq"] for row in bound}))
    if reasons:
        raise Refused(*reasons)
    days = (link.begndate, link.enddate)
    given = (consent.by, consent.at.replace(tzinfo=SHANGHAI), consent.way, await _limit(connection, link))
    try:
        await connection.execute(BIND, link.beneficiary, link.payer, link.seq, link.relation, *days, *given)
    except UniqueViolationError as error:
        raise Refused(_already_bound()) from error
    details = {"payer": link.payer, "relation": link.relation, "consent": consent.way, "until": link.enddate}
    await note(connection, Event(link.beneficiary, "family_bound", link.begndate, consent.by, "", details))


async def unbind(connection: Connection, beneficiary: str, payer: str, last_day: date, actor: str = "") -> None:
    """End the link after `last_day`; raises `Refused` P406 when there is none in force that day."""
    await connection.execute(LOCK, beneficiary)
    if await connection.fetchval(UNBIND, beneficiary, payer, last_day) is None:
        raise Refused(Refusal("P406", f"{last_day}没有有效的共济绑定关系", "请核对被共济人、付款人和日期", "payer"))
    await note(connection, Event(beneficiary, "family_unbound", last_day, actor, "", {"payer": payer}))


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
    if link.year_limit is not None and link.year_limit <= 0:
        reasons.append(Refusal("P409", "年度限额必须大于零", "不设限额时请留空", "year_limit"))
    return reasons


def check_consent(link: Link, consent: Consent) -> list[Refusal]:
    """Only the payer can agree, before the account pays. Pure."""
    if consent.by == link.payer and consent.way in CONSENT_WAYS:
        return []
    advice = f"须由付款人本人授权，方式为{'、'.join(CONSENT_WAYS.values())}"
    return [Refusal("P408", "没有付款人本人的共济授权", advice, "consent")]


def _against_persons(link: Link, people: dict[str, Any]) -> Iterator[Refusal]:
    """Unknown, merged and dead persons. An account that another platform keeps cannot be asked or charged here."""
    if link.beneficiary not in people:
        yield Refusal("P106", f"人员编号{link.beneficiary}不存在", "请核对被共济人", "beneficiary")
    if link.payer not in people:
        text = f"付款人{link.payer}的个人账户不在本平台"
        yield Refusal("P410", text, "在省内其他市参保的，请通过省级医保服务平台办理共济", "payer")
    for row in people.values():
        if row["merged_into"]:
            yield merged_person(row["psn_no"], row["merged_into"])
        if row["die_date"] is not None:
            yield Refusal("P411", f"人员{row['psn_no']}已于{row['die_date']}死亡", "不能再绑定共济", "psn_no")


async def _limit(connection: Connection, link: Link) -> int | None:
    """The most in a year: the area's limit and the payer's own, whichever is less; None when there is none."""
    area = await connection.fetchval(AREA_OF, link.payer)
    yuan = rules_of(area).on("family_year_limit", link.begndate)
    limits = [limit for limit in (fen_from_yuan(str(yuan)), link.year_limit) if limit]
    return min(limits, default=None)


def _conflicts(link: Link, bound: dict[str, int]) -> list[Refusal]:
    if link.payer in bound:
        return [_already_bound()]
    if link.seq in bound.values():
        return [Refusal("P405", f"支付顺序{link.seq}已被其他付款人占用", "请选择另一个顺序", "seq")]
    return []


def _already_bound() -> Refusal:
    return Refusal("P404", "该付款人在此期间已绑定", "如需调整，请先解除原绑定", "payer")
