"""What a clerk typed into a form: read field by field, kept to be shown again when the action is refused.

Refusals: W602 a day, W603 a number that cannot be read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yibao.core.errors import Refusal, Refused
from yibao.web.rendering import one_line

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of one form, each on one line and of sensible length."""

    fields: Mapping[str, str]

    def text(self, name: str) -> str:
        """What was typed, "" for nothing."""
        return self.fields.get(name, "")

    def day(self, name: str) -> date:
        """A day that must be there; raises `Refused` W602."""
        found = self.optional_day(name)
        if found is None:
            raise Refused(Refusal("W602", "没有填写日期", "请按 年-月-日 填写", name))
        return found

    def optional_day(self, name: str) -> date | None:
        """A day or None; raises `Refused` W602 for what is none."""
        typed = self.text(name)
        try:
            return date.fromisoformat(typed) if typed else None
        except ValueError as error:
            raise Refused(Refusal("W602", f"日期“{typed}”不正确", "请按 年-月-日 填写", name)) from error

    def number(self, name: str) -> int:
        """A whole number; raises `Refused` W603."""
        typed = self.text(name)
        if not (typed.isascii() and typed.isdecimal() and len(typed) <= 18):
            raise Refused(Refusal("W603", f"“{typed or '空'}”不是数字", "请刷新页面后重试", name))
        return int(typed)


def form_of(sent: Any) -> Form:
    """The text fields of a form as the browser sent it."""
    return Form({name: one_line(value, LONGEST) for name, value in sent.items() if isinstance(value, str)})
