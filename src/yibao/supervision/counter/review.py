"""What the rules say of orders (3101, 3102) and of fee lines as they come (2204, 2301, 2102).

    orders   case → findings → kept as warnings, each with the number (jr_id) by which 3103 answers it
    marks    new lines → findings of the hard rules → refused, suspect, or refused and approved

Asking twice about the same orders finds the same warnings under the same numbers, with what was answered to them.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.money import yuan_from_fen
from yibao.directory.cache import DirectoryCache
from yibao.settlement.marks import Mark, NewLines
from yibao.settlement.services import catalogue_area
from yibao.supervision.counter.fee_lines import case_of_lines, lines_of
from yibao.supervision.counter.orders import Patient, case_of, patient_of
from yibao.supervision.counter.records import Records, records_of
from yibao.supervision.counter.rulebooks import Rulebooks
from yibao.supervision.counter.screening import Found, Screen
from yibao.supervision.findings import stake_of
from yibao.supervision.model import Line, Stage

SEVERITIES = {"violation": "1", "suspect": "2"}
"""sev_deg of the national dictionary: 明确违规, 高度可疑."""
ABOUT_VISIT, ABOUT_ITEMS = "1", "2"
"""vola_bhvr_type: 就诊类, 项目类."""
VIOLATING, CONCERNED = "1", "2"
"""vola_item_type: 违规项, 涉及项."""
COMPUTED = "1"
NEEDS_APPROVAL = "（须经高级职称医师批准后方可继续执行）"
KEEP = """
insert into supervision.order_warning as w (jr_id, stage, fixmedins_code, psn_no, mdtrt_id, rule_id, kp_id, severity,
  refuses, reason, amount, dr_codg, dept_codg, rulebook, warned_at, rx_ids, item_codes)
select t.*, array(select jsonb_array_elements_text(rx)), array(select jsonb_array_elements_text(items))
from (select jr_id, $1::text, $2::text, psn_no, mdtrt_id, rule_id, kp_id, severity, refuses, reason, amount, dr_codg,
        dept_codg, $3::text, $4::timestamp
      from jsonb_to_recordset($5::jsonb) as r (jr_id text, psn_no text, mdtrt_id text, rule_id text, kp_id text,
        severity text, refuses boolean, reason text, amount bigint, dr_codg text, dept_codg text)) t
join jsonb_to_recordset($5::jsonb) as n (jr_id text, rx jsonb, items jsonb) using (jr_id)
on conflict (jr_id) do update set asked = w.asked + 1, reason = excluded.reason, amount = excluded.amount,
  stage = excluded.stage
"""
APPROVED = """
select rule_id, mdtrt_id, rx_ids, item_codes, approved_by, approved_reason from supervision.order_warning
where fixmedins_code = $1 and psn_no = $2 and rule_id = any($3::text[]) and approved_at is not null
"""


class Counter:
    """The rules at the counter of one process."""

    def __init__(self, directory: DirectoryCache, rulebooks: Rulebooks) -> None:
        self._directory, self._rulebooks = directory, rulebooks

    async def review(
        self, connection: Connection, stage: Stage, institution: str, patients: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Rows of the output node `result` of 3101 (stage "before") or 3102 ("during")."""
        output: list[dict[str, Any]] = []
        kept: dict[str, dict[str, Any]] = {}
        version = ""
        for row in patients:
            patient = patient_of(row)
            screens = await self._rulebooks.of(connection, row["poolarea"])
            if screens is None or patient.encounter is None:
                continue
            screen = screens.before if stage == "before" else screens.during
            version = screen.version
            lines, found = await self._found(connection, institution, patient, screen)
            sent = patient.sent
            output += [result_row(patient, sent, institution, one) for one in found]
            rows = [warning_row(patient, lines, institution, one) for one in found]
            kept |= {warning["jr_id"]: warning for warning in rows}
        if kept:
            await connection.execute(KEEP, stage, institution, version, dates.now(), list(kept.values()))
        return output

    async def _found(
        self, connection: Connection, institution: str, patient: Patient, screen: Screen
    ) -> tuple[dict[str, Line], list[Found]]:
        place = await self._directory.institution(institution, connection)
        if place is None:
            return {}, []
        question = screen.question(patient.codes)
        now = dates.now()
        records = await records_of(connection, patient.psn_no, question, now, patient.mdtrt_id)
        codes = {order["hilist_code"] for _, order in patient.orders()}
        area = catalogue_area(patient.row["poolarea"])
        items = await self._directory.items(area, codes, now.date(), connection)
        case = case_of(patient, place, items, records)
        return {one.bkkp_sn: one for one in case.lines}, screen.found(question, case, patient.mdtrt_id)

    async def marks(self, connection: Connection, new: NewLines) -> Mapping[str, Mark]:
        """Marks by feedetl_sn, of the lines about which the hard rules have something to say."""
        screens = await self._rulebooks.of(connection, str(new.visit["insu_admdvs"]))
        if screens is None:
            return {}
        question = screens.hard.question(line.fee.med_list_codg for line in new.lines)
        if not question.points:
            return {}
        records = Records()
        mdtrt_id = str(new.visit["mdtrt_id"])
        if question.person or (question.visit and not new.alone):
            records = await records_of(connection, new.person.psn_no, question, dates.now(), mdtrt_id)
        lines = lines_of(new)
        found = screens.hard.found(question, case_of_lines(new, lines, records), mdtrt_id)
        said = marks_of(found, {one.bkkp_sn: one for one in lines})
        refusing = {one.rule.rule_id for one in found if one.refuses}
        if any(mark.mark == "refused" for mark in said.values()):
            said = with_approvals(said, await self._approvals(connection, new, refusing), found, lines, mdtrt_id)
        return said

    async def _approvals(self, connection: Connection, new: NewLines, rules: Iterable[str]) -> list[Any]:
        code = new.institution.fixmedins_code
        return list(await connection.fetch(APPROVED, code, new.person.psn_no, sorted(rules)))


