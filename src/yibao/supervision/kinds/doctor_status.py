"""Lines of a doctor who may not prescribe for the fund (医保支付资格暂停、终止、未登记).

    doctor        the doctor's code
    status        what he is, for the reason: 暂停, 终止, 未登记
    exempt_care   beginnings of the kinds of care that are exempt: "13" emergency rescue

From `valid_from` to `valid_to` every insured line of the doctor is a finding's, one finding for a visit. Exemptions:
emergency rescue; days before and after; what was refunded.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds._codes import CARE, begins, begins_column, netted, netted_column
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class DoctorStatus(Point):
    """What the module says."""

    doctor: str = ""
    status: str = ""
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line of such a doctor."""
    of_doctor: dict[str, list[DoctorStatus]] = defaultdict(list)
    for point in points:
        of_doctor[point.doctor].append(point)
    hits = ((point, line) for line in case.lines for point in of_doctor.get(line.bilg_dr_code, ()))
    return netted(
        ((point, line, _facts(point, line), 1, 1) for point, line in hits if breaks(point, line)),
        key=lambda point, line: f"{line.bilg_dr_code}|{line.mdtrt_id}",
    )


def breaks(point: DoctorStatus, line: Line) -> bool:
    """Whether the line was ordered while the doctor might not, and is none of rescue."""
    forbidden = point.doctor != "" and point.in_force(line.fee_ocur_time.date())
    return forbidden and line.inscp_amt != 0 and not begins(line.med_type, point.exempt_care)


def _facts(point: DoctorStatus, line: Line) -> dict[str, str | int]:
    day = line.fee_ocur_time.date().isoformat()
    return {"doctor": point.doctor, "status": point.status, "day": day, "since": point.valid_from.isoformat()}


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    lines = lake.lines
    both = lines.filter((lines.inscp_amt != 0) & (lines.bilg_dr_code != ""))
    both = both.join(points, both.bilg_dr_code == points.doctor)
    day = both.fee_ocur_time.date()
    exempt = begins_column(both.med_type, both.exempt_care, CARE).fill_null(False)
    hits = both.filter((day >= both.valid_from) & (day <= both.valid_to) & ~exempt)
    return netted_column(
        hits, key=hits.bilg_dr_code + "|" + hits.mdtrt_id, day=hits.fee_ocur_time.date().cast("string"),
        since=hits.valid_from.cast("string"),
    )  # fmt: skip


KIND = Kind(
    name="doctor_status",
    title="无资质或停资格医师开单",
    point=DoctorStatus,
    facts=("doctor", "status", "day", "since"),
    reason="医师{doctor}自{since}起{status}医保支付资格，{day}仍开单",
    subject="line",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="急诊抢救、资格停止之前和恢复之后的、已退费的不算",
    item_codes=None,
)
