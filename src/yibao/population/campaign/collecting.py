"""The village collector's work (村级代收): her list, the tick for money taken, the day's cash, her table both ways.

    people(connection, rules, Round(…))            one page of the list, households together
    tick(connection, packs, Taking(…))             assess, order over the village channel, paid at once
    assess_due(connection, packs, Taking(…))       what is due, before it is taken
    undo(connection, Taking(…))                    the same day only: the payment is reversed
    cash_of(connection, collector, day)            what she hands in for a day
    write_round / take_round                       the list as xlsx, and what she filled in

A tick is kept with its payment order; the money is due from the collector until the channel's cash is reconciled.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import IO, Any

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.core.money import yuan_text
from yibao.core.sheets import Column, Heading, read_sheet, write_sheet
from yibao.population.campaign.counting import below_area
from yibao.population.campaign.parameters import campaign_rules
from yibao.population.campaign.uninsured import ENROLLED, OTHERWISE_INSURED
from yibao.population.contributions.payments import Payment, confirm, reverse
from yibao.population.contributions.premiums import assess, nothing_due, order_for
from yibao.population.rules import Rules

VILLAGE = "village"
"""The payment channel of villages."""
LIVING = f"""
from population.person p
where p.live_area ~>=~ $4 and p.live_area ~<~ $5 and p.die_date is null and p.merged_into is null
  and not {OTHERWISE_INSURED}
"""
PEOPLE = f"""
with living as (
  select p.*, {ENROLLED} as enrolled {LIVING}
    and ($6 = '' or strpos(p.psn_name, $6) > 0 or right(p.certno, length($6)) = upper($6))
)
select p.psn_no, p.psn_name, p.certno, p.gend, p.brdy, p.tel, coalesce(p.household_no, '') as household_no,
       coalesce(head.psn_name, '') as head, coalesce(d.name, '') as village_name, p.enrolled,
       c.personal as due, coalesce(c.subsidy, 0) as subsidy, c.paid_on, t.day as ticked_on, t.amount as ticked
from living p
left join population.household h on h.household_no = p.household_no
left join population.person head on head.psn_no = h.head
left join directory.division d on d.code = p.live_area
left join lateral (
  select c.personal, c.subsidy, c.paid_on from population.contribution c
  where c.psn_no = p.psn_no and c.insutype = '390' and c.status in ('due', 'paid')
    and c.period_from between make_date($1, 1, 1) and make_date($1, 12, 31)
  order by c.status = 'paid' desc limit 1) c on true
left join population.collector_tick t on t.year = $1 and t.psn_no = p.psn_no and t.undone_at is null
where not ($7 and p.enrolled)
order by p.household_no nulls last, h.head = p.psn_no desc nulls last, p.brdy, p.psn_no limit $8 offset $9
"""
TOTALS = f"select count(*) as persons, count(*) filter (where {ENROLLED}) as enrolled {LIVING}"
CASH = """
select t.psn_no, p.psn_name, t.amount, t.year, t.order_no, t.ticked_at, t.village from population.collector_tick t
join population.person p using (psn_no)
where t.collector = $1 and t.day = $2 and t.undone_at is null order by t.tick_id desc
"""
LOCK_PERSON = "select live_area, psn_name from population.person where psn_no = $1 for no key update"
STANDING = """
select tick_id, amount, day, order_no, collector from population.collector_tick
where year = $1 and psn_no = $2 and undone_at is null
"""
IS_DUE = """
select exists (select 1 from population.contribution where psn_no = $1 and insutype = '390' and status = 'due'
               and period_from between make_date($2, 1, 1) and make_date($2, 12, 31))
"""
NEXT_TICK = "select nextval(pg_get_serial_sequence('population.collector_tick', 'tick_id'))"
TICK = """
insert into population.collector_tick (tick_id, year, psn_no, amount, collector, village, day, order_no)
overriding system value values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
UNDO = "update population.collector_tick set undone_at = now() where tick_id = $1"
YES = {"是", "√", "✓", "Y", "y", "1", "已收", "收讫"}
NO = {None, "", "否", "未", "未收", "×", "N", "n", "0"}
ROUND = (
    Column("psn_no", "人员编号"),
    Column("psn_name", "姓名", required=False),
    Column("amount", "应缴（元）", ("应缴", "金额"), required=False, kind="money"),
    Column("taken", "收讫", ("是否收讫",), required=False),
)


