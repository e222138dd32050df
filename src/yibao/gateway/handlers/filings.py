"""Filings (备案): 2501 transfer, 2503 chronic disease, 2505 institution, 2507 accident; 2502, 2504, 2506 withdraw."""

from yibao.gateway.fields import rest
from yibao.gateway.registry import Call, Output, transaction
from yibao.population.entitlement.filings import FilingRequest, file, withdraw

IN_USE = """
select mdtrt_id from settlement.visit
where filing = $1 and filing <> '' and status <> 'cancelled' order by mdtrt_id limit 10
"""
KINDS = {"2502": "transfer", "2504": "chronic", "2506": "fixed_institution"}


async def filed(call: Call, request: FilingRequest) -> Output:
    call.psn_no = request.psn_no
    call.reference = await file(call.connection, request)
    return {"result": {"trt_dcla_detl_sn": call.reference, "exp_content": ""}}


@transaction("2501", "2501A", writes=True)
async def file_transfer(call: Call) -> Output:
    """2501: the person is sent to another hospital, in this area or elsewhere."""
    row = call.nodes["refmedin"]
    local = row["mdtrtarea_admdvs"][:4] == call.envelope.mdtrtarea_admvs[:4]
    request = FilingRequest(
        psn_no=row["psn_no"],
        kind="transfer",
        begndate=row.get("begndate") or row["refl_date"],
        enddate=row.get("enddate"),
        insutype=row.get("insutype", ""),
        fixmedins_code=row["reflin_medins_no"],
        local=local,
        details=rest(row, {"psn_no", "begndate", "enddate", "insutype"}),
    )
    return await filed(call, request)


@transaction("2503", writes=True)
async def file_chronic_disease(call: Call) -> Output:
    """2503: a chronic or special disease is recognised."""
    row = call.nodes["data"]
    request = FilingRequest(
        psn_no=row["psn_no"],
        kind="chronic",
        begndate=row["begndate"],
        enddate=row.get("enddate"),
        insutype=row["insutype"],
        dise_code=row["opsp_dise_code"],
        fixmedins_code=row["ide_fixmedins_no"],
        details=rest(row, {"psn_no", "begndate", "enddate", "insutype", "opsp_dise_code"}),
    )
    return await filed(call, request)


@transaction("2505", writes=True)
async def file_fixed_institution(call: Call) -> Output:
    """2505: the person chooses an institution for a kind of business."""
    row = call.nodes["data"]
    request = FilingRequest(
        psn_no=row["psn_no"],
        kind="fixed_institution",
        begndate=row["begndate"],
        enddate=row.get("enddate"),
        fixmedins_code=row["fixmedins_code"],
        details=rest(row, {"psn_no", "begndate", "enddate"}),
    )
    return await filed(call, request)


@transaction("2507", writes=True)
async def file_accident(call: Call) -> Output:
    """2507: an injury and how it came about."""
    row = call.nodes["data"]
    request = FilingRequest(
        psn_no=row["psn_no"],
        kind="accident",
        begndate=row["begndate"],
        enddate=row.get("enddate"),
        insutype=row.get("insutype", ""),
        fixmedins_code=row.get("fixmedins_code", ""),
        details=rest(row, {"psn_no", "begndate", "enddate", "insutype"}),
    )
    return await filed(call, request)


@transaction("2502", "2504", "2506", writes=True)
async def withdraw_filing(call: Call) -> Output:
    """2502, 2504, 2506: refused while a visit rests on the filing."""
    row = call.nodes["data"]
    number = row["trt_dcla_detl_sn"]
    call.reference, call.psn_no = number, row["psn_no"]
    used_by = [visit["mdtrt_id"] for visit in await call.connection.fetch(IN_USE, number)]
    kind = KINDS[call.envelope.infno]
    await withdraw(call.connection, number, row["psn_no"], kind, row.get("memo", ""), used_by)
    return {}
