"""Reading the directory: institutions by name, and the paged queries 1312 and 1316–1319.

A paged query takes the message's fields as filters, `page_num` from 1 and `page_size` up to 1000, and gives rows with
the national field names; its `updt_time` means changed since. Amounts on the wire are yuan, ratios fractions of 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from yibao.core.database import Connection
from yibao.core.dates import SHANGHAI
from yibao.directory.model import Institution

LARGEST_PAGE = 1000
INSTITUTIONS = """
select to_jsonb(i) from directory.institution i
where ($1 = '' or fixmedins_type = $1) and ($2 = '' or fixmedins_name like '%' || $2 || '%')
  and ($3 = '' or fixmedins_code = $3) order by fixmedins_code limit $4
"""
FILTERS = """
where ($1 = '' or area = $1) and ($2 = '' or med_list_codg = $2) and ($3 = '' or item_name like '%' || $3 || '%')
  and ($4 = '' or list_type = $4) and ($5 = '' or med_chrgitm_type = $5) and ($6 = '' or chrgitm_lv = $6)
  and ($7 = '' or lmt_used_flag = $7)
  and ($8::date is null or (valid_from <= $8 and coalesce(valid_to, 'infinity'::date) >= $8))
  and ($9::date is null or valid_from >= $9) and ($10::timestamptz is null or updated_at >= $10)
"""
PERIOD = """area as insu_admdvs, valid_from as begndate, valid_to as enddate, '1' as vali_flag,
  area || med_list_codg || to_char(valid_from, 'YYYYMMDD') as rid, updated_at as updt_time, area as poolarea_no"""
ITEMS = f"""
select med_list_codg as hilist_code, item_name as hilist_name, med_chrgitm_type, chrgitm_lv, lmt_used_flag, list_type,
  limit_text as memo, updated_at as crte_time, {PERIOD}, count(*) over () as total
from directory.item {FILTERS} order by med_list_codg, valid_from limit $11 offset $12
"""
MATCHES = f"""
select med_list_codg, med_list_codg as hilist_code, list_type, updated_at as crte_time, {PERIOD},
  count(*) over () as total
from directory.item {FILTERS} order by med_list_codg, valid_from limit $11 offset $12
"""
LIMITS = f"""
select med_list_codg as hilist_code, l.key as level, l.value::bigint as millionths, {PERIOD}, count(*) over () as total
from directory.item, jsonb_each_text(case when pric_uplmt ? '*'
  then jsonb_build_object('1', pric_uplmt->'*', '2', pric_uplmt->'*', '3', pric_uplmt->'*') || pric_uplmt - '*'
  else pric_uplmt end) l {FILTERS} and ($13 = '' or l.key = $13)
order by med_list_codg, valid_from, l.key limit $11 offset $12
"""
RATIOS = f"""
select med_list_codg as hilist_code, r.key as selfpay_prop_psn_type, r.value::bigint as basis_points, {PERIOD},
  count(*) over () as total
from directory.item, jsonb_each_text(
  jsonb_build_object('310', selfpay_prop, '390', selfpay_prop) || selfpay_prop_by_insutype) r
{FILTERS} and ($13 = '' or r.key = $13) order by med_list_codg, valid_from, r.key limit $11 offset $12
"""
MAPPINGS = """
select m.fixmedins_code, m.fixmedins_hilist_id as medins_list_codg,
  coalesce(m.details->>'fixmedins_hilist_name', '') as medins_list_name, i.admdvs as insu_admdvs, m.list_type,
  m.med_list_codg, m.begndate, m.enddate, coalesce(m.details->>'memo', '') as memo, '1' as vali_flag,
  m.fixmedins_code || m.fixmedins_hilist_id || to_char(m.begndate, 'YYYYMMDD') as rid, m.updated_at as updt_time,
  m.updated_at as crte_time, i.admdvs as poolarea_no, m.details, count(*) over () as total
from directory.item_mapping m join directory.institution i using (fixmedins_code)
where ($1 = '' or m.fixmedins_code = $1) and ($2 = '' or m.fixmedins_hilist_id = $2)
  and ($3 = '' or m.med_list_codg = $3) and ($4 = '' or m.list_type = $4)
  and ($5::date is null or (m.begndate <= $5 and coalesce(m.enddate, 'infinity'::date) >= $5))
  and ($6::timestamptz is null or m.updated_at >= $6)
