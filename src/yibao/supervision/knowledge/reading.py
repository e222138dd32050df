"""Files of published points: the neutral table, and the workbooks in which the points are published.

    read_points(path)                                    # the points; Refused with every bad row
    read_file(path, batch="18", first_day=first_day)     # with notes, for the person who imports

Neutral table (CSV, also gzipped): kp_id, rule, item_name, codes (separated by |), params_json, published_text, batch;
further columns are left alone. Workbooks: see `workbook`. Refusals: V101 the file, V102 unknown rule, V103 codes, V104
parameters, V105 number of the point, V106 batch. Either every row is good or nothing is read.
"""

import csv
import gzip
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from yibao.core.errors import Refusal, Refused
from yibao.supervision.knowledge.batches import replaced, starts
from yibao.supervision.knowledge.catalogue import catalogue
from yibao.supervision.knowledge.mapping import fields_of
from yibao.supervision.knowledge.model import PublishedPoint

GZIP, ZIP, OLE = b"\x1f\x8b", b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
NEEDED = ("kp_id", "rule", "item_name", "codes", "params_json", "published_text", "batch")
CODE = re.compile(r"[0-9A-Z]{5,30}")
LARGEST = 200 << 20
"""Bytes of the unpacked table: the published ones have five million."""
REMARK = "说明："


@dataclass(frozen=True, slots=True)
class RawPoint:
    """A row as it stands in a file: `place` says where for the person who must mend it."""

    place: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadPoints:
    """What a file holds. `notes` are rows that are no points and doubts that stop nothing, in Chinese."""

    points: list[PublishedPoint]
    notes: list[str] = field(default_factory=list)


def read_points(source: Path) -> list[PublishedPoint]:
    """The points of a file, earlier ones ended where the file has later ones of the same rule and item."""
    return read_file(source).points


def read_file(source: Path, *, batch: str = "", first_day: date | None = None) -> ReadPoints:
    """The points of a file with notes; `batch` names them where the file does not, `first_day` is their first day."""
    content = source.read_bytes()
    if content.startswith((ZIP, OLE)):
        from yibao.supervision.knowledge.workbook import raw_points

        rows: Iterable[RawPoint] = raw_points(content, source.name)
    else:
        rows = _raw_rows(content)
    return _checked(rows, batch, first_day)


def _raw_rows(content: bytes) -> Iterator[RawPoint]:
    try:
        text = _unpacked(content).decode("utf-8-sig")
    except (UnicodeDecodeError, OSError, EOFError) as fault:
        raise Refused(Refusal("V101", "文件不是UTF-8的CSV，也不是xlsx或xls工作簿", "请确认文件")) from fault
    lines = (line for line in io.StringIO(text, newline="") if not line.startswith("#"))
    reader = csv.DictReader(lines)
    lacking = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if lacking:
        raise Refused(Refusal("V101", f"缺少列{'、'.join(lacking)}", "请使用docs/supervision-rules.md所列的表头"))
    for row in reader:
        yield RawPoint(f"第{reader.line_num}行", row)


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    with gzip.open(io.BytesIO(content)) as packed:
        whole = packed.read(LARGEST + 1)
    if len(whole) > LARGEST:
        raise Refused(Refusal("V101", f"文件解压后超过{LARGEST >> 20}MB", "请确认文件"))
    return whole


def _checked(rows: Iterable[RawPoint], batch: str, first_day: date | None) -> ReadPoints:
    points: list[PublishedPoint] = []
    refusals: list[Refusal] = []
    notes: list[str] = []
    titles = {one.knowledge or one.name for one in catalogue().values()} | {one.name for one in catalogue().values()}
    for row in rows:
        if str(row.values.get("item_name") or "").startswith(REMARK):
            notes.append(f"{row.place}：{row.values['item_name']}")
            continue
        found = _point(row, titles, batch, first_day, notes)
        if isinstance(found, PublishedPoint):
            points.append(found)
        else:
            refusals.append(found)
    refusals += _twice(points)
    if refusals:
        raise Refused(*refusals)
    if not points:
        raise Refused(Refusal("V101", "文件里没有知识点", "请确认文件"))
    return ReadPoints(replaced(points), notes)


def _point(
    row: RawPoint, titles: set[str], batch: str, first_day: date | None, notes: list[str]
) -> PublishedPoint | Refusal:
    value = {name: str(row.values.get(name) or "").strip() for name in NEEDED}
    codes = tuple(code for code in value["codes"].split("|") if code)
    if value["rule"] not in titles:
        return Refusal("V102", f"不认识的规则名称“{value['rule'][:30]}”", "请改为规则目录里的名称", row.place)
    if not codes or not all(map(CODE.fullmatch, codes)):
        return Refusal(
            "V103", f"“{value['item_name'][:30]}”没有编码或编码不对：{value['codes'][:40]}", "请补填编码", row.place
        )
    if not (batch or value["batch"]):
        return Refusal("V106", "没有批次", "请用--batch写明批次", row.place)
    if not value["kp_id"]:
        return Refusal("V105", "没有知识点编号", "请补填kp_id", row.place)
    return _understood(row, value, codes, batch or value["batch"], first_day, notes)


def _understood(
    row: RawPoint, value: dict[str, str], codes: tuple[str, ...], batch: str, first_day: date | None, notes: list[str]
) -> PublishedPoint | Refusal:
    fault = Refusal(
        "V104", f"“{value['item_name'][:30]}”的参数看不懂：{value['params_json'][:60]}", "请核对params_json", row.place
    )
    try:
        params = json.loads(value["params_json"] or "{}")
        if not isinstance(params, dict):
            return fault
        point = PublishedPoint(
            kp_id=value["kp_id"], rule=value["rule"], item_name=value["item_name"], codes=codes, params=params,
            text=value["published_text"], batch=batch, valid_from=first_day or starts(batch),
            unverified=str(row.values.get("unverified") or "") in ("1", "true"),
        )  # fmt: skip
        for entry in catalogue().values():
            if entry.covered and point.rule in (entry.knowledge, entry.name):
                fields_of(point, entry.kind)
    except (ValueError, KeyError, TypeError, AttributeError):
        return fault
    notes += _doubts(row.place, point)
    return point


DAYS = re.compile(r"(\d+)天")


def _doubts(place: str, point: PublishedPoint) -> Iterator[str]:
    """A length of treatment that differs from the published sentence: the parameter counts, and it is told."""
    said = DAYS.findall(point.text) if "max_days" in point.params else []
    if said and str(point.params["max_days"]) not in said:
        yield f"{place}：{point.item_name}的天数{point.params['max_days']}与原文不一致（{point.text[-40:]}）"


def _twice(points: list[PublishedPoint]) -> Iterator[Refusal]:
    counts = Counter(one.kp_id for one in points)
    for kp_id, count in counts.items():
        if count > 1:
            yield Refusal("V105", f"知识点编号{kp_id}出现了{count}次", "请只保留一条", kp_id)
