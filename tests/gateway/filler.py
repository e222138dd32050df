"""A message with every field of its page filled, made from the interface data itself."""

from typing import Any

from yibao.gateway.interface.catalogue import Field, Node, dictionaries, transactions

SAMPLES = {"number": 1, "date": "2024-06-03", "datetime": "2024-06-03 10:00:00", "month": "202406"}
KNOWN = {"psn_no": "w1", "insutype": "310", "med_type": "11", "in": [80, 75]}


def value_of(field: Field) -> Any:
    """A value that the field's rule allows."""
    if field.name in KNOWN:
        return KNOWN[field.name]
    if field.kind == "text":
        codes = dictionaries().get(field.name, {}).get("values", {}) if field.coded else {}
        return next(iter(codes), "x")
    return SAMPLES.get(field.kind, [])


def row_of(node: Node, nodes: tuple[Node, ...]) -> dict[str, Any]:
    row = {field.name: value_of(field) for field in node.fields}
    for child in nodes:
        if child.parent == node.name:
            inner = row_of(child, nodes)
            row[child.name] = [inner] if child.is_list else inner
    return row


def filled_message(infno: str) -> dict[str, Any]:
    """The input of a transaction with one row per node."""
    nodes = transactions()[infno].inputs
    top = {node.name: (row_of(node, nodes), node.is_list) for node in nodes if not node.parent}
    return {name: [row] if is_list else row for name, (row, is_list) in top.items()}
