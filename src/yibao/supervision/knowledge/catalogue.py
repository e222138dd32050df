"""The catalogue of rules (规则目录): every known rule, what covers it, or what it would need.

    catalogue()["N27"].kind == "frequency_per_day"

The files are data/catalogue/*.yaml; each value of `parameters` is named as a field of the kind's points.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import yaml

from yibao.supervision.model import Severity, Stage


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value with where it is from; `unverified` where the source only calls it typical, local or assumed."""

    value: Any
    reference: str
    unverified: bool = False


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of the catalogue. Without `kind` it is not covered, and `needs` says what data it would need.

    `knowledge` is the title under which points are published (or the rule's own name, for own points); "" when the
    rule needs none: then `rows` (one empty row by default) with the `parameters` are its points.
    """

    rule_id: str
    name: str
    tier: str
    definition: str
    severity: Severity
    stages: tuple[Stage, ...]
    clause: str
    official_code: str = ""
    kind: str = ""
    needs: str = ""
    knowledge: str = ""
    parameters: Mapping[str, Parameter] = {}
    rows: tuple[Mapping[str, Any], ...] = ({},)
    exemptions: str = ""
    limits: str = ""

    @property
    def covered(self) -> bool:
        """Whether a kind looks for it."""
        return bool(self.kind)

    @property
    def unverified(self) -> bool:
        """Whether any value is not held to a text of law."""
        return any(one.unverified for one in self.parameters.values())

    @property
    def values(self) -> dict[str, Any]:
        """The bare values of the parameters."""
        return {name: one.value for name, one in self.parameters.items()}


@cache
def catalogue() -> Mapping[str, Entry]:
    """All rules by their ids, in the order of the files."""
    folder = files("yibao.supervision").joinpath("data/catalogue")
    texts = (one.read_text("utf-8") for one in sorted(folder.iterdir(), key=lambda one: one.name))
    return entries(texts)


def entries(texts: Iterable[str]) -> dict[str, Entry]:
    """Rules of catalogue files; `ValueError` for one that stands twice, `msgspec.ValidationError` for a bad shape."""
    found: dict[str, Entry] = {}
    for text in texts:
        for one in msgspec.convert(yaml.safe_load(text), list[Entry]):
            if one.rule_id in found:
                raise ValueError(f"rule {one.rule_id} stands twice in the catalogue")
            found[one.rule_id] = one
    return found