@dataclass(frozen=True, slots=True)
class Round:
    """Which page of whose list: `within` a division, `words` part of a name or the end of a certificate number."""

    year: int
    within: str
    words: str = ""
    unpaid_only: bool = True
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Villager:
    """One line of the list; amounts in fen; `due` None before the premium was assessed."""

    psn_no: str
    psn_name: str
    certno: str
    gend: str
    brdy: date
    tel: str
    household_no: str
    head: str
    village_name: str
    enrolled: bool
    due: int | None
    subsidy: int
    paid_on: date | None
    ticked_on: date | None
    ticked: int | None

    @property
    def state(self) -> str:
        """As the list says it."""
        if self.ticked_on:
            return "已代收"
        if self.enrolled:
            return "已缴费" if self.due else "全额资助"
        return "未缴费"


@dataclass(frozen=True, slots=True)
class Totals:
    """How many live there without other insurance, and how many of them are enrolled."""

    persons: int
    enrolled: int


@dataclass(frozen=True, slots=True)
class Taking:
    """A collector took (or gives back) the premium of a person; `within` is her division, `amount` fen in her hand.

    `psn_name` as her table has it, None where it is not told: a table sorted by one column only names the wrong people.
    """

    year: int
    psn_no: str
    collector: str
    within: str
    amount: int | None = None
    psn_name: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """One sum of the day; fen."""

    psn_no: str
    psn_name: str
    amount: int
    year: int
    order_no: str
    ticked_at: Any
    village: str


async def people(connection: Connection, rules: Rules, asked: Round) -> tuple[list[Villager], Totals]:
    """One page of the list and the totals of the division; `Refused` P001 without campaign rules."""
    counts = campaign_rules(rules, asked.year).fully_subsidised_counts
    shared = (asked.year, counts, dates.today(), *below_area(asked.within))
    rows = await connection.fetch(PEOPLE, *shared, asked.words, asked.unpaid_only, asked.limit, asked.offset)
    totals = await connection.fetchrow(TOTALS, *shared)
    return [Villager(**row) for row in rows], Totals(**totals)


async def tick(connection: Connection, packs: PackBook, taking: Taking) -> int:
    """The premium of a person was taken in cash: paid at once in the caller's transaction; returns fen.

    The same tick again changes nothing. Raises `Refused` P941 for a person of another division, P944 when another
    amount is due by now than was taken, and what the order refuses (P60x: nothing due, collection not open).
    """
    person = await _person_of(connection, taking)
    standing = await connection.fetchrow(STANDING, taking.year, taking.psn_no)
    if standing is not None:
        return int(standing["amount"])
    today, village = dates.today(), person["live_area"]
    order = await order_for(
        connection, packs, [taking.psn_no], taking.year, VILLAGE, taking.collector, day=today, payer=village
    )
    if taking.amount not in (None, order.amount):
        raise Refused(_other_amount(taking, order.amount))
    number = await connection.fetchval(NEXT_TICK)
    await connection.execute(
        TICK, number, taking.year, taking.psn_no, order.amount, taking.collector, village, today, order.order_no
    )
    payment = Payment(VILLAGE, order.order_no, order.amount, f"DS{number:010d}", dates.now())
    await confirm(connection, payment, taking.collector)
    return order.amount


async def assess_due(connection: Connection, packs: PackBook, taking: Taking) -> None:
    """Find out what a person of her division owes, so that she knows before she takes it. `Refused` P941, P60x."""
    await _person_of(connection, taking)
    await assess(connection, packs, [taking.psn_no], taking.year, dates.today(), taking.collector)
    if not await connection.fetchval(IS_DUE, taking.psn_no, taking.year):
        raise Refused(nothing_due(taking.psn_no, taking.year))


