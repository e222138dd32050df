"""The catalogue files of 1301–1320: rows newer than a version, as tab-separated text.

The interface answers these transactions with a file that 9102 delivers. The specification within reach does not print
the column tables of the files, so yibao uses the column orders in `COLUMNS` (names from 1304 and 1312) and writes no
head line; docs/directory.md shows them. An empty value is the text null.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused

ITEM_COLUMNS = (
    "med_list_codg", "item_name", "med_chrgitm_type", "chrgitm_lv", "selfpay_prop", "pric_uplmt_1", "pric_uplmt_2",
    "pric_uplmt_3", "lmt_used_flag", "limit_text", "bas_medn_flag", "hi_nego_drug_flag", "chld_medc_flag", "spec",
    "unit", "dosage_form", "manufacturer", "approval_no", "begndate", "enddate", "ver",
)  # fmt: skip
CODE_COLUMNS = ("code", "name", "begndate", "enddate", "ver")

LIST_TYPES = {"1301": "101", "1302": "102", "1303": "103", "1305": "201", "1306": "301", "1320": "106"}
CODE_TABLES = {
    "1307": "disease",
    "1308": "operation",
    "1309": "opsp_disease",
    "1310": "single_disease",
    "1311": "day_surgery",
    "1313": "tumour_morphology",
    "1314": "tcm_disease",
    "1315": "tcm_syndrome",
}
COLUMNS = dict.fromkeys(LIST_TYPES, ITEM_COLUMNS) | dict.fromkeys(CODE_TABLES, CODE_COLUMNS)

ITEMS = """
select med_list_codg, item_name, med_chrgitm_type, chrgitm_lv, selfpay_prop, pric_uplmt, lmt_used_flag, limit_text,
  bas_medn_flag, hi_nego_drug_flag, chld_medc_flag, spec, unit, dosage_form, manufacturer, approval_no,
  valid_from as begndate, valid_to as enddate, version as ver
from directory.item where area = $1 and list_type = $2 and version > $3 order by version, med_list_codg, valid_from
"""
CODES = """
select code, name, valid_from as begndate, valid_to as enddate, version as ver from directory.code_entry
where table_name = $1 and version > $2 order by version, code, valid_from
"""


@dataclass(frozen=True, slots=True)
class CatalogueFile:
    """Name without extension, rows of text without line ends, and the newest version in it."""

    name: str
    rows: list[str]
    version: str

    @property
    def count(self) -> int:
        """How many records the file has."""
        return len(self.rows)

    def text(self) -> bytes:
        """The file: one record per line, UTF-8."""
        return "".join(row + "\n" for row in self.rows).encode()


async def catalogue_file(connection: Connection, infno: str, area: str, ver: str) -> CatalogueFile:
    """The rows of one catalogue that came after version `ver` ("" or "0": all); `area` is the pooling area.

    Raises `Refused` D101 for a transaction that is no catalogue download.
    """
    since = "" if ver.strip() in ("", "0") else ver.strip()
    if infno in LIST_TYPES:
        rows = [_item_row(dict(row)) for row in await connection.fetch(ITEMS, area, LIST_TYPES[infno], since)]
    elif infno in CODE_TABLES:
        rows = [dict(row) for row in await connection.fetch(CODES, CODE_TABLES[infno], since)]
    else:
        raise Refused(Refusal("D101", f"交易{infno}不是目录下载", "目录下载请用1301至1311、1313至1315、1320", "infno"))
    newest = max((str(row["ver"]) for row in rows), default=since)
    return CatalogueFile(f"{infno}_{area}_{newest or '0'}", lines(rows, COLUMNS[infno]), newest)


def lines(rows: Iterable[dict[str, Any]], columns: Sequence[str]) -> list[str]:
    """Rows as tab-separated text in the order of `columns`. Pure."""
    return ["\t".join(_cell(row[column]) for column in columns) for row in rows]


def _item_row(row: dict[str, Any]) -> dict[str, Any]:
    """Ratio as a fraction of 1, price limits in yuan per level."""
    limits = row["pric_uplmt"]
    prices = {f"pric_uplmt_{level}": limits.get(level, limits.get("*")) for level in ("1", "2", "3")}
    yuan = {key: None if value is None else Decimal(value).scaleb(-6) for key, value in prices.items()}
    return row | yuan | {"selfpay_prop": Decimal(row["selfpay_prop"]).scaleb(-4)}


def _cell(value: object) -> str:
    """Tabs and line ends inside a value would break the file: they become blanks."""
    if value is None or value == "":
        return "null"
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return text.translate({9: " ", 10: " ", 13: " "})
