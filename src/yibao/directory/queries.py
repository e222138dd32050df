"""Reading the directory: institutions by name, and the paged queries 1312 and 1316–1319.

A paged query takes the message's fields as filters, `page_num` from 1 and `page_size` up to 1000, and gives rows with
the national field names; its `updt_time` means changed since. Amounts on the wire are yuan, ratios fractions of 1.
"""

from collections.abc import Mapping, Sequence
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
ITEM_FILTERS = {
    "area": "area = {}",
    "code": "med_list_codg = {}",
    "name": "item_name like '%' || {}::text || '%'",
    "list_type": "list_type = {}",
    "med_chrgitm_type": "med_chrgitm_type = {}",
    "chrgitm_lv": "chrgitm_lv = {}",
    "lmt_used_flag": "lmt_used_flag = {}",
    "on": "valid_from <= {0}::date and (valid_to is null or valid_to >= {0})",
    "since": "valid_from >= {}::date",
    "changed": "updated_at >= {}::timestamptz",
    "kind": "k.key = {}",
}
MAPPING_FILTERS = {
    "fixmedins_code": "m.fixmedins_code = {}",
    "medins_list_codg": "m.fixmedins_hilist_id = {}",
    "med_list_codg": "m.med_list_codg = {}",
    "list_type": "m.list_type = {}",
    "on": "m.begndate <= {0}::date and (m.enddate is null or m.enddate >= {0})",
    "changed": "m.updated_at >= {}::timestamptz",
}
"""What a page may be narrowed by. Only what is asked for stands in the statement, so that it finds its index."""

PERIOD = """area as insu_admdvs, valid_from as begndate, valid_to as enddate, '1' as vali_flag,
  area || med_list_codg || to_char(valid_from, 'YYYYMMDD') as rid, updated_at as updt_time, area as poolarea_no"""


@dataclass(frozen=True, slots=True)
class Listing:
    """A paged statement: what is shown, from where, in which order (a key, so that pages do not overlap)."""

    columns: str
    source: str
    order: str


ITEMS = Listing(
    f"""med_list_codg as hilist_code, item_name as hilist_name, med_chrgitm_type, chrgitm_lv, lmt_used_flag, list_type,
  limit_text as memo, updated_at as crte_time, {PERIOD}""",
    "directory.item",
    "area, med_list_codg, valid_from",
)
MATCHES = Listing(
    f"med_list_codg, med_list_codg as hilist_code, list_type, updated_at as crte_time, {PERIOD}",
    "directory.item",
    "area, med_list_codg, valid_from",
)
LIMITS = Listing(
    f"med_list_codg as hilist_code, k.key as level, k.value::bigint as millionths, {PERIOD}",
    """directory.item, jsonb_each_text(case when pric_uplmt ? '*'
  then jsonb_build_object('1', pric_uplmt->'*', '2', pric_uplmt->'*', '3', pric_uplmt->'*') || pric_uplmt - '*'
  else pric_uplmt end) k""",
    "area, med_list_codg, valid_from, k.key",
)
RATIOS = Listing(
    f"med_list_codg as hilist_code, k.key as selfpay_prop_psn_type, k.value::bigint as basis_points, {PERIOD}",
    """directory.item, jsonb_each_text(
  jsonb_build_object('310', selfpay_prop, '390', selfpay_prop) || selfpay_prop_by_insutype) k""",
    "area, med_list_codg, valid_from, k.key",
)
MAPPINGS = Listing(
    """m.fixmedins_code, m.fixmedins_hilist_id as medins_list_codg,
  coalesce(m.details->>'fixmedins_hilist_name', '') as medins_list_name, i.admdvs as insu_admdvs, m.list_type,
  m.med_list_codg, m.begndate, m.enddate, coalesce(m.details->>'memo', '') as memo, '1' as vali_flag,
  m.fixmedins_code || m.fixmedins_hilist_id || to_char(m.begndate, 'YYYYMMDD') as rid, m.updated_at as updt_time,
  m.updated_at as crte_time, i.admdvs as poolarea_no, m.details""",
    "directory.item_mapping m left join directory.institution i on i.fixmedins_code = m.fixmedins_code",
    "m.fixmedins_code, m.fixmedins_hilist_id, m.list_type, m.begndate",
)
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
    page = await _item_page(connection, LIMITS, filters, filters.get("hilist_lmtpric_type"))
    return Page([_limit_row(row) for row in page.rows], page.total)


async def ratio_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1319: own shares per insurance type, as fractions of 1 with four places."""
    page = await _item_page(connection, RATIOS, filters, filters.get("selfpay_prop_psn_type"))
    return Page([_ratio_row(row) for row in page.rows], page.total)


async def mapping_page(connection: Connection, filters: Mapping[str, Any]) -> Page:
    """1317: the institutions' own codes as uploaded by 3301."""
    names = ("fixmedins_code", "medins_list_codg", "med_list_codg", "list_type")
    wanted = {name: filters.get(name) for name in names}
    wanted |= {"on": filters.get("query_date"), "changed": _moment(filters.get("updt_time"))}
    return await _page(connection, MAPPINGS, MAPPING_FILTERS, wanted, _window(filters))


async def _item_page(connection: Connection, listing: Listing, filters: Mapping[str, Any], kind: Any = None) -> Page:
    """A page of items; `filters` are fields of the message, `kind` the level or insurance of an expanded row."""
    wanted = {name: filters.get(name) for name in ("list_type", "med_chrgitm_type", "chrgitm_lv", "lmt_used_flag")}
    wanted |= {
        "area": filters.get("insu_admdvs"),
        "code": filters.get("hilist_code") or filters.get("med_list_codg"),
        "name": filters.get("hilist_name"),
        "on": filters.get("query_date"),
        "since": filters.get("begndate"),
        "changed": _moment(filters.get("updt_time")),
        "kind": kind,
    }
    return await _page(connection, listing, ITEM_FILTERS, wanted, _window(filters))


async def _page(
    connection: Connection,
    listing: Listing,
    conditions: Mapping[str, str],
    wanted: Mapping[str, Any],
    window: tuple[int, int],
) -> Page:
    asked = {name: value for name, value in wanted.items() if value}
    count, rows = page_statements(listing, [conditions[name] for name in asked])
    found = await connection.fetch(rows, *asked.values(), *window)
    return Page([dict(row) for row in found], await connection.fetchval(count, *asked.values()))


def page_statements(listing: Listing, conditions: Sequence[str]) -> tuple[str, str]:
    """Two statements, how many rows there are and one page of them; the page's parameters end in limit, offset.

    Counted apart, a page is read along the index of its order and stops where it ends. Pure.
    """
    numbered = [condition.format(f"${number}") for number, condition in enumerate(conditions, 1)]
    rest = f"from {listing.source} where {' and '.join(numbered) or 'true'}"
    limit, offset = len(numbered) + 1, len(numbered) + 2
    page = f"select {listing.columns} {rest} order by {listing.order} limit ${limit} offset ${offset}"
    return f"select count(*) {rest}", page


def _window(filters: Mapping[str, Any]) -> tuple[int, int]:
    size = min(max(int(filters.get("page_size") or 100), 1), LARGEST_PAGE)
    return size, size * (max(int(filters.get("page_num") or 1), 1) - 1)


def _moment(value: date | datetime | None) -> datetime | None:
    """A date of the message as the moment it begins in Shanghai."""
    if value is None:
        return None
    return datetime(value.year, value.month, value.day, tzinfo=SHANGHAI)


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
