"""The national check (全国参保信息核验): is the person enrolled in another area of the country?

    against(connection, psn_no, insu_admdvs)     what other areas' reports say against enrolling here (P171–P173)
    report(connection, Report(…))                what another area reports
    request_suspension(connection, …, at)        the other area was asked to suspend

`NationalCheck` is what an adapter to the real check has to answer; `ReportTable` is this platform's own stand-in, a
table of reports. A suspension is seen here some hours after it was asked for there (`national_retry_hours` of the
area, six in Huaibei): until then P172 names the time to try again; when the other area's data still say enrolled,
P173 sends the person back to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.rules import rules_of

NORMAL = "1"
CERTIFICATES = """
select psn_cert_type, certno from population.person where psn_no = $1 or merged_into = $1
union select psn_cert_type, certno from population.certificate where psn_no = $1
"""
REPORTS = """
select r.psn_cert_type, r.certno, r.insu_admdvs, r.insutype, r.begndate, r.psn_insu_stas, r.suspension_requested_at,
  r.upload_failed
from population.national_report r join unnest($1::text[], $2::text[]) as c (kind, number)
  on r.psn_cert_type = c.kind and r.certno = c.number
where left(r.insu_admdvs, 4) <> left($3, 4) order by r.insu_admdvs
"""
REPORT = """
insert into population.national_report (psn_cert_type, certno, insu_admdvs, insutype, begndate, psn_insu_stas,
  suspension_requested_at, upload_failed)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (psn_cert_type, certno, insu_admdvs, insutype) do update set begndate = excluded.begndate,
  psn_insu_stas = excluded.psn_insu_stas, suspension_requested_at = excluded.suspension_requested_at,
  upload_failed = excluded.upload_failed
"""
REQUEST = """
update population.national_report set suspension_requested_at = $4
where psn_cert_type = $1 and certno = $2 and insu_admdvs = $3 and psn_insu_stas = '1'
  and suspension_requested_at is null
returning insutype
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What another area says of a person: state 1 enrolled, 2 suspended, 4 ended; times are Shanghai time."""

    psn_cert_type: str
    certno: str
    insu_admdvs: str
    insutype: str
    begndate: date
    psn_insu_stas: str = NORMAL
    suspension_requested_at: datetime | None = None
    upload_failed: bool = False


class NationalCheck(Protocol):
    """What an adapter to the national check answers."""

    async def reports(
        self, connection: Connection, certificates: Sequence[tuple[str, str]], insu_admdvs: str
    ) -> list[Report]:
        """Reports of areas other than the city of `insu_admdvs` on these certificates (type, number)."""
        ...


class ReportTable:
    """The stand-in: reports kept in population.national_report."""

    async def reports(
        self, connection: Connection, certificates: Sequence[tuple[str, str]], insu_admdvs: str
    ) -> list[Report]:
        """Reports of other cities, see `NationalCheck`."""
        kinds, numbers = [kind for kind, _ in certificates], [number for _, number in certificates]
        return [Report(**row) for row in await connection.fetch(REPORTS, kinds, numbers, insu_admdvs)]


adapter: NationalCheck = ReportTable()


async def against(connection: Connection, psn_no: str, insu_admdvs: str) -> list[Refusal]:
    """Why the person may not be enrolled in this city now: P171, P172, P173; none when no other area objects."""
    certificates = [tuple(row) for row in await connection.fetch(CERTIFICATES, psn_no)]
    reports = await adapter.reports(connection, certificates, insu_admdvs)
    now = dates.now()
    asked = any(one.suspension_requested_at for one in reports if one.psn_insu_stas == NORMAL)
    hours = rules_of(insu_admdvs).on("national_retry_hours", now.date()) if asked else 0
    return [refusal for one in reports if (refusal := objection(one, now, timedelta(hours=hours)))]


def objection(report: Report, now: datetime, wait: timedelta) -> Refusal | None:
    """What one report says against enrolling now; `wait` is how long a suspension takes to be seen. Pure."""
    place = "insu_admdvs"
    if report.psn_insu_stas != NORMAL:
        return None
    where = f"区划{report.insu_admdvs}"
    if report.suspension_requested_at is None:
        return Refusal("P171", f"{where}有在保的参保登记信息", "请先联系原参保地办理暂停参保，再在本地参保登记", place)
    seen = report.suspension_requested_at + wait
    if now < seen:
        text = f"{where}的暂停参保于{report.suspension_requested_at}申请，数据尚在更新"
        return Refusal("P172", text, f"请在{seen}后再办理", place)
    if report.upload_failed:
        return Refusal("P173", f"{where}已申请暂停参保但数据仍为在保", "请联系原参保地经办机构重新上传同步数据", place)
    return None


async def report(connection: Connection, given: Report) -> None:
    """Keep what another area reports, in place of what it reported before."""
    await connection.execute(
        REPORT,
        given.psn_cert_type,
        given.certno,
        given.insu_admdvs,
        given.insutype,
        given.begndate,
        given.psn_insu_stas,
        given.suspension_requested_at,
        given.upload_failed,
    )


async def request_suspension(
    connection: Connection, psn_cert_type: str, certno: str, insu_admdvs: str, at: datetime | None = None
) -> None:
    """Note that the other area was asked to suspend; raises `Refused` P174 when nothing of it is open there."""
    if await connection.fetchval(REQUEST, psn_cert_type, certno, insu_admdvs, at or dates.now()) is None:
        text = f"区划{insu_admdvs}没有该证件在保且未申请暂停的登记"
        raise Refused(Refusal("P174", text, "请核对证件和区划", "insu_admdvs"))