async def undo(connection: Connection, taking: Taking) -> int:
    """Take back a tick of today, money and all; returns fen. Raises `Refused` P941, P942, P943."""
    await _person_of(connection, taking)
    standing = await connection.fetchrow(STANDING, taking.year, taking.psn_no)
    if standing is None:
        raise Refused(Refusal("P942", "该人员没有代收登记", "请刷新清单后再办理", taking.psn_no))
    if standing["day"] != dates.today():
        raise Refused(
            Refusal("P943", f"{standing['day']}的代收款已上交，不能撤销", "请联系经办机构办理退费", taking.psn_no)
        )
    await connection.execute(UNDO, standing["tick_id"])
    await reverse(connection, standing["order_no"], taking.collector, "村级代收当日撤销")
    return int(standing["amount"])


async def cash_of(connection: Connection, collector: str, day: date) -> list[Taken]:
    """What a collector took on a day and did not undo, newest first."""
    return [Taken(**row) for row in await connection.fetch(CASH, collector, day)]


def write_round(
    target: Path | IO[bytes], title: str, rows: Iterable[Villager], *, certificate: Callable[[str], str] = str
) -> int:
    """The list as xlsx with a column 收讫 to fill in; returns the number of rows."""
    headings = (
        Heading("人员编号", "identity"), Heading("姓名", width=10), Heading("证件号码", "identity"),
        Heading("出生日期", "date"), Heading("户主", width=10), Heading("村（社区）"), Heading("应缴（元）", "money"),
        Heading("状态", width=10), Heading("收讫", width=8),
    )  # fmt: skip
    cells = (
        (p.psn_no, p.psn_name, certificate(p.certno), p.brdy, p.head, p.village_name, p.due, p.state, "")
        for p in rows
    )  # fmt: skip
    return write_sheet(target, title, headings, cells, note="收到现金的，在“收讫”栏填“是”")


async def take_round(
    connection: Connection, packs: PackBook, source: Path | bytes, takings: Callable[[str, int | None], Taking]
) -> tuple[list[int], list[Refusal]]:
    """Tick whom the table says so, in the caller's transaction; amounts taken, and why other rows were not.

    A table that cannot be read is refused as a whole (C1xx); a person who cannot pay is answered with the row.
    """
    rows = list(read_sheet(source, ROUND, ignore_unknown=True))
    faults = [Refusal(f.code, f.text, f.advice, f"第{row.number}行") for row in rows for f in row.faults]
    if faults:
        raise Refused(*faults)
    taken: list[int] = []
    left: list[tuple[int, Refusal]] = []
    for row in sorted(rows, key=lambda row: str(row.values["psn_no"])):  # as everybody locks persons
        said = row.values.get("taken")
        if said in NO:
            continue
        if said not in YES:
            left.append((row.number, _unclear(said, row.number)))
            continue
        try:
            taking = replace(
                takings(row.values["psn_no"], row.values.get("amount")), psn_name=row.values.get("psn_name")
            )
            async with connection.transaction():
                taken.append(await tick(connection, packs, taking))
        except Refused as refused:
            left += [(row.number, Refusal(r.code, r.text, r.advice, f"第{row.number}行")) for r in refused.refusals]
    return taken, [refusal for _, refusal in sorted(left, key=lambda one: one[0])]


def _unclear(said: object, number: int) -> Refusal:
    text = f"“收讫”栏的“{said}”看不出是否收到现金"
    return Refusal("P946", text, "没有登记；收到的填“是”，没有收到的不填", f"第{number}行")


def cash_text(takings: Iterable[Taken]) -> str:
    """The sum of a day as people read it."""
    return yuan_text(sum(one.amount for one in takings))


def _other_amount(taking: Taking, due: int) -> Refusal:
    text = f"收到{yuan_text(taking.amount or 0)}元，现应缴{yuan_text(due)}元"
    return Refusal("P944", text, "没有登记；请按现应缴金额收款后再登记", taking.psn_no)


async def _person_of(connection: Connection, taking: Taking) -> Any:
    person = await connection.fetchrow(LOCK_PERSON, taking.psn_no)
    if person is None or not person["live_area"].startswith(taking.within):
        raise Refused(Refusal("P941", "该人员不在您的代收区域内", "请到其居住地所在的村（社区）办理", taking.psn_no))
    if taking.psn_name not in (None, person["psn_name"]):
        text = f"人员编号{taking.psn_no}不是{taking.psn_name}"
        raise Refused(Refusal("P945", text, "表中的行可能错位，请重新下载清单后填写", taking.psn_no))
    return person
