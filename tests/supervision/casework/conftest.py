"""Findings on real bills of the town of settlement's tests, in June 2024."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.settlement.conftest import town as settlement_town
from tests.settlement.town import HOSPITAL, Town
from yibao.supervision.casework import answering, decision, experts, review
from yibao.supervision.casework.attachments import Upload
from yibao.supervision.casework.bills import DatabaseBills
from yibao.supervision.casework.decision import Ruling
from yibao.supervision.casework.experts import Expert
from yibao.supervision.casework.moves import Actor
from yibao.supervision.casework.taking import Taken, take
from yibao.supervision.model import Finding

town = settlement_town
REVIEWER = Actor("reviewer", "reviewer")
SECOND = Actor("second", "second_reviewer")
CLERK = Actor("clerk", "clerk")
OFFICE = Actor("office", "institution", HOSPITAL)


def finding(number: str, bill: dict[str, Any], amount: int, **more: Any) -> Finding:
    given = {
        "finding_id": number, "rule_id": "N24", "kp_id": "", "severity": "violation", "setl_id": bill["setl_id"],
        "mdtrt_id": bill["mdtrt_id"], "bkkp_sn": (), "psn_no": "r2", "fixmedins_code": HOSPITAL, "bilg_dr_code": "D1",
        "stake": amount, "amount": amount, "reason": f"重复收费，涉及{amount}分", "evidence": {"times": 2},
    }  # fmt: skip
    return Finding(**(given | more))


class Casework:
    """Steps of casework, each in a transaction of its own."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.database = town.database

    async def take(self, *findings: Finding, origin: str = "audit") -> Taken:
        async with self.database.transaction() as connection:
            return await take(connection, findings, origin, DatabaseBills())

    async def issue(self, *ids: str, actor: Actor = REVIEWER) -> int:
        async with self.database.transaction() as connection:
            return await review.issue(connection, actor, ids)

    async def accept(self, *ids: str, actor: Actor = OFFICE) -> int:
        async with self.database.transaction() as connection:
            return await answering.accept(connection, actor, ids)

    async def appeal(self, *ids: str, actor: Actor = OFFICE, files: Sequence[Upload] = ()) -> int:
        async with self.database.transaction() as connection:
            return await answering.appeal(connection, actor, ids, "双侧手术，不是重复", files)

    async def decide(self, *ids: str, actor: Actor = SECOND, outcome: Any = "upheld", **more: Any) -> int:
        async with self.database.transaction() as connection:
            return await decision.decide(connection, actor, ids, Ruling(outcome, "已核对病历", **more))

    async def register(self, *known: Expert) -> None:
        async with self.database.transaction() as connection:
            for one in known:
                await experts.save_expert(connection, one)

    async def ask(self, *ids: str, count: int = 1, seed: str = "seed") -> int:
        async with self.database.transaction() as connection:
            return await experts.ask(connection, SECOND, ids, count, seed=seed)

    async def row(self, finding_id: str) -> Any:
        async with self.database.connection() as connection:
            return await connection.fetchrow("select * from supervision.finding where finding_id = $1", finding_id)

    async def steps(self, finding_id: str) -> list[Any]:
        async with self.database.connection() as connection:
            return await connection.fetch(
                "select * from supervision.finding_step where finding_id = $1 order by step_id", finding_id
            )


@pytest.fixture
def casework(town: Town) -> Casework:
    return Casework(town)


@pytest.fixture
async def bill(town: Town) -> dict[str, Any]:
    """A stay of 6,000 yuan of a resident with low income, of which funds pay a part."""
    return await town.stay("r2", "6000")