order by m.fixmedins_code, m.fixmedins_hilist_id, m.begndate limit $7 offset $8
"""
CONSTANTS_1312 = {"med_use_flag": "1", "matn_used_flag": "1", "hilist_use_type": "1", "lmt_cpnd_type": "0"}
"""Fields that 1312 demands and the catalogue does not hold: payable for illness and maternity, no compound limit."""
DROP_ABOVE_LIMIT, OWN_SHARE_BY_CATALOGUE = "1", "10"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of one page and how many there are in all."""

    rows: list[dict[str, Any]]
    total: int


async def institutions(
    connection: Connection, fixmedins_type: str = "", name: str = "", code: str = "", limit: int = 100
) -> list[Institution]:
    """Institutions by kind, part of the name, or code (1201)."""
    rows = await connection.fetch(INSTITUTIONS, fixmedins_type, name, code, limit)
    return [msgspec.convert(row[0], Institution) for row in rows]


async def catalogue_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1312: catalogue rows with class, restriction and period."""
    page = await _item_page(connection, ITEMS, filters)
    return Page([CONSTANTS_1312 | row for row in page.rows], page.total)


async def match_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1316: which insurance item a catalogue code belongs to; here they are the same code."""
    return await _item_page(connection, MATCHES, filters)


async def limit_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1318: price limits per institution level, in yuan, six places; a limit for all is answered for each."""
    page = await _item_page(connection, LIMITS, filters, str(filters.get("hilist_lmtpric_type") or ""))
    return Page([_limit_row(row) for row in page.rows], page.total)


async def ratio_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1319: own shares per insurance type, as fractions of 1 with four places."""
    page = await _item_page(connection, RATIOS, filters, str(filters.get("selfpay_prop_psn_type") or ""))
    return Page([_ratio_row(row) for row in page.rows], page.total)


async def mapping_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1317: the institutions' own codes as uploaded by 3301."""
    size, offset = _window(filters)
    texts = [
        str(filters.get(key) or "") for key in ("fixmedins_code", "medins_list_codg", "med_list_codg", "list_type")
    ]
    rows = await connection.fetch(
        MAPPINGS, *texts, filters.get("query_date"), _moment(filters.get("updt_time")), size, offset
    )
    return _page([dict(row) for row in rows])


async def _item_page(connection: Connection, query: str, filters: Mapping[str, Any], *more: str) -> Page:
    """Run a query over items; `filters` are fields of the message: texts, and `date` for dates."""
    size, offset = _window(filters)
    code = filters.get("hilist_code") or filters.get("med_list_codg")
    texts = [filters.get("insu_admdvs"), code, filters.get("hilist_name")]
    texts += [filters.get(key) for key in ("list_type", "med_chrgitm_type", "chrgitm_lv", "lmt_used_flag")]
    days = [filters.get("query_date"), filters.get("begndate"), _moment(filters.get("updt_time"))]
    arguments = [str(text or "") for text in texts] + days + [size, offset, *more]
    return _page([dict(row) for row in await connection.fetch(query, *arguments)])


def _window(filters: Mapping[str, Any]) -> tuple[int, int]:
    size = min(max(int(filters.get("page_size") or 100), 1), LARGEST_PAGE)
    return size, size * (max(int(filters.get("page_num") or 1), 1) - 1)


def _moment(value: date | datetime | None) -> datetime | None:
    """A date of the message as the moment it begins in Shanghai."""
    if value is None:
        return None
    return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)


def _page(rows: list[dict[str, Any]]) -> Page:
    total = rows[0]["total"] if rows else 0
    for row in rows:
        del row["total"]
    return Page(rows, total)


def _limit_row(row: dict[str, Any]) -> dict[str, Any]:
    level, millionths = row.pop("level"), row.pop("millionths")
    price = Decimal(millionths).scaleb(-6)
    return row | {
        "hilist_lmtpric_type": level,
        "overlmt_dspo_way": DROP_ABOVE_LIMIT,
        "hilist_pric_uplmt_amt": price,
        "tabname": "item",
    }


def _ratio_row(row: dict[str, Any]) -> dict[str, Any]:
    share = Decimal(row.pop("basis_points")).scaleb(-4)
    return row | {"selfpay_prop_type": OWN_SHARE_BY_CATALOGUE, "selfpay_prop": share, "tabname": "item"}
