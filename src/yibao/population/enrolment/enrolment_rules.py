"""What an enrolment (参保关系) is, and what may not be: wrong kinds, two basic insurances on one day. Pure."""

from datetime import date, timedelta

import msgspec

from yibao.core.errors import Refusal
from yibao.population.entitlement.decision import INSURANCE_TITLES

NORMAL, SUSPENDED, INVALID, ENDED = "1", "2", "3", "4"  # dictionary psn_insu_stas
BASIC = ("310", "390")
INSUTYPE = {"resident": "390", "employee": "310", "flexible": "310", "retired": "310"}
CATEGORIES = {"resident": "城乡居民", "employee": "单位职工", "flexible": "灵活就业", "retired": "退休"}
"""What users read for a category."""
PERSON_TYPES = {
    "resident": ("14", "15", "16", "17", "18", "33", "34", "99"),
    "employee": ("11", "33", "34"),
    "flexible": ("11",),
    "retired": ("12", "13", "33", "34"),
}
"""How the codes of dictionary psn_type (Hunan edition 1.1.27) begin: 11 working, 12 retired, 13 cadres, 14–18
residents, 33 and 34 disabled soldiers and old workers, 99 others."""
STATES = {"0": "未参保", NORMAL: "正常参保", SUSPENDED: "暂停参保", INVALID: "无效参保", ENDED: "终止参保"}
ACTIONS = {"suspend": "暂停", "resume": "恢复", "end": "终止", "reclassify": "变更"}
ONE_DAY = timedelta(days=1)


class Row(msgspec.Struct, frozen=True):
    """An enrolment as its table has it."""

    psn_insu_rlts_id: int
    psn_no: str
    insutype: str
    category: str
    psn_type: str
    insu_admdvs: str
    psn_insu_stas: str
    begndate: date
    enddate: date | None = None
    paus_date: date | None = None
    emp_no: str | None = None
    emp_name: str = ""
    reason: str = ""

    @property
    def last_day(self) -> date:
        """The last day enrolled; `date.max` while it goes on, the day before it began when it never counted."""
        if self.psn_insu_stas == INVALID:
            return self.begndate - ONE_DAY
        last = self.enddate or date.max
        if self.paus_date is None:
            return last
        return min(last, self.paus_date - ONE_DAY)


def overlapping(rows: list[Row], first: date, last: date | None) -> list[Refusal]:
    """P522 for every basic insurance among `rows` that counts on a day from `first` to `last`. Pure."""
    return [
        Refusal("P522", f"该人员{_days(row)}已参加{INSURANCE_TITLES[row.insutype]}", _advice(row), "begndate")
        for row in rows
        if row.insutype in BASIC and row.last_day >= max(first, row.begndate) and row.begndate <= (last or date.max)
    ]


def check_kind(insutype: str, category: str, psn_type: str) -> list[Refusal]:
    """P527 when insurance, category and kind of person do not go together. Pure."""
    reasons = []
    if insutype not in INSURANCE_TITLES:
        reasons.append(Refusal("P527", f"险种{insutype}不能在此参保", "请核对险种类型", "insutype"))
    elif (insutype in BASIC or category) and INSUTYPE.get(category) != insutype:
        title = INSURANCE_TITLES[insutype]
        advice = "居民医保为城乡居民（resident），职工医保为单位职工（employee）、灵活就业（flexible）或退休（retired）"
        named = CATEGORIES.get(category, category or "未填")
        reasons.append(Refusal("P527", f"{title}没有参保身份{named}", advice, "category"))
    elif category and not psn_type.startswith(PERSON_TYPES[category]):
        text = f"人员类别{psn_type or '未填'}与参保身份{CATEGORIES[category]}不符"
        reasons.append(Refusal("P527", text, "请按人员类别字典填写", "psn_type"))
    return reasons


def _days(row: Row) -> str:
    return f"自{row.begndate}起" if row.last_day == date.max else f"自{row.begndate}至{row.last_day}"


def _advice(row: Row) -> str:
    if row.last_day == date.max:
        return f"请先终止或转换原参保关系{row.psn_insu_rlts_id}，险种转换可一次办理"
    return f"开始日期应在{row.last_day}之后"
