"""`yibao verify`: the checks of settlement and ledger, and those of deductions."""

from typing import Annotated

import typer

from yibao.core.options import HomeOption
from yibao.settlement.verify import QUERIES as OF_SETTLEMENT
from yibao.settlement.verify import run_checks

OF_DEDUCTIONS: dict[str, str] = {
    "every posted deduction statement has exactly one journal entry of its sum, and a reversed one its negative": """
        select format('statement %s (%s): %s entries, %s fen booked, %s fen stated', s.statement_no, s.status,
                      count(distinct e.entry_id), coalesce(sum(p.amount), 0), s.deduct)
        from supervision.deduction_statement s
        left join ledger.entry e on e.reference = s.statement_no and e.kind in ('deduction', 'deduction_reversal')
        left join ledger.posting p on p.entry_id = e.entry_id and p.account = 'institutions.payable'
          and p.party = s.fixmedins_code
        group by s.statement_no, s.status, s.deduct
        having count(distinct e.entry_id) <> case s.status when 'draft' then 0 when 'posted' then 1 else 2 end
            or coalesce(sum(p.amount), 0) <> case s.status when 'posted' then s.deduct else 0 end""",
    "every journal entry of a deduction has its statement": """
        select format('entry %s of %s', e.entry_id, e.reference) from ledger.entry e
        where e.kind in ('deduction', 'deduction_reversal')
          and not exists (select from supervision.deduction_statement s where s.statement_no = e.reference)""",
    "every deduction statement is the sum of its lines, and every line of its funds": """
        select format('statement %s: %s, lines %s fen', s.statement_no, s.deduct, coalesce(l.deduct, 0))
        from supervision.deduction_statement s
        left join (select statement_no, count(*) as findings, sum(upheld) as upheld, sum(deduct) as deduct,
                          bool_and(deduct = (select coalesce(sum(value::bigint), 0)
                                             from jsonb_each_text(funds))) as same
                   from supervision.deduction_line group by statement_no) l using (statement_no)
        where (s.findings, s.upheld, s.deduct) is distinct from (l.findings, l.upheld, l.deduct) or not l.same
           or s.deduct <> (select coalesce(sum(value::bigint), 0) from jsonb_each_text(s.funds))""",
    "no bill is deducted more than its funds paid": """
        select format('settlement %s: funds paid %s, deducted %s fen', b.setl_id, b.fund_pay_sumamt, l.deduct)
        from (select setl_id, sum(deduct) as deduct from supervision.deduction_line where live group by setl_id) l
        left join supervision.bill b using (setl_id)
        where l.deduct > coalesce(b.fund_pay_sumamt, 0)""",
    "where a finding stands is what its last step says": """
        select format('finding %s: %s', f.finding_id, f.state) from supervision.finding f
        where not exists (select from supervision.finding_step s where s.finding_id = f.finding_id)
           or (f.state = 'closed' and not exists (select from supervision.finding_step s
               where s.finding_id = f.finding_id and s.kind = f.outcome))""",
}


def verify_command(
    home: HomeOption = None, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Check everything that must always hold; exit code 1 when something does not."""
    run_checks(home, as_json=as_json, queries=OF_SETTLEMENT | OF_DEDUCTIONS)
