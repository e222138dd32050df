"""Makes this folder's data files from a published description of the interface.

    python -m yibao.gateway.interface.build SOURCE_DIR

SOURCE_DIR holds `transactions.json` and `dictionaries.json` (the main edition is Hunan V1.1.27 of 2024-10,
with the differences of six other editions). Written here: `transactions.json`, one transaction per line, with
all fields of those the gateway offers and number and name of all others; `dictionaries.json`, the codes. What
is changed on the way stands in `adjustments.yaml`, each with its reason.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
MAIN = "hn1.1.27"
SPECIFICATIONS = ("hn1.3", "jx1.0")  # other editions known from a specification, not from a client's code
JSON = dict[str, Any]


def kind_of(field: JSON) -> str:
    """text, number, date, datetime, month or node, from the type column of the specification."""
    name, written, form = field["name"], field["type"], field.get("fmt") or ""
    if form == "yyyyMM" or name in ("cum_ym", "setlym"):
        return "month"
    if "HH:mm" in form and written.startswith("日期"):
        return "datetime"
    if written.startswith("日期时间") or written == "时间型":
        return "datetime"
    if written.startswith("日期"):
        return "datetime" if "time" in name.lower() and form != "yyyy-MM-dd" else "date"
    if written.startswith(("数值", "整")) or written == "BigDecimal":
        return "number"
    if written in ("字节数组",) or "集合" in written or written.startswith("Map"):
        return "node"
    return "text"  # 数字型 too: serial numbers that other editions send as text


def size_of(field: JSON, kind: str) -> tuple[int | None, int | None]:
    """Characters of a text, or total digits and decimals of a number; None where the page gives none."""
    written = re.sub(r"[()（）\s]", "", field["length"] or "").replace("，", ",")
    if kind == "number" and (two := re.fullmatch(r"(\d+)(?:,(\d+))?", written)):
        return int(two[1]), int(two[2] or 0)
    if kind == "text" and written:
        digits = written.replace(",000", "000").split(",")[0]
        return (int(digits), None) if digits.isdigit() else (None, None)
    return None, None


def widest_code(name: str, dictionaries: JSON) -> int:
    entry = dictionaries.get(name, {})
    codes = [*entry.get("values", {}), *(c for more in entry.get("only_in", {}).values() for c in more)]
    return max(map(len, codes), default=0)


def lenient(transaction: JSON, node: str, name: str) -> bool:
    """Another edition knows the node but not this field, so its programs cannot send it."""
    lacking = {
        v["edition"]
        for v in transaction.get("variants", [])
        if v["dir"] == "in" and v["node"] == node and name in v.get("missing", [])
    }
    return bool(lacking & set(SPECIFICATIONS)) or ("openhis" in lacking and len(lacking) > 1)


def aliases_of(transaction: JSON, node: str, fields: set[str]) -> list[str]:
    """Names that other editions give this node: their node shares at least half of its fields."""
    found = []
    for variant in transaction.get("variants", []):
        other = variant.get("added_node")
        if variant["dir"] == "in" and other and len(fields & set(other)) * 2 >= min(len(fields), len(other)):
            found.append(variant["node"])
    return sorted(set(found) - {node})


class Builder:
    def __init__(self, source: Path) -> None:
        self.raw = json.loads((source / "transactions.json").read_text("utf-8"))
        self.dictionaries = json.loads((source / "dictionaries.json").read_text("utf-8"))["dictionaries"]
        self.adjust = yaml.safe_load((HERE / "adjustments.yaml").read_text("utf-8"))

    def adjusted(self, part: str, infno: str, node: str, name: str) -> bool:
        return any(a["infno"] == infno and a["node"] == node and name in a["fields"] for a in self.adjust[part])

    def shape(self, infno: str, node: str) -> JSON:
        found = (a for a in self.adjust["nodes"] if a["infno"] == infno and a.get("node", node) == node)
        return next(found, {})

    def field(self, transaction: JSON, node: str, field: JSON) -> list[Any]:
        """[name, label, kind, size, decimals, required, coded], trailing empty ones cut."""
        infno, name, kind = transaction["infno"], field["name"], kind_of(field)
        size, decimals = size_of(field, kind)
        if size and kind == "text":
            size = max(size, widest_code(name, self.dictionaries))
        required = field["required"] == "Y" and not lenient(transaction, node, name)
        if self.adjusted("optional", infno, node, name):
            required = False
        if self.adjusted("required", infno, node, name):
            required = True
        row = [name, field["label"], kind, size, decimals, int(required), int(bool(field["code_dict"]))]
        while row and not row[-1]:
            row.pop()
        return row

    def input_nodes(self, transaction: JSON) -> list[JSON]:
        nodes: list[JSON] = []
        for raw in transaction["input"]:
            name = raw["node"] or "data"
            shape = self.shape(transaction["infno"], name)
            if shape.get("drop"):
                continue
            fields = [self.field(transaction, name, f) for f in raw["fields"]]
            aliases = aliases_of(transaction, name, {f["name"] for f in raw["fields"]})
            node = {"node": name, "list": shape.get("list", bool(raw["list"])), "fields": fields}
            parent = next((n["node"] for n in nodes if name in {f[0] for f in n["fields"]}), None)
            if parent:
                node["parent"] = parent
            if aliases:
                node["aliases"] = aliases
            nodes.append(node)
        return nodes + self.nested_nodes(transaction["infno"], nodes)

    def nested_nodes(self, infno: str, nodes: list[JSON]) -> list[JSON]:
        by_name = {node["node"]: node for node in nodes}
        return [
            {"node": a["node"], "list": a["list"], "fields": by_name[a["like"]]["fields"], "parent": a["parent"]}
            for a in self.adjust["nested"]
            if a["infno"] == infno
        ]

    def output_nodes(self, transaction: JSON) -> list[JSON]:
        def columns(node: JSON) -> list[list[str]]:
            return [[f["name"], f["label"]] for f in node["fields"]]

        return [{"node": n["node"] or "", "list": bool(n["list"]), "fields": columns(n)} for n in transaction["output"]]

    def transactions(self) -> list[JSON]:
        """Main edition first; an older or provincial edition only where the main one lacks the number."""
        chosen: dict[str, JSON] = {}
        for transaction in sorted(self.raw["transactions"], key=lambda t: t["edition"] != MAIN):
            chosen.setdefault(transaction["infno"], transaction)
        rows = {infno: self.compact(transaction) for infno, transaction in chosen.items()}
        added = {row["infno"]: {k: v for k, v in row.items() if k != "reason"} for row in self.adjust["added"]}
        return [row for _, row in sorted((rows | added).items())]

    def compact(self, transaction: JSON) -> JSON:
        head = {k: transaction[k] for k in ("infno", "name", "edition") if transaction.get(k)}
        if transaction["infno"] not in self.adjust["offered"]:
            return head
        return head | {"in": self.input_nodes(transaction), "out": self.output_nodes(transaction)}

    def tables(self) -> JSON:
        """Dictionary → {"name", "values", "provincial"}; provincial codes are accepted like the main ones."""
        found = {}
        for name, entry in self.dictionaries.items():
            if "#" in name or "@" in name:
                continue
            provincial = {c: t for more in entry.get("only_in", {}).values() for c, t in more.items()}
            found[name] = {"name": entry.get("name", name), "values": entry["values"]}
            if provincial:
                found[name]["provincial"] = provincial
        return found


def write_lines(path: Path, head: JSON, key: str, rows: list[str]) -> None:
    opening = json.dumps(head, ensure_ascii=False)[:-1]
    path.write_text(f'{opening},\n"{key}":[\n' + ",\n".join(rows) + "\n]}\n", "utf-8")


def main() -> None:
    builder = Builder(Path(sys.argv[1]))
    source = {"source": builder.raw["_meta"]["editions"], "made_by": "yibao.gateway.interface.build"}

    def dump(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    write_lines(HERE / "transactions.json", source, "transactions", [dump(t) for t in builder.transactions()])
    tables = [dump({"table": name} | entry) for name, entry in builder.tables().items()]
    write_lines(HERE / "dictionaries.json", source, "dictionaries", tables)


if __name__ == "__main__":
    main()
