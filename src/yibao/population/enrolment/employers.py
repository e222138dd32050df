"""Employers (参保单位): register by unified social credit code, close, and who works there.

The code (统一社会信用代码, GB 32100-2015) has 18 characters without I, O, S, V, Z; the last is a check character by
modulo 31. Refusals: P141 code, P142 registered before, P143 unknown, P144 closed, P145 staff still enrolled, P146 name.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from asyncpg.exceptions import UniqueViolationError

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.enrolment.persons import check_area

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

COLUMNS = "emp_no, uscc, emp_name, insu_admdvs, begndate, enddate, details"
BY_USCC = f"select {COLUMNS} from population.employer where uscc = $1"
BY_NUMBER = f"select {COLUMNS} from population.employer where emp_no = $1"
LOCK = f"{BY_NUMBER} for no key update"
OF_CITY = """
select emp_no from population.employer
where insu_admdvs like $1 || '%' and begndate <= $3 and (enddate is null or enddate >= $2) order by emp_no
"""
INSERT = """
insert into population.employer (emp_no, uscc, emp_name, insu_admdvs, begndate, details)
values ('E' || $1 || nextval('population.employer_no'), $2, $3, $1, $4, $5) returning emp_no
"""
CLOSE = "update population.employer set enddate = $2 where emp_no = $1"
STAFF = """
select e.psn_no, p.psn_name, p.certno, e.psn_insu_rlts_id, e.category, e.psn_type, e.psn_insu_stas, e.begndate
from population.enrolment e join population.person p using (psn_no)
where e.emp_no = $1 and e.begndate <= $2 and (e.enddate is null or e.enddate >= $2)
  and (e.psn_insu_stas in ('1', '4') or (e.psn_insu_stas = '2' and e.paus_date > $2))
order by e.psn_no
"""
NOTE = "insert into core.audit_event (actor, action, subject, details) values ($1, $2, $3, $4)"


@dataclass(frozen=True, slots=True)
class Employer:
    """A registered employer; `enddate` is its last day."""

    emp_no: str
    uscc: str
    emp_name: str
    insu_admdvs: str
    begndate: date
    enddate: date | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worker:
    """One line of an employer's roster (单位参保人员名册)."""

    psn_no: str
    psn_name: str
    certno: str
    psn_insu_rlts_id: int
    category: str
    psn_type: str
    psn_insu_stas: str
    begndate: date


def check_character(first_seventeen: str) -> str:
    """The eighteenth character of a unified social credit code; `ValueError` for characters it does not have."""
    total = sum(weight * ALPHABET.index(c) for weight, c in zip(WEIGHTS, first_seventeen, strict=True))
    return ALPHABET[-total % 31]


def is_social_credit_code(uscc: str) -> bool:
    """Whether the code has 18 characters of the alphabet and the right check character."""
    return len(uscc) == 18 and set(uscc) <= set(ALPHABET) and check_character(uscc[:17]) == uscc[17]


async def register_employer(
    connection: Connection,
    uscc: str,
    emp_name: str,
    insu_admdvs: str,
    begndate: date,
    actor: str,
    details: dict[str, Any] | None = None,
) -> str:
    """Register in the caller's transaction; returns emp_no or raises `Refused` P115, P141, P142, P146.

    `details` keeps what payroll needs (kind of enterprise, contact …) as given.
    """
    uscc, emp_name = uscc.strip().upper(), emp_name.strip()
    reasons = [*check_area(insu_admdvs), *check_employer(uscc, emp_name)]
    known = await employer_of(connection, uscc)
    if known is not None:
        reasons.append(_registered(uscc, known.emp_no))
    if reasons:
        raise Refused(*reasons)
    try:
        async with connection.transaction():
            emp_no: str = await connection.fetchval(INSERT, insu_admdvs, uscc, emp_name, begndate, details or {})
    except UniqueViolationError as error:
        raise Refused(_registered(uscc, "")) from error
    await connection.execute(NOTE, actor, "employer.register", emp_no, {"uscc": uscc, "emp_name": emp_name})
    return emp_no


def check_employer(uscc: str, emp_name: str) -> list[Refusal]:
    """What is wrong with code and name in themselves. Pure."""
    reasons = []
    if not is_social_credit_code(uscc):
        text = "统一社会信用代码不正确（应为18位，不含I、O、S、V、Z，且校验码一致）"
        reasons.append(Refusal("P141", text, "请按营业执照核对", "uscc"))
    if not 2 <= len(emp_name) <= 100:
        reasons.append(Refusal("P146", "单位名称为空或过长", "请按营业执照填写单位名称", "emp_name"))
    return reasons


async def employer_of(connection: Connection, uscc: str) -> Employer | None:
    """The employer of a unified social credit code, closed ones too."""
    row = await connection.fetchrow(BY_USCC, uscc.strip().upper())
    return None if row is None else Employer(**row)


async def employer(connection: Connection, emp_no: str) -> Employer:
    """The employer of a number; raises `Refused` P143."""
    row = await connection.fetchrow(BY_NUMBER, emp_no)
    if row is None:
        raise Refused(unknown_employer(emp_no))
    return Employer(**row)


async def locked(connection: Connection, emp_no: str) -> Employer:
    """The employer, locked for this transaction: two changes of it follow each other; raises `Refused` P143."""
    row = await connection.fetchrow(LOCK, emp_no)
    if row is None:
        raise Refused(unknown_employer(emp_no))
    return Employer(**row)


async def employers_of(connection: Connection, insu_admdvs: str, first: date, last: date) -> list[str]:
    """Numbers of the employers of a city that are registered on a day from `first` to `last`, in their order."""
    return [row[0] for row in await connection.fetch(OF_CITY, insu_admdvs[:4], first, last)]


async def close_employer(connection: Connection, emp_no: str, last_day: date, actor: str, reason: str) -> None:
    """Close after `last_day` (注销); raises `Refused` P143, P144 closed before, P145 staff left."""
    found = await locked(connection, emp_no)
    if found.enddate is not None:
        raise Refused(closed_employer(found))
    left = await staff(connection, emp_no, max(last_day, found.begndate))
    still = [worker for worker in left if worker.psn_insu_stas == "1"]
    if still:
        text = f"单位还有{len(still)}名在保人员"
        raise Refused(Refusal("P145", text, "请先为这些人员办理减员或转出", "emp_no"))
    await connection.execute(CLOSE, emp_no, last_day)
    await connection.execute(NOTE, actor, "employer.close", emp_no, {"last_day": str(last_day), "reason": reason})


async def staff(connection: Connection, emp_no: str, day: date) -> list[Worker]:
    """Who is enrolled through the employer on `day`, in the order of their numbers."""
    return [Worker(**row) for row in await connection.fetch(STAFF, emp_no, day)]


def unknown_employer(emp_no: str) -> Refusal:
    """The refusal for an employer number that is not registered."""
    return Refusal("P143", f"参保单位{emp_no}不存在", "请先办理单位参保登记", "emp_no")


def closed_employer(found: Employer) -> Refusal:
    """The refusal for an employer that was closed."""
    return Refusal("P144", f"{found.emp_name}已于{found.enddate}注销", "请核对参保单位", "emp_no")


def _registered(uscc: str, emp_no: str) -> Refusal:
    text = f"统一社会信用代码{uscc}已登记{f'为参保单位{emp_no}' if emp_no else ''}"
    return Refusal("P142", text, "无需重复登记，请使用原单位编号", "uscc")
