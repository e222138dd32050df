"""Pharmacy (药店结算): 2101 trial, 2102 sale, 2103 undo. One message brings the person and every line."""

from yibao.gateway.bills import cancelled, fee_line, render, settlement_request, third_party_flag
from yibao.gateway.fields import rest
from yibao.gateway.registry import Call, Output, transaction
from yibao.gateway.replies import settlement_output
from yibao.settlement.actions import presettle, settle
from yibao.settlement.model import SettlementRequest, VisitOpening

HEAD_COLUMNS = frozenset(
    {"psn_no", "insutype", "med_type", "begntime", "mdtrt_cert_type", "dise_codg", "medfee_sumamt", "invono",
     "acct_used_flag", "mdtrt_cert_no", "card_sn", "certno", "psn_name", "psn_cert_type", "psn_type"}
)  # fmt: skip


def sale(call: Call) -> SettlementRequest:
    """druginfo and drugdetail as a request with its own opening."""
    row = call.nodes["druginfo"]
    opening = VisitOpening(
        psn_no=row["psn_no"],
        insutype=row["insutype"],
        fixmedins_code=call.institution,
        mdtrtarea_admvs=call.envelope.mdtrtarea_admvs,
        med_type=row["med_type"],
        begntime=row["begntime"],
        mdtrt_cert_type=row["mdtrt_cert_type"],
        dise_no=row.get("dise_codg", ""),
        ttp_pay_flag=third_party_flag(row),
        details=rest(row, HEAD_COLUMNS),
    )
    lines = tuple(fee_line(line) for line in call.nodes["drugdetail"])
    return settlement_request(call, row, opening=opening, lines=lines)


@transaction("2101")
async def trial(call: Call) -> Output:
    """2101: what the sale would cost; nothing is kept."""
    return settlement_output("2101", await presettle(call.services, sale(call)))


@transaction("2102", settles=True)
async def settle_sale(call: Call) -> bytes:
    """2102: the sale, settled."""
    return await settle(call.services, sale(call), call.message, lambda settled: render(call, settled))


@transaction("2103", settles=True)
async def undo_sale(call: Call) -> bytes:
    """2103: the negative settlement of a sale."""
    return await cancelled(call)
