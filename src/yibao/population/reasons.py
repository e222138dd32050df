"""Why an enrolment changes (参保变更原因): the words of data/reasons.yaml, by action."""

from functools import cache
from importlib.resources import files

import yaml

from yibao.core.errors import Refusal


@cache
def reasons() -> dict[str, dict[str, str]]:
    """Titles by action (start, suspend, resume, end, reclassify) and code."""
    text = files("yibao.population").joinpath("data/reasons.yaml").read_text(encoding="utf-8")
    known: dict[str, dict[str, str]] = yaml.safe_load(text)
    return known


def unknown_reason(action: str, code: str) -> list[Refusal]:
    """P526 when `code` is none of the action's reasons."""
    known = reasons()[action]
    if code in known:
        return []
    allowed = "、".join(f"{word}（{title}）" for word, title in known.items())
    return [Refusal("P526", f"变更原因{code or '未填'}不在允许的范围内", f"请选择：{allowed}", "reason")]
