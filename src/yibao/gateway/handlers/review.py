"""Review of orders (明细审核): 3101 before (事前), 3102 during (事中), 3103 the doctor's answer to a warning.

What is found comes from the counter of supervision, with the rules in force in the patient's area. A pharmacy asks
3101 before it sells.
"""

from yibao.gateway.registry import Call, Output, transaction
from yibao.supervision.counter.answers import answer
from yibao.supervision.model import Stage


@transaction("3101", "3102")
async def review_orders(call: Call) -> Output:
    """3101 and 3102: what the rules say of the orders, an empty list when they say nothing."""
    if call.counter is None:
        return {"result": []}
    async with call.database.connection() as connection:
        patients = call.nodes["data"]["patient_dtos"]
        stage: Stage = "before" if call.envelope.infno == "3101" else "during"
        return {"result": await call.counter.review(connection, stage, call.institution, patients)}


@transaction("3103", writes=True)
async def take_feedback(call: Call) -> Output:
    """3103: how each warning was dealt with; all of a message or none. The operator is who approves."""
    for warning in call.nodes["data"]["warns"]:
        way, reason = warning["dspo_way"], warning["dspo_way_rea"]
        await answer(call.connection, call.institution, warning["warn_rslt_id"], way, reason, call.envelope.opter)
    return {}
