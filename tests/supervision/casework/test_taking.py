"""Findings come from the audit once, with what is needed of their bills."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.settlement.town import PHARMACY
from tests.supervision.casework.conftest import Casework, finding
from yibao.core.errors import Refused
from yibao.supervision.casework.taking import findings_of

Bill = dict[str, Any]


async def test_taking_the_same_audit_again_changes_nothing(casework: Casework, bill: Bill) -> None:
    findings = [finding(f"f{number}", bill, 100) for number in range(3)]
    first = await casework.take(*findings)
    again = await casework.take(*findings)
    assert (first.taken, first.known, again.taken, again.known, again.missing) == (3, 0, 0, 3, 0)
    assert len(await casework.steps("f1")) == 1


async def test_a_new_amount_reaches_only_findings_that_nobody_looked_at(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100), finding("f2", bill, 100))
    await casework.issue("f2")
    done = await casework.take(finding("f1", bill, 70), finding("f2", bill, 70))
    assert (done.changed, done.known) == (1, 1)
    assert ((await casework.row("f1"))["amount"], (await casework.row("f2"))["amount"]) == (70, 100)
    assert (await casework.steps("f1"))[-1]["details"] == {"before": 100, "amount": 70}


async def test_closed_findings_stay_closed_and_lost_ones_are_noted(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100), finding("f2", bill, 100))
    await casework.issue("f1")
    await casework.accept("f1")
    assert (await casework.take(finding("f1", bill, 50))).missing == 1
    assert ((await casework.row("f1"))["state"], (await casework.row("f1"))["amount"]) == ("closed", 100)
    assert [step["kind"] for step in await casework.steps("f2")] == ["taken", "missing"]
    assert (await casework.take(finding("f2", bill, 100))).found_again == 1
    assert (await casework.row("f2"))["missing_since"] is None


async def test_another_audit_does_not_miss_what_it_never_found(casework: Casework, bill: Bill) -> None:
    await casework.take(finding("f1", bill, 100), origin="2023")
    assert (await casework.take(finding("f2", bill, 100), origin="2024")).missing == 0


async def test_what_cannot_be_taken_is_answered_row_by_row_and_the_rest_is_taken(
    casework: Casework, bill: Bill
) -> None:
    gone = await casework.town.buy("w2", "20")
    await casework.town.cancel("w2", gone, PHARMACY)
    done = await casework.take(
        finding("f1", bill, 100),
        finding("f2", {"setl_id": "0", "mdtrt_id": "0"}, 100),
        finding("f3", bill, 100, fixmedins_code="H34060299999"),
        finding("f4", gone, 100, fixmedins_code=PHARMACY),
    )
    assert done.taken == 1
    assert [(one.code, one.place) for one in done.refused] == [("V431", "f2"), ("V432", "f3"), ("V433", "f4")]


async def test_findings_of_institutions_away_are_counted_by_city_and_left_to_it(casework: Casework, bill: Bill) -> None:
    async with casework.database.transaction() as connection:
        await connection.execute("update directory.institution set admdvs = '340104'")
    unregistered = finding("f2", bill, 100, fixmedins_code="H32031100003")
    done = await casework.take(finding("f1", bill, 100), unregistered)
    assert (done.taken, done.refused, dict(done.away)) == (0, [], {"340100": 1, "320300": 1})


async def test_a_finding_brings_its_bill_and_its_lines(casework: Casework, bill: Bill) -> None:
    async with casework.database.connection() as connection:
        number = await connection.fetchval(
            "select bkkp_sn from settlement.fee_line where setl_id = $1", bill["setl_id"]
        )
        await casework.take(finding("f1", bill, 100, bkkp_sn=(str(number),)))
        kept = await connection.fetchrow("select * from supervision.bill")
        line = await connection.fetchrow("select * from supervision.evidence_line")
    assert kept["fund_pay_sumamt"] == sum(kept["funds"].values()) == bill["fund_pay_sumamt"]
    assert (line["bkkp_sn"], line["det_item_fee_sumamt"]) == (str(number), 600_000)


def test_the_table_of_an_audit_is_read_as_findings(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    from yibao.supervision.audit.assemble import schema

    row = {
        "finding_id": "f1", "rule_id": "N24", "kp_id": "k", "severity": "suspect", "setl_id": "1", "mdtrt_id": "2",
        "bkkp_sn": ["3", "4"], "psn_no": "p", "fixmedins_code": "H", "bilg_dr_code": None, "stake": 9, "amount": 7,
        "reason": "…", "evidence": json.dumps({"times": 2}), "run_id": "r",
    }  # fmt: skip
    (tmp_path / "audit_finding").mkdir()
    pq.write_table(pa.Table.from_pylist([row], schema=schema()), tmp_path / "audit_finding/a.parquet")
    (one,) = findings_of(tmp_path)
    assert (one.bkkp_sn, one.amount, one.evidence, one.bilg_dr_code) == (("3", "4"), 7, {"times": 2}, "")
    with pytest.raises(Refused):
        list(findings_of(tmp_path / "audit_finding"))
