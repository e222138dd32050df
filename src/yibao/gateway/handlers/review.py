"""Review of orders (明细审核): 3101 before (事前), 3102 during (事中), 3103 the doctor's answer to a warning.

What is found comes from a `Reviewer`; supervision puts its own in `reviewer`. Without one nothing is found.
"""

from typing import Any, Protocol

from yibao.core.database import Connection
from yibao.gateway.registry import Call, Output, transaction

FEEDBACK = """
insert into gateway.document (infno, fixmedins_code, reference, version, content)
select $1, $2, $3, coalesce(max(version), 0) + 1, $4::jsonb from gateway.document
where infno = $1 and fixmedins_code = $2 and reference = $3
"""
Finding = dict[str, Any]


class Reviewer(Protocol):
    """Looks at the patients of a 3101 or 3102 and returns rows of the output node `result`."""

    async def review(self, connection: Connection, stage: str, patients: list[dict[str, Any]]) -> list[Finding]:
        """Findings of stage "before" or "during", with the field names of the interface."""
        ...


class NoFindings:
    """The reviewer of an installation without supervision."""

    async def review(self, connection: Connection, stage: str, patients: list[dict[str, Any]]) -> list[Finding]:
        return []


reviewer: Reviewer = NoFindings()


@transaction("3101", "3102")
async def review_orders(call: Call) -> Output:
    """3101 and 3102: what the rules say of the orders, an empty list when they say nothing."""
    stage = "before" if call.envelope.infno == "3101" else "during"
    async with call.database.connection() as connection:
        found = await reviewer.review(connection, stage, call.nodes["data"]["patient_dtos"])
    return {"result": found}


@transaction("3103", writes=True)
async def take_feedback(call: Call) -> Output:
    """3103: how each warning was dealt with, kept under the number of the warning."""
    row = call.nodes["data"]
    for warning in row["warns"]:
        content = {"warn_type": row["warn_type"], **warning}
        await call.connection.execute(FEEDBACK, "3103", call.institution, warning["warn_rslt_id"], content)
    return {}
