"""Departments that recognise identity tags (认定部门), as the area's rosters.yaml has them.

    department_of(admdvs, "civil_affairs", day)   its name, kind of roster and tags; `Refused` P801 when unknown
    tag_code(admdvs, "低保", day)                  dictionary psn_idet_type

The bureau itself (`BUREAU`) may set any tag of the area.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from yibao.core.errors import Refusal, Refused
from yibao.population.rules import rules_of

BUREAU = "bureau"
RosterKind = Literal["tags", "members", "deaths"]


@dataclass(frozen=True, slots=True)
class Department:
    """One department of a city: `kind` of its rosters, the tags that it alone recognises, how its words read."""

    code: str
    name: str
    kind: RosterKind
    tags: tuple[str, ...] = ()
    words: Mapping[str, str] | None = None

    def tag_of(self, word: str) -> str | None:
        """The tag that a word of the roster means, None when it is not this department's."""
        tag = (self.words or {}).get(word, word)
        return tag if tag in self.tags else None


def departments_of(admdvs: str, day: date) -> dict[str, Department]:
    """Every department of a city by its code; `Refused` P001 where the city has none."""
    rules = rules_of(admdvs)
    known: dict[str, dict[str, Any]] = rules.on("departments", day)
    words: dict[str, str] = rules.on("roster_words", day)
    return {
        code: Department(code, one["name"], one["kind"], tuple(one.get("tags", ())), words)
        for code, one in known.items()
    }


def department_of(admdvs: str, code: str, day: date) -> Department:
    """One department; `Refused` P801 when the city does not have it."""
    known = departments_of(admdvs, day)
    if code not in known:
        listed = "、".join(f"{one.code}（{one.name}）" for one in known.values())
        raise Refused(Refusal("P801", f"部门{code}不在本市认定部门之列", f"本市部门：{listed}", "department"))
    return known[code]


def owner_of(admdvs: str, tag: str, day: date) -> Department:
    """The department that recognises a tag; `Refused` P802 when none does."""
    for one in departments_of(admdvs, day).values():
        if tag in one.tags:
            return one
    raise Refused(Refusal("P802", f"本市没有部门认定“{tag}”", "请核对身份类别", "tag"))


def tag_code(admdvs: str, tag: str, day: date) -> str:
    """Dictionary psn_idet_type of a tag; `Refused` P802 when the area names none."""
    code: str | None = rules_of(admdvs).on("tag_codes", day).get(tag)
    if code is None:
        raise Refused(Refusal("P802", f"身份“{tag}”没有国家字典码", "请在地区规则的tag_codes中补充", "tag"))
    return code
