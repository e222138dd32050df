"""Registering persons (参保人登记): checks, number, further certificates, corrections.

    find_or_register(connection, NewPerson(…), actor, reason)   the number of a known certificate, or a new one
    register(…)                                                 a new one; every fault refused at once
    correct(connection, psn_no, {"tel": …}, actor, reason)      change what was registered wrongly
    add_certificate(connection, psn_no, kind, number, actor)    a second passport, a birth certificate …

`check_person` is pure: it says what is wrong with the data in themselves. Refusals: P101, P105, P106, P111–P119.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.entitlement import coverage
from yibao.population.events import Event, note
from yibao.population.identity import birth_date, is_identity_number, normalised, sex
from yibao.population.queries import merged_person, unknown_person

IDENTITY_CARD, BIRTH_CERTIFICATE = "01", "990201"
CERTIFICATE_TYPES = frozenset(
    [*(f"{number:02d}" for number in range(1, 17)), "90", "99", "990102", BIRTH_CERTIFICATE],
)  # dictionary psn_cert_type, Hunan edition 1.1.27
SEXES = ("0", "1", "2", "9")  # dictionary gend
NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[·•.\-' ]){0,49}")
CORRECTABLE = ("psn_name", "gend", "naty", "brdy", "tel", "addr", "hsreg_area", "live_area")
TOWN = 9  # digits of a division code that name the town

LOCK_CERTIFICATE = "select pg_advisory_xact_lock(hashtextextended('certificate ' || $1 || ' ' || $2, 0))"
LOCK_PERSON = """
select psn_no, psn_cert_type, certno, psn_name, gend, brdy, die_date, merged_into, hsreg_area, live_area, household_no
from population.person where psn_no = $1 for no key update
"""
HOLDER = """
select k.psn_no, p.psn_name from (
  select coalesce(merged_into, psn_no) as psn_no from population.person where psn_cert_type = $1 and certno = $2
  union all select psn_no from population.certificate where psn_cert_type = $1 and certno = $2
) k join population.person p using (psn_no) limit 1
"""
NAMESAKES = """
select psn_no, psn_cert_type, hsreg_area, live_area from population.person
where psn_name = $1 and brdy = $2 and merged_into is null and (gend = $3 or gend in ('0', '9') or $3 in ('0', '9'))
"""
UNKNOWN_DIVISIONS = """
select code from unnest($1::text[]) as a (code)
where code <> '' and not exists (select from directory.division d where d.code = a.code)
"""
INSERT = """
insert into population.person (psn_no, psn_cert_type, certno, psn_name, gend, naty, brdy, tel, addr, hsreg_area,
  live_area)
