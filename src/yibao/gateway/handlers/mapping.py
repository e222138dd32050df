"""The institution's own codes: 3301 upload (目录对照上传), 3302 withdraw (目录对照撤销)."""

from yibao.directory.mapping import Mapping, upload, withdraw
from yibao.gateway.fields import rest
from yibao.gateway.registry import Call, Output, transaction
from yibao.settlement.services import catalogue_area

COLUMNS = frozenset({"fixmedins_hilist_id", "list_type", "med_list_codg", "begndate", "enddate"})


@transaction("3301", writes=True)
async def upload_mappings(call: Call) -> Output:
    """3301: all mappings of a message or none."""
    mappings = [
        Mapping(
            row["fixmedins_hilist_id"],
            row["list_type"],
            row["med_list_codg"],
            row["begndate"],
            row.get("enddate"),
            rest(row, COLUMNS),
        )
        for row in call.nodes["data"]
    ]
    await upload(call.connection, call.institution, catalogue_area(call.envelope.mdtrtarea_admvs), mappings)
    return {}


@transaction("3302", writes=True)
async def withdraw_mapping(call: Call) -> Output:
    """3302: one mapping of the sender."""
    row = call.nodes["data"]
    await withdraw(
        call.connection, call.institution, row["fixmedins_hilist_id"], row["list_type"], row["med_list_codg"]
    )
    return {}
