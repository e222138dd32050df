"""What lies on the desks of the made-up city: an employer's month with its bill, a department's roster to review.

    await declare_staff(connection, emp_no, today)     a raise, a new colleague, lines that are refused
    await send_roster(connection, packs, today)        tags that run, begin, cannot begin, and people to look at

Both are the real actions over the people who are there, in the caller's transaction.
"""

from datetime import date
from typing import Any

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.crypto import sm3_hex
from yibao.core.database import Connection
from yibao.core.months import first_of, plus_months
from yibao.core.sheets import Heading
from yibao.demo.employment import declare_month, table
from yibao.demo.source import HOME
from yibao.population.identity import identity_number
from yibao.population.rosters.exchange import Manifest, take_in

DEPARTMENT = "civil_affairs"
NOWHERE = "340699"
"""A county code that does not exist."""
USUAL_WAGE = 600_000
RAISE = 50_000
STAFF = """
select p.certno, p.psn_name, coalesce(c.base, $2::bigint) as wage from population.enrolment e
join population.person p using (psn_no)
left join lateral (select base from population.contribution c where c.psn_no = e.psn_no and c.insutype = '310'
                   order by period_from desc limit 1) c on true
where e.emp_no = $1 and e.psn_insu_stas = '1' and e.category = 'employee' and p.die_date is null order by p.psn_no
"""
LAST_MONTH = "select max(period_from) from population.contribution where emp_no = $1 and insutype = '310'"
PEOPLE = """
select p.certno, p.psn_name, p.brdy, exists (select from population.identity_tag t
         where t.psn_no = p.psn_no and t.tag = '低保' and t.endtime is null) as poor,
       exists (select from population.enrolment e where e.psn_no = p.psn_no and e.psn_insu_stas = '1') as enrolled
from population.person p
where p.psn_no like $1 and p.die_date is null and p.brdy < $2
  and not exists (select from population.identity_tag t where t.psn_no = p.psn_no and t.tag <> '低保')
order by p.psn_no
"""
ROSTER = (Heading("证件号码", "identity"), Heading("姓名"), Heading("身份类别"), Heading("开始日期", "date"))


async def declare_staff(connection: Connection, emp_no: str, today: date) -> None:
    """The first month that nobody has paid yet is declared; its bill waits to be paid."""
    last: date | None = await connection.fetchval(LAST_MONTH, emp_no)
    month = max(first_of(today), plus_months(last, 1) if last else date.min)
    staff = [(row["certno"], row["psn_name"], row["wage"]) for row in await connection.fetch(STAFF, emp_no, USUAL_WAGE)]
    if not staff:
        return
    certno, name, wage = staff[0]
    lines = [(certno, name, wage + RAISE, ""), *((*line, "") for line in staff[1:])]
    lines.append((identity_number(NOWHERE, date(1999, 4, 12), 901), "辛新职", USUAL_WAGE, "新增"))
    lines.append((identity_number(NOWHERE, date(1988, 9, 3), 903), "伍错行", 0, ""))
    lines.append((certno[:-1] + ("1" if certno[-1] != "1" else "2"), "郑错号", USUAL_WAGE, "新增"))
    await declare_month(connection, emp_no, month, lines, dates.now())


async def send_roster(connection: Connection, packs: PackBook, today: date) -> None:
    """The department's first file, to be confirmed by a clerk."""
    people = await connection.fetch(PEOPLE, f"{HOME}1%", date(today.year - 30, 1, 1))
    content = table("救助对象名册", ROSTER, _lines(people, date(today.year, today.month, 1)))
    manifest = Manifest(
        admdvs=HOME, department=DEPARTMENT, sequence=1, kind="roster", file_name=f"救助对象{today:%Y-%m}.xlsx",
        sm3=sm3_hex(content), mode="incremental", as_of=today,
    )  # fmt: skip
    await take_in(connection, packs, manifest, content, "civil_affairs", today)


def _lines(people: list[Any], since: date) -> list[tuple[Any, ...]]:
    """One of each kind that a comparison tells apart, as far as there are such people."""
    poor = [row for row in people if row["poor"]][:6]
    plain = [row for row in people if not row["poor"] and row["enrolled"]][:9]
    missed = [row for row in people if not row["poor"] and not row["enrolled"]][:3]
    renamed, new = plain[:3], plain[3:]
    lines: list[tuple[Any, ...]] = [(row["certno"], row["psn_name"], "低保对象", None) for row in poor]
    lines += [(row["certno"], row["psn_name"], "特困供养人员", since) for row in new[:2]]
    lines += [(row["certno"], row["psn_name"], "低保边缘", since) for row in new[2:]]
    lines += [(row["certno"], row["psn_name"], "低保对象", since) for row in missed]
    lines += [(row["certno"], row["psn_name"][0] + "某", "低保对象", since) for row in renamed]
    lines.append((identity_number(NOWHERE, date(1947, 2, 8), 905), "常不在", "特困供养人员", since))
    lines += [(row["certno"], row["psn_name"], "重点优抚对象", since) for row in new[:1]]
    return lines
