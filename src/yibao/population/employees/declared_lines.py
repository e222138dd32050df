"""Judging the lines of a monthly declaration (单位月度申报). Pure: facts and limits in, an answer per line out.

    lines = judge(rows, staff, month, emp_no, limits)

A line continues somebody on the roster (no change word), enters (新增) or leaves (减少). Its answer is accepted,
corrected (the wage counts as the lower or upper limit), unchanged (all of it was so already) or refused with every
reason at once. Amounts are fen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from yibao.core.errors import Refusal
from yibao.core.money import yuan_text
from yibao.population.employees.bases import BaseLimits
from yibao.population.identity import is_identity_number

ENTRY, EXIT = "entry", "exit"
CHANGES = {"": "", "续保": "", "正常": "", "新增": ENTRY, "增员": ENTRY, "减少": EXIT, "减员": EXIT}
"""Words of the column 变动类型."""
ACCEPTED, CORRECTED, UNCHANGED, REFUSED, HELD = "accepted", "corrected", "unchanged", "refused", "held"


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """One line of the file; `wage` fen or None; `faults` are the refusals of its cells."""

    line_no: int
    certno: str
    psn_name: str
    wage: int | None = None
    change: str = ""
    reason: str = ""
    psn_cert_type: str = "01"
    gend: str = ""
    brdy: date | None = None
    faults: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Staff:
    """What is known of the person behind a certificate: enrolment at this employer, contribution of the month."""

    psn_no: str
    psn_name: str
    die_date: date | None = None
    psn_insu_rlts_id: int | None = None
    psn_insu_stas: str = ""
    paus_date: date | None = None
    payer: str | None = None
    base: int | None = None
    settled: bool = False
    """The month's contribution is paid or stands on a bill."""
    resident: int | None = None
    """His enrolment as a resident, which ends when he enters."""
    settled_later: bool = False
    """A later month at this employer is paid or stands on a bill."""

    @property
    def active(self) -> bool:
        return self.psn_insu_rlts_id is not None and self.psn_insu_stas == "1"


@dataclass(frozen=True, slots=True)
class Line:
    """The answer to one row; `base` is what the month is charged on, None for leavers and refused lines."""

    row: DeclaredRow
    answer: str
    change: str = ""
    psn_no: str | None = None
    psn_insu_rlts_id: int | None = None
    base: int | None = None
    resumes: bool = False
    resident: int | None = None
    refusals: tuple[Refusal, ...] = ()

    def refused(self, *refusals: Refusal) -> "Line":
        return replace(self, answer=REFUSED, base=None, refusals=(*self.refusals, *refusals))


def judge(
    rows: Sequence[DeclaredRow],
    staff: Mapping[tuple[str, str], Staff],
    month: date,
    emp_no: str,
    limits: BaseLimits,
) -> list[Line]:
    """An answer for every row; `staff` by certificate type and number; `month` its first day."""
    lines, seen = [], set[object]()
    for row in rows:
        certificate = (row.psn_cert_type, row.certno)
        known = staff.get(certificate)
        who = known.psn_no if known else certificate  # a person may stand there under two certificates
        twice = bool(row.certno) and who in seen
        seen.add(who)
        lines.append(_judge(row, known, month, emp_no, limits, twice=twice))
    return lines


def _judge(row: DeclaredRow, known: Staff | None, month: date, emp_no: str, limits: BaseLimits, *, twice: bool) -> Line:
    reasons = list(row.faults)
    if twice:
        reasons.append(_refusal(row, "P705", f"证件号码{row.certno}的人员在表中出现了不止一次", "请每人只保留一行"))
    if row.change not in CHANGES:
        reasons.append(_refusal(row, "P704", f"不认识的变动类型“{row.change}”", "请填 新增、减少，或留空表示续保"))
        return Line(row, REFUSED, refusals=tuple(reasons))
    change = CHANGES[row.change]
    line = Line(row, ACCEPTED, change, known.psn_no if known else None, known.psn_insu_rlts_id if known else None)
    reasons += _about_person(row, known, month)
    reasons += _about_leaving(row, known, month) if change == EXIT else _about_month(row, known, change, emp_no)
    if reasons:
        return line.refused(*reasons)
    return _leave(line, known, month) if change == EXIT else _charge(line, known, limits)


