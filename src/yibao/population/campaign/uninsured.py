"""Lists of the uninsured (未参保人员清单): by division, school, helper responsible, tag, department, name.

    uninsured(connection, rules, Search(…), limit)   rows in the order of village and person, from `after` on
    write_list(target, …, rows)                      the same as xlsx

On a list is who lives here, is alive, has no other insurance and does not count as enrolled for the year: the same
persons whom `counting` counts as uninsured, as of now.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

from yibao.core.database import Connection
from yibao.core.sheets import Heading, write_sheet
from yibao.population.campaign.counting import below_area
from yibao.population.campaign.parameters import campaign_rules
from yibao.population.rules import Rules

ENROLLED = """exists (
    select 1 from population.contribution c
    where c.psn_no = p.psn_no and c.insutype = '390' and c.status in ('due', 'paid')
      and c.period_from between make_date($1, 1, 1) and make_date($1, 12, 31)
      and (c.status = 'paid' or (c.personal = 0 and $2)))"""
OTHERWISE_INSURED = """exists (
    select 1 from population.enrolment e
    where e.psn_no = p.psn_no and e.insutype <> '390' and e.psn_insu_stas = '1'
      and (e.enddate is null or e.enddate >= $3))"""
LIST = """
select p.psn_no, p.certno, p.psn_name, p.gend, p.brdy, p.tel, p.live_area as village,
       coalesce(d.name, '') as village_name, coalesce(above.name, '') as town_name,
       coalesce(due.personal, 0) as due, due.personal is not null as assessed,
       exists (select 1 from population.contribution l where l.psn_no = p.psn_no and l.insutype = '390'
               and l.status = 'paid' and l.period_from = make_date($1 - 1, 1, 1)) as paid_last_year,
       coalesce(tags.words, '{{}}') as tags, coalesce(s.name, '') as school, coalesce(r.class, '') as school_class,
       coalesce(h.helper, '') as helper, coalesce(h.unit, '') as helping_unit, coalesce(h.tel, '') as helper_tel
from {source} population.person p {joined}
left join directory.division d on d.code = p.live_area
left join directory.division above on above.code = left(p.live_area, 9) and d.level = 5
left join lateral (
  select c.personal from population.contribution c
  where c.psn_no = p.psn_no and c.insutype = '390' and c.status = 'due'
    and c.period_from between make_date($1, 1, 1) and make_date($1, 12, 31) limit 1) due on true
left join lateral (
  select array_agg(t.tag order by t.tag) as words from population.identity_tag t
  where t.psn_no = p.psn_no and t.begntime <= $3 and (t.endtime is null or t.endtime >= $3)) tags on true
left join population.school_roll r on r.year = $1 and r.psn_no = p.psn_no
left join population.school s on s.school_no = r.school_no
left join lateral (
  select k.helper, k.unit, k.tel from population.helper_responsible k
  where k.psn_no = p.psn_no and k.begndate <= $3 and (k.enddate is null or k.enddate >= $3)
  order by k.begndate desc limit 1) h on true
