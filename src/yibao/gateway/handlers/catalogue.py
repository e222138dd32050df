"""Catalogues (目录): 1301–1311, 1313–1315, 1320 as files, 1304, 1312, 1316–1319 as pages, 1901 dictionaries.

A file is a zip of one tab-separated text; its file_qury_no is kept in gateway.file under fixmedins_code "plc" and is
fetched by 9102. The same catalogue of the same version is written once.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from yibao.core import dates
from yibao.core.database import Connection
from yibao.directory.catalogue import CODE_TABLES, LIST_TYPES, catalogue_file
from yibao.directory.queries import Page, catalogue_page, limit_page, mapping_page, match_page, ratio_page
from yibao.gateway.fields import day_text, time_text
from yibao.gateway.files import PUBLIC, keep_file, zipped
from yibao.gateway.interface.catalogue import dictionaries, transactions
from yibao.gateway.registry import Call, Output, transaction
from yibao.settlement.services import catalogue_area

KEPT_DAYS = 7
ETHNIC_DRUGS = "104"
Query = Callable[[Connection, Mapping[str, Any]], Awaitable[Page]]
PAGES: dict[str, Query] = {
    "1304": catalogue_page,
    "1312": catalogue_page,
    "1316": match_page,
    "1317": mapping_page,
    "1318": limit_page,
    "1319": ratio_page,
}


@transaction(*LIST_TYPES, *CODE_TABLES, writes=True)
async def download(call: Call) -> Output:
    """1301–1311, 1313–1315, 1320: a file with what came after version `ver`."""
    infno = call.envelope.infno
    area = catalogue_area(call.envelope.mdtrtarea_admvs)
    file = await catalogue_file(call.connection, infno, area, call.nodes["data"]["ver"])
    until = dates.now() + timedelta(days=KEPT_DAYS)
    content = zipped(f"{file.name}.txt", file.text())
    number = await keep_file(call.connection, PUBLIC, f"{file.name}.zip", content, until)
    return {
        "file_qury_no": number,
        "filename": f"{file.name}.zip",
        "dld_end_time": time_text(until),
        "data_cnt": file.count,
    }


@transaction(*PAGES)
async def page(call: Call) -> Output:
    """1304, 1312, 1316–1319: one page of rows with the fields of the interface."""
    infno = call.envelope.infno
    filters = dict(call.nodes["data"])
    if infno == "1304":
        filters |= {"list_type": ETHNIC_DRUGS, "hilist_name": filters.get("drug_genname", "")}
    if infno != "1317" and not filters.get("insu_admdvs"):
        filters["insu_admdvs"] = catalogue_area(call.envelope.mdtrtarea_admvs)
    async with call.database.connection() as connection:
        found = await PAGES[infno](connection, filters)
    names = [field.name for node in transactions()[infno].outputs for field in node.fields]
    size = max(int(filters.get("page_size") or 100), 1)
    return {
        "data": [{name: written(row.get(name)) for name in names} for row in found.rows],
        "recordCounts": found.total,
        "pages": -(-found.total // size),
    }


def written(value: Any) -> Any:
    """A value of a row as the wire has it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return time_text(value.astimezone(dates.SHANGHAI) if value.tzinfo else value)
    return day_text(value) if isinstance(value, date) else value


@transaction("1901")
async def dictionary(call: Call) -> Output:
    """1901: the codes of one dictionary, by the name of the field they belong to; all dictionaries without `type`."""
    wanted = call.nodes["data"].get("type", "")
    tables = dictionaries()
    if wanted:
        tables = {wanted: tables[wanted]} if wanted in tables else {}
    parent = call.nodes["data"].get("parent_value", "")
    rows = [
        {
            "type": name,
            "label": label,
            "value": code,
            "parentValue": parent,
            "sort": number,
            "valiFlag": "1",
            "createUser": "",
            "createDate": "",
            "version": "1",
        }
        for name, entry in tables.items()
        for number, (code, label) in enumerate({**entry["values"], **entry.get("provincial", {})}.items(), 1)
    ]
    return {"list": rows}