def _about_person(row: DeclaredRow, known: Staff | None, month: date) -> list[Refusal]:
    reasons = []
    if row.certno and row.psn_cert_type == "01" and not is_identity_number(row.certno):
        reasons.append(_refusal(row, "P701", "居民身份证号码不正确（位数、出生日期或校验码有误）", "请核对身份证号码"))
    if known and row.psn_name and known.psn_name != row.psn_name:
        reasons.append(_refusal(row, "P702", "姓名与该证件登记的参保人不一致", "请核对姓名和证件号码"))
    if known and known.die_date and known.die_date < month:
        reasons.append(_refusal(row, "P716", f"该参保人已于{known.die_date}死亡", "请核对人员，并办理减员"))
    return reasons


def _about_leaving(row: DeclaredRow, known: Staff | None, month: date) -> list[Refusal]:
    if known is None or known.psn_insu_rlts_id is None:
        return [_refusal(row, "P708", "不在本单位参保名册中，不能减员", "请核对证件号码")]
    if known.settled or known.settled_later:
        advice = "请从已核定月份的次月起减员；确需撤回的先撤销核定单或退费"
        return [_refusal(row, "P718", f"{month:%Y-%m}或其后的月份已核定或已缴费，不能从该月减员", advice)]
    return []


def _about_month(row: DeclaredRow, known: Staff | None, change: str, emp_no: str) -> list[Refusal]:
    reasons = []
    if (row.wage is None or row.wage <= 0) and not any(fault.place.endswith("月工资”") for fault in row.faults):
        reasons.append(_refusal(row, "P703", "没有填写月工资，或不大于零", "请填写上年度月平均工资或首月工资"))
    if change != ENTRY and not (known and known.active):
        reasons.append(_refusal(row, "P706", "不在本单位参保名册中", "新进人员请在变动类型填“新增”"))
    if known and known.payer is not None and known.payer != emp_no:
        advice = "请与参保人核对；原单位应先减员"
        reasons.append(_refusal(row, "P717", "该月已由其他单位或以其他身份申报缴费", advice))
    return reasons


def _leave(line: Line, known: Staff | None, month: date) -> Line:
    """Leaving again from the same month or earlier changes nothing."""
    gone = known is not None and not known.active and (known.paus_date or month) <= month
    return replace(line, answer=UNCHANGED if gone else ACCEPTED)


def _charge(line: Line, known: Staff | None, limits: BaseLimits) -> Line:
    wage = line.row.wage or 0
    base = limits.limited(wage)
    if known and known.active and known.base == base:
        return replace(line, answer=UNCHANGED, base=base)
    if known and known.settled:
        text = f"该月已按基数{yuan_text(known.base or 0)}元核定或缴费，不能再改"
        return line.refused(_refusal(line.row, "P709", text, "请先撤销未缴的核定单；已缴费的从次月起调整"))
    resumes = known is not None and known.psn_insu_rlts_id is not None and not known.active
    answer = ACCEPTED if base == wage else CORRECTED
    return replace(line, answer=answer, base=base, resumes=resumes, resident=known.resident if known else None)


def hold(lines: Sequence[Line], code: str = "P712") -> list[Line]:
    """The area takes a file only as a whole: what is right waits until every line is."""
    held = Refusal(code, "表中有其他行未通过，整表未受理", "请改正全部错行后重新上传")
    return [
        line if line.answer in (REFUSED, UNCHANGED) else replace(line, answer=HELD, refusals=(held,)) for line in lines
    ]


def _refusal(row: DeclaredRow, code: str, text: str, advice: str) -> Refusal:
    return Refusal(code, text, advice, f"第{row.line_no}行")