where {conditions}
order by p.live_area using ~<~, p.psn_no limit {limit}
"""
LONGEST = 120.0  # seconds that a long list may take; the pool's statements get thirty
TOWN_DIGITS = 9
"""Below a town a list starts from who lives there, above it from who has the tag."""


@dataclass(frozen=True, slots=True)
class Search:
    """Whose list; what is empty does not restrict. `within` a division code, `department` the owner of a tag,
    `after` the place of the last row of the page before."""

    year: int
    within: str
    school_no: str = ""
    helper: str = ""
    tag: str = ""
    department: str = ""
    name: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Uninsured:
    """One person to be won; `due` fen still to pay when it is `assessed`; `paid_last_year` tells 断保 from 漏保."""

    psn_no: str
    certno: str
    psn_name: str
    gend: str
    brdy: date
    tel: str
    village: str
    village_name: str
    town_name: str
    due: int
    assessed: bool
    paid_last_year: bool
    tags: tuple[str, ...]
    school: str
    school_class: str
    helper: str
    helping_unit: str
    helper_tel: str

    @property
    def place(self) -> str:
        """Where the next page goes on."""
        return f"{self.village}.{self.psn_no}"

    @property
    def state(self) -> str:
        """断保 was insured last year, 漏保 was not."""
        return "断保" if self.paid_last_year else "漏保"


async def uninsured(connection: Connection, rules: Rules, search: Search, today: date, limit: int) -> list[Uninsured]:
    """At most `limit` persons in the order of village and person number; `Refused` P001 without campaign rules."""
    statement, values = list_statement(search, limit)
    counts = campaign_rules(rules, search.year).fully_subsidised_counts
    rows = await connection.fetch(statement, search.year, counts, today, *values, timeout=LONGEST)
    return [Uninsured(**{**row, "tags": tuple(row["tags"])}) for row in rows]


def list_statement(search: Search, limit: int) -> tuple[str, list[Any]]:
    """The statement of a search and its parameters from $4 on; $1 the year, $2 whether subsidised count, $3 the day."""
    values: list[Any] = []

    def parameter(value: Any) -> str:
        values.append(value)
        return f"${len(values) + 3}"

    source, joined = _source(search, parameter)
    conditions = [*_who(search, parameter), f"not {ENROLLED}", f"not {OTHERWISE_INSURED}"]
    statement = LIST.format(source=source, joined=joined, conditions=" and ".join(conditions), limit=limit)
    return statement, values


def _source(search: Search, parameter: Callable[[Any], str]) -> tuple[str, str]:
    """What the list starts from where it is not the village."""
    if search.school_no:
        roll = (
            f"select psn_no from population.school_roll where year = $1 and school_no = {parameter(search.school_no)}"
        )
        return f"({roll}) pupils join", "using (psn_no)"
    if search.helper:
        cared = f"select distinct psn_no from population.helper_responsible where helper = {parameter(search.helper)}"
        return f"({cared} and begndate <= $3 and (enddate is null or enddate >= $3)) cared join", "using (psn_no)"
    if (search.tag or search.department) and len(search.within) < TOWN_DIGITS:
        tagged = f"select distinct psn_no from population.identity_tag where {_tagged(search, parameter)}"
        return f"({tagged}) tagged join", "using (psn_no)"
    return "", ""


def _tagged(search: Search, parameter: Callable[[Any], str]) -> str:
    """Condition on a tag: in force, of this name, of this department, as asked."""
    asked = [f"tag = {parameter(search.tag)}"] if search.tag else []
    asked += [f"owner = {parameter(search.department)}"] if search.department else []
    return " and ".join([*asked, "begntime <= $3 and (endtime is null or endtime >= $3)"])


def _who(search: Search, parameter: Callable[[Any], str]) -> list[str]:
    """Conditions on the person."""
    below, beyond = below_area(search.within)
    found = [
        f"p.live_area ~>=~ {parameter(below)} and p.live_area ~<~ {parameter(beyond)}",
        "p.die_date is null and p.merged_into is null",
    ]
    if (search.tag or search.department) and len(search.within) >= TOWN_DIGITS:
        tagged = _tagged(search, parameter)
        found.append(f"exists (select 1 from population.identity_tag where psn_no = p.psn_no and {tagged})")
    if search.name:
        found.append(f"p.psn_name = {parameter(search.name)}")
    if search.after:
        village, _, psn_no = search.after.partition(".")
        at = parameter(village)
        found.append(f"p.live_area ~>=~ {at} and (p.live_area ~>~ {at} or p.psn_no > {parameter(psn_no)})")
    return found


def write_list(
    target: Path | IO[bytes], title: str, rows: Iterable[Uninsured], *, certificate: Callable[[str], str] = str
) -> int:
    """A list as xlsx; `certificate` masks identity numbers for who need not see them; returns the number of rows."""
    headings = (
        Heading("人员编号", "identity"), Heading("姓名", width=10), Heading("证件号码", "identity"),
        Heading("出生日期", "date"), Heading("电话", "identity", 14), Heading("镇（街道）"), Heading("村（社区）"),
        Heading("应缴（元）", "money"), Heading("类型", width=8), Heading("身份标识"), Heading("学校", width=20),
        Heading("班级"), Heading("帮扶责任人"), Heading("帮扶单位", width=20), Heading("帮扶人电话", "identity", 14),
    )  # fmt: skip
    return write_sheet(target, title, headings, (_cells(row, certificate) for row in rows))


def _cells(row: Uninsured, certificate: Callable[[str], str]) -> tuple[Any, ...]:
    return (
        row.psn_no, row.psn_name, certificate(row.certno), row.brdy, row.tel, row.town_name, row.village_name,
        row.due if row.assessed else None, row.state, "、".join(row.tags), row.school, row.school_class, row.helper,
        row.helping_unit, row.helper_tel,
    )  # fmt: skip