def marks_of(found: Iterable[Found], lines: Mapping[str, Line]) -> dict[str, Mark]:
    """Refused is a line that a refusing rule stakes whole; what is staked in part, or by another rule, is suspect."""
    said: dict[str, Mark] = {}
    for one in found:
        for row in one.current:
            if row.bkkp_sn is None:
                continue
            whole = one.refuses and stake_of(row) >= lines[row.bkkp_sn].inscp_amt
            before = said.get(row.bkkp_sn)
            if before is None or (whole and before.mark != "refused"):
                said[row.bkkp_sn] = Mark("refused" if whole else "suspect", one.text)
    return said


def with_approvals(
    said: Mapping[str, Mark], approvals: Sequence[Any], found: Sequence[Found], lines: Iterable[Line], mdtrt_id: str
) -> dict[str, Mark]:
    """Refused lines whose every refusing rule a senior doctor let pass for this order."""
    against: dict[str, set[str]] = {}
    for one in found:
        for row in one.current:
            if one.refuses and row.bkkp_sn is not None:
                against.setdefault(row.bkkp_sn, set()).add(one.rule.rule_id)
    changed = dict(said)
    for line in lines:
        if said.get(line.bkkp_sn, Mark("", "")).mark != "refused":
            continue
        passed = [row for row in approvals if covers(row, line, mdtrt_id)]
        if against[line.bkkp_sn] <= {row["rule_id"] for row in passed}:
            who = f"{passed[0]['approved_by']}批准：{passed[0]['approved_reason']}"
            changed[line.bkkp_sn] = Mark("approved", f"{said[line.bkkp_sn].reason}；{who}")
    return changed


def covers(approval: Any, line: Line, mdtrt_id: str) -> bool:
    """Whether an approval was given for this line: its item, and its order or its visit."""
    same_order = bool(line.rx_drord_no) and line.rx_drord_no in approval["rx_ids"]
    return line.med_list_codg in approval["item_codes"] and (same_order or approval["mdtrt_id"] == mdtrt_id)


def number_of(patient: Patient, institution: str, one: Found) -> str:
    """jr_id: the same for the same finding about the same orders."""
    orders = sorted(row.bkkp_sn or "" for row in one.current)
    text = "\x1f".join((institution, patient.psn_no, patient.mdtrt_id, one.finding.finding_id, *orders))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def reason_of(one: Found) -> str:
    """The sentence for the doctor."""
    return one.finding.reason + (NEEDS_APPROVAL if one.refuses else "")


def result_row(patient: Patient, sent: frozenset[str], institution: str, one: Found) -> dict[str, Any]:
    """A row of `result` with its details, as the interface names them; amounts in yuan. `sent` are all its orders."""
    jr_id = number_of(patient, institution, one)
    current = {id(row) for row in one.current}
    details = [row for row in one.rows if row.bkkp_sn is not None and row.bkkp_sn in sent]
    return {
        "jr_id": jr_id,
        "rule_id": one.rule.rule_id,
        "rule_name": one.rule.name,
        "vola_cont": reason_of(one),
        "patn_id": patient.psn_no,
        "mdtrt_id": patient.mdtrt_id,
        "judge_result_detail_dtos": [
            {
                "jrd_id": f"{jr_id}-{number}",
                "patn_id": patient.psn_no,
                "mdtrt_id": row.mdtrt_id,
                "rx_id": row.bkkp_sn,
                "vola_item_type": VIOLATING if id(row) in current else CONCERNED,
                "vola_amt": yuan_from_fen(stake_of(row)),
            }
            for number, row in enumerate(details, 1)
        ],
        "vola_amt": yuan_from_fen(one.amount),
        "vola_amt_stas": COMPUTED,
        "sev_deg": SEVERITIES[one.rule.severity],
        "vola_evid": one.rule.clause,
        "vola_bhvr_type": ABOUT_ITEMS if details else ABOUT_VISIT,
        "task_id": "",
    }


def warning_row(patient: Patient, lines: Mapping[str, Line], institution: str, one: Found) -> dict[str, Any]:
    """A row of supervision.order_warning."""
    own = [lines[row.bkkp_sn] for row in one.current if row.bkkp_sn is not None]
    encounter = patient.encounter or {}
    return {
        "jr_id": number_of(patient, institution, one), "psn_no": patient.psn_no, "mdtrt_id": patient.mdtrt_id,
        "rule_id": one.rule.rule_id, "kp_id": one.finding.kp_id, "severity": one.rule.severity,
        "refuses": one.refuses, "reason": reason_of(one), "amount": one.amount,
        "dr_codg": own[0].bilg_dr_code if own else encounter.get("dr_codg", ""),
        "dept_codg": own[0].bilg_dept_codg if own else encounter.get("adm_dept_codg", ""),
        "rx": sorted({number for line in own for number in (line.bkkp_sn, line.rx_drord_no) if number}),
        "items": sorted({line.med_list_codg for line in own}),
    }  # fmt: skip