values ($1 || lpad(nextval('population.person_no')::text, 14, '0'), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
returning psn_no
"""
ADD_CERTIFICATE = "insert into population.certificate (psn_cert_type, certno, psn_no) values ($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to register in the city `insu_admdvs` (six digits). `gend` and `brdy` may be left out with an identity
    number. Areas are codes of directory.division, down to the village. `despite_namesake` says that somebody has
    looked at the persons of the same name, birth date and town, and that this is another one.
    """

    certno: str
    psn_name: str
    insu_admdvs: str
    gend: str = ""
    brdy: date | None = None
    psn_cert_type: str = IDENTITY_CARD
    naty: str = "01"
    tel: str = ""
    addr: str = ""
    hsreg_area: str = ""
    live_area: str = ""
    despite_namesake: bool = False


async def find_or_register(connection: Connection, person: NewPerson, actor: str, reason: str) -> str:
    """The person's number, registered now when the certificate is new; raises `Refused` as `register`, and P105 when
    the certificate belongs to somebody of another name.
    """
    holder = await connection.fetchrow(HOLDER, person.psn_cert_type, normalised(person.certno))
    if holder is None:
        return await register(connection, person, actor, reason)
    if holder["psn_name"] != person.psn_name.strip():
        text = f"证件{person.certno}已登记在人员{holder['psn_no']}名下，姓名不一致"
        raise Refused(Refusal("P105", text, "请核对证件号码和姓名", "psn_name"))
    return str(holder["psn_no"])


async def register(connection: Connection, person: NewPerson, actor: str, reason: str) -> str:
    """Register in the caller's transaction; returns psn_no or raises `Refused` with every reason."""
    person = completed(person)
    reasons = [*check_area(person.insu_admdvs), *check_person(person, dates.today())]
    await connection.execute(LOCK_CERTIFICATE, person.psn_cert_type, person.certno)
    holder = await connection.fetchrow(HOLDER, person.psn_cert_type, person.certno)
    if holder is not None:
        reasons.append(_taken(person.certno, holder["psn_no"]))
    reasons.extend(await unknown_divisions(connection, person.hsreg_area, person.live_area))
    if holder is None and not person.despite_namesake:
        reasons.extend(await _namesakes(connection, person))
    if reasons:
        raise Refused(*reasons)
    psn_no: str = await connection.fetchval(INSERT, person.insu_admdvs, *_columns(person))
    await note(connection, Event(psn_no, "registered", dates.today(), actor, reason, registration(person)))
    return psn_no


def completed(person: NewPerson) -> NewPerson:
    """The person with normalised number and name; birth date and sex from the identity number where not given."""
    certno, name = normalised(person.certno), person.psn_name.strip()
    person = replace(person, certno=certno, psn_name=name)
    if person.psn_cert_type != IDENTITY_CARD or not is_identity_number(certno):
        return person
    return replace(person, gend=person.gend or sex(certno), brdy=person.brdy or birth_date(certno))


def check_person(person: NewPerson, today: date) -> list[Refusal]:
    """What is wrong with a completed person in itself. Pure."""
    reasons = check_certificate(person.psn_cert_type, person.certno)
    if not NAME.fullmatch(person.psn_name):
        reasons.append(Refusal("P114", "姓名为空、过长或含有数字、符号", "请按证件填写姓名", "psn_name"))
    if reasons and person.psn_cert_type == IDENTITY_CARD:
        return reasons  # birth date and sex would have come from the number
    if person.gend not in SEXES:
        reasons.append(Refusal("P113", f"性别代码{person.gend or '未填'}不正确", "请填1男或2女", "gend"))
    if person.brdy is None:
        reasons.append(Refusal("P112", "没有出生日期", "非居民身份证登记时必须填写出生日期", "brdy"))
    elif person.brdy > today:
        reasons.append(Refusal("P119", f"出生日期{person.brdy}在今天之后", "请核对出生日期", "brdy"))
    if not reasons and person.psn_cert_type == IDENTITY_CARD:
        reasons.extend(_against_number(person))
    return reasons


def check_area(insu_admdvs: str) -> list[Refusal]:
    """P115 when the pooling area is no six-digit code. Pure."""
    if re.fullmatch(r"[1-9][0-9]{5}", insu_admdvs):
        return []
    return [Refusal("P115", f"统筹区代码{insu_admdvs or '未填'}不是六位数字", "请核对统筹区", "insu_admdvs")]


def check_certificate(psn_cert_type: str, certno: str) -> list[Refusal]:
    """P117 type not in the dictionary or no number, P101 no identity number. Pure."""
    if psn_cert_type not in CERTIFICATE_TYPES:
        return [Refusal("P117", f"证件类型{psn_cert_type}不在字典中", "请核对人员证件类型", "psn_cert_type")]
    if psn_cert_type == IDENTITY_CARD and not is_identity_number(certno):
        text = "居民身份证号码不正确（位数、出生日期或校验码有误）"
        return [Refusal("P101", text, "请核对身份证号码", "certno")]
    if not re.fullmatch(r"[0-9A-Z()（）\-/]{4,40}", certno):
        return [Refusal("P117", "证件号码为空、过短、过长或含有其他符号", "请按证件填写号码", "certno")]
    return []


def registration(person: NewPerson) -> dict[str, Any]:
    """What the event of a registration keeps."""
    return {
        "psn_cert_type": person.psn_cert_type,
        "certno": person.certno,
        "psn_name": person.psn_name,
        "gend": person.gend,
        "brdy": str(person.brdy),
        "hsreg_area": person.hsreg_area,
        "live_area": person.live_area,
    }


async def locked(connection: Connection, psn_no: str) -> Any:
    """The person's row, locked for this transaction; raises `Refused` P106 unknown, P118 merged."""
    row = await connection.fetchrow(LOCK_PERSON, psn_no)
    if row is None:
        raise Refused(unknown_person(psn_no))
    if row["merged_into"]:
        raise Refused(merged_person(psn_no, row["merged_into"]))
    return row


async def correct(
    connection: Connection, psn_no: str, changes: Mapping[str, Any], actor: str, reason: str
) -> dict[str, Any]:
    """Correct registered data (keys of `CORRECTABLE`); returns {column: [before, after]} of what really changed.

    Raises `Refused` P106, P118 and as `register`; another birth date renews coverage.
    """
    await locked(connection, psn_no)
    row = await connection.fetchrow("select * from population.person where psn_no = $1", psn_no)
    unknown = sorted(changes.keys() - set(CORRECTABLE))
    if unknown:
        raise Refused(Refusal("P110", f"{'、'.join(unknown)}不能更正", "证件请用增加证件，重复登记请用合并"))
    changed = {name: value for name, value in changes.items() if row[name] != value}
    after = NewPerson(**{name: changed.get(name, row[name]) for name in _FIELDS}, insu_admdvs=psn_no[:6])
    reasons = check_person(after, dates.today())
    reasons.extend(await unknown_divisions(connection, after.hsreg_area, after.live_area))
    if reasons:
        raise Refused(*reasons)
    for name, value in changed.items():
        await connection.execute(f"update population.person set {name} = $2 where psn_no = $1", psn_no, value)
    details = {name: [_plain(row[name]), _plain(value)] for name, value in changed.items()}
    if details:
        await note(connection, Event(psn_no, "corrected", dates.today(), actor, reason, details))
    if "brdy" in changed:
        await coverage.refresh(connection, [psn_no])
    return details


async def add_certificate(connection: Connection, psn_no: str, psn_cert_type: str, certno: str, actor: str) -> None:
    """Keep one more certificate of a person; raises `Refused` P101, P106, P111, P117, P118."""
    certno = normalised(certno)
    await locked(connection, psn_no)
    await connection.execute(LOCK_CERTIFICATE, psn_cert_type, certno)
    reasons = check_certificate(psn_cert_type, certno)
    holder = await connection.fetchrow(HOLDER, psn_cert_type, certno)
    if holder is not None:
        reasons.append(_taken(certno, holder["psn_no"]))
    if reasons:
        raise Refused(*reasons)
    await connection.execute(ADD_CERTIFICATE, psn_cert_type, certno, psn_no)
    details = {"psn_cert_type": psn_cert_type, "certno": certno}
    await note(connection, Event(psn_no, "certificate_added", dates.today(), actor, "", details))


async def unknown_divisions(connection: Connection, hsreg_area: str, live_area: str) -> list[Refusal]:
    """P115 for each area that is not in directory.division."""
    places = {"hsreg_area": ("户籍地", hsreg_area), "live_area": ("居住地", live_area)}
    rows = await connection.fetch(UNKNOWN_DIVISIONS, [hsreg_area, live_area])
    unknown = {row["code"] for row in rows}
    return [
        Refusal("P115", f"{title}区划代码{code}不存在", "请选择到村（居）委会的区划", place)
        for place, (title, code) in places.items()
        if code in unknown
    ]


async def _namesakes(connection: Connection, person: NewPerson) -> list[Refusal]:
    """P116 when someone of the same name, sex and birth date lives in the same town and one of both has no identity
    number: two good identity numbers are two persons.
    """
    rows = await connection.fetch(NAMESAKES, person.psn_name, person.brdy, person.gend)
    suspects = [
        row["psn_no"]
        for row in rows
        if (row["psn_cert_type"], person.psn_cert_type) != (IDENTITY_CARD, IDENTITY_CARD) and _near(person, row)
    ]
    if not suspects:
        return []
    text = f"与已登记的人员{'、'.join(suspects)}同名同生日同地区，可能是重复登记"
    return [Refusal("P116", text, "请核对；如确为不同的人，确认后再登记；如为同一人，请补充证件", "psn_name")]


def _near(person: NewPerson, row: Any) -> bool:
    """Whether one of the areas is in the same town; an unknown area may be anywhere."""
    mine = {area[:TOWN] for area in (person.hsreg_area, person.live_area) if area}
    theirs = {area[:TOWN] for area in (row["hsreg_area"], row["live_area"]) if area}
    return not mine or not theirs or bool(mine & theirs)


def _against_number(person: NewPerson) -> list[Refusal]:
    reasons = []
    if person.brdy != birth_date(person.certno):
        reasons.append(Refusal("P112", f"出生日期{person.brdy}与身份证号码不一致", "请核对出生日期", "brdy"))
    if person.gend in ("1", "2") and person.gend != sex(person.certno):
        reasons.append(Refusal("P113", "性别与身份证号码不一致", "请核对性别", "gend"))
    return reasons


def _taken(certno: str, psn_no: str) -> Refusal:
    return Refusal("P111", f"证件{certno}已登记在人员{psn_no}名下", f"请使用人员编号{psn_no}", "certno")


_FIELDS = ("psn_cert_type", "certno", "psn_name", "gend", "naty", "brdy", "tel", "addr", "hsreg_area", "live_area")


def _columns(person: NewPerson) -> list[Any]:
    return [getattr(person, name) for name in _FIELDS]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, date) else value
