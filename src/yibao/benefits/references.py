"""Do the names of a pack fit together: bases, layers of schemes, portions of classification, pools.

Works on the schema-checked document, so that each problem points at its line.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from yibao.benefits.document import Document, Problem, Where
from yibao.benefits.schema import PARTS, STANDARD_PORTIONS

ALIASES = ("in_policy_unpaid", "unpaid")


def check_references(document: Document) -> list[Problem]:
    """Every name that leads nowhere and every combination that means nothing."""
    faults = [
        *_bases(document.data), *_schemes(document.data), *_line_rules(document.data), *_pools(document.data),
        *_combinations(document.data),
    ]  # fmt: skip
    return [document.problem(path, message) for path, message in faults]


Fault = tuple[Where, str]


def _own_portions(data: Mapping[str, Any]) -> list[str]:
    return [*STANDARD_PORTIONS, *data.get("portions", [])]


def _bases(data: Mapping[str, Any]) -> Iterator[Fault]:
    plain = [*_own_portions(data), *ALIASES]
    for name, layer in data["layers"].items():
        for k, portion in enumerate(layer["base"]):
            path = ("layers", name, "base", k)
            owner, dot, part = portion.partition(".")
            if portion in layer["base"][:k]:
                yield path, f"`{portion}` stands twice"
            elif dot and part == "paid":
                yield path, f"`{portion}` is already paid and cannot be paid again"
            elif dot and (owner not in data["layers"] or part not in PARTS):
                known = f"layers: {', '.join(data['layers'])}; parts: {', '.join(PARTS[1:])}"
                yield path, f"no layer makes `{portion}` ({known})"
            elif not dot and portion not in plain:
                yield path, f"no portion is called `{portion}` (there are: {', '.join(plain)}, <layer>.<part>)"


def _schemes(data: Mapping[str, Any]) -> Iterator[Fault]:
    for k, scheme in enumerate(data["schemes"]):
        for i, name in enumerate(scheme["layers"]):
            path = ("schemes", k, "layers", i)
            if name not in data["layers"]:
                yield path, f"no layer is called `{name}` (there are: {', '.join(data['layers'])})"
            elif name in scheme["layers"][:i]:
                yield path, f"`{name}` stands twice"
            else:
                for owner in _later_owners(data["layers"][name]["base"], scheme["layers"][i:]):
                    yield path, f"takes what `{owner}` leaves, but `{owner}` comes later in this scheme"


def _later_owners(base: list[str], rest: list[str]) -> list[str]:
    return [portion.partition(".")[0] for portion in base if "." in portion and portion.partition(".")[0] in rest]


def _line_rules(data: Mapping[str, Any]) -> Iterator[Fault]:
    known = _own_portions(data)
    for k, block in enumerate(data.get("classification", [])):
        for i, row in enumerate(block["rows"]):
            for key in ("all_to", "into"):
                if key in row and row[key] not in known:
                    message = f"no portion is called `{row[key]}`; declare it under `portions`"
                    yield ("classification", k, "rows", i, key), message


def _pools(data: Mapping[str, Any]) -> Iterator[Fault]:
    """A pool counts one thing over one kind of period, and once per layer."""
    meaning: dict[str, tuple[str, str, bool]] = {}
    for name, layer in data["layers"].items():
        seen: list[str] = []
        for k, cap in enumerate(layer.get("caps", [])):
            what = (cap.get("counts", "payment"), cap.get("period", "year"), cap.get("by_disease", False))
            pool = cap.get("pool", "")
            path: Where = ("layers", name, "caps", k)
            key = pool or str(what)
            if key in seen:
                yield path, "counts the same as another cap of this layer"
            seen.append(key)
            if not pool:
                continue
            if meaning.setdefault(pool, what) != what:
                yield path, f"pool `{pool}` counts {meaning[pool]} elsewhere, here {what}"
            if what[1] in ("visit", "day"):
                yield path, "a pool is counted by month or year"


def _combinations(data: Mapping[str, Any]) -> Iterator[Fault]:
    for name, layer in data["layers"].items():
        if "fixed" in layer and ("percent" in layer or "caps" in layer):
            yield ("layers", name, "fixed"), "stands alone, without `percent` and `caps`"
        if "account" in layer and {"percent", "fixed", "caps", "deductible", "pay_first"} & layer.keys():
            yield ("layers", name, "account"), "an account pays its base up to its balance: no other terms"
        if "less" in layer and layer.get("within") != "year":
            yield ("layers", name, "less"), "means something only with `within: year`"
    for name in _own_portions(data):
        if name in data["layers"] or name in ALIASES:
            yield ("layers", name), f"`{name}` is already the name of a portion"
