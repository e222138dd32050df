"""Reads the interface data once: transactions by number, dictionaries by field name."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent


class Field(NamedTuple):
    """One field of a node; `size` characters or total digits, `kind` text/number/date/datetime/month/node."""

    name: str
    label: str
    kind: str = "text"
    size: int | None = None
    decimals: int | None = None
    required: int = 0
    coded: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A named object (or list of objects) of a message; `parent` names the node it is nested in."""

    name: str
    is_list: bool
    fields: tuple[Field, ...]
    parent: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction (交易): number, Chinese name, edition it was read from, nodes of input and output.

    `described` is false for those of which only number and name are kept.
    """

    infno: str
    name: str
    edition: str
    described: bool
    inputs: tuple[Node, ...] = ()
    outputs: tuple[Node, ...] = ()


def _node(raw: dict[str, Any]) -> Node:
    fields = tuple(Field(*row) for row in raw["fields"])
    return Node(raw["node"], raw["list"], fields, raw.get("parent", ""), tuple(raw.get("aliases", ())))


@cache
def transactions() -> dict[str, Transaction]:
    """Every known transaction by its number."""
    rows = json.loads((HERE / "transactions.json").read_text("utf-8"))["transactions"]
    return {
        row["infno"]: Transaction(
            row["infno"],
            row.get("name", ""),
            row["edition"],
            "in" in row,
            tuple(map(_node, row.get("in", ()))),
            tuple(map(_node, row.get("out", ()))),
        )
        for row in rows
    }


@cache
def dictionaries() -> dict[str, dict[str, Any]]:
    """Dictionary (字典) by field name: `name`, `values` code → text, `provincial` further codes."""
    rows = json.loads((HERE / "dictionaries.json").read_text("utf-8"))["dictionaries"]
    return {row["table"]: row for row in rows}


@cache
def text_of(table: str, code: str) -> str:
    """The Chinese text of a code, or empty when the dictionary does not have it."""
    entry = dictionaries().get(table, {})
    found: str = entry.get("values", {}).get(code) or entry.get("provincial", {}).get(code, "")
    return found
