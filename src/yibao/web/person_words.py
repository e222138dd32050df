"""What happened to a person, in words for him: events, movements of the account, states of a contribution."""

from collections.abc import Sequence
from typing import Any

from yibao.core.money import yuan_text
from yibao.population.entitlement.decision import INSURANCE_TITLES
from yibao.population.entitlement.family import NEAR_RELATIVES
from yibao.population.events import Event
from yibao.population.reasons import reasons

EVENTS = {
    "registered": "登记参保人员资料",
    "born": "出生登记",
    "corrected": "更正登记资料",
    "certificate_added": "增加证件",
    "household_joined": "加入家庭户",
    "household_left": "迁出家庭户",
    "enrolled": "参保登记",
    "enrolment_taken_over": "原系统参保记录转入",
    "suspended": "暂停参保",
    "resumed": "恢复参保",
    "ended": "终止参保",
    "invalidated": "参保登记作废",
    "reclassified": "变更参保身份",
    "retired": "办理退休",
    "retirement_months_due": "退休补缴核定",
    "base_chosen": "选定缴费基数",
    "paid": "缴费",
    "payment_reversed": "缴费冲正",
    "refunded": "退费",
    "tagged": "认定身份",
    "untagged": "身份到期",
    "tag_changed": "身份期限变更",
    "family_bound": "绑定家庭共济",
    "family_unbound": "解除家庭共济",
    "transfer_in_asked": "申请转入",
    "transfer_out_asked": "申请转出",
    "transfer_sent": "转移凭证已发出",
    "transfer_received": "转移凭证已收到",
    "transferred_in": "转入办结",
    "transferred_out": "转出办结",
    "transfer_refused": "转移未办成",
    "died": "死亡登记，待遇停止",
    "death_undone": "撤销死亡登记，待遇恢复",
    "merged": "重复登记，已并入另一编号",
    "absorbed": "并入重复登记的记录",
}
MOVEMENTS = {
    "opening": "期初余额",
    "credit": "单位缴费划入",
    "contribution": "按月划入",
    "large_amount_premium": "扣缴大额医疗补助",
    "settlement": "看病购药支付",
    "cancellation": "撤销结算退回",
    "premium": "家庭共济缴费",
    "premium_refund": "缴费退回",
    "premium_reversal": "缴费冲正退回",
    "contribution_taken_back": "退费收回划入",
    "merging": "重复登记合并",
    "transfer_in": "转移转入",
    "transfer_out": "转移转出",
    "transfer_back": "转移退回",
}
STATES = {"due": "未缴", "paid": "已缴", "cancelled": "已取消", "refunded": "已退费"}
CATEGORIES = {"resident": "居民", "employee": "单位职工", "flexible": "灵活就业", "retired": "退休"}

AMOUNTS = {
    "personal": "个人",
    "employer": "单位",
    "subsidy": "资助",
    "fiscal": "财政",
    "interest": "滞纳金",
    "to_account": "划入账户",
}
"""Who pays what of a contribution: columns of population.contribution (fen) and their headings."""


def amounts_of(rows: Sequence[Any]) -> list[tuple[str, str]]:
    """The columns of `AMOUNTS` that say something in these contributions."""
    return [(name, title) for name, title in AMOUNTS.items() if any(row[name] for row in rows)]


def relative(code: str) -> str:
    """What a payer is to the person, in the words of family sharing."""
    return NEAR_RELATIVES.get(code, "亲属")


def event_title(event: Event) -> str:
    """What happened; the kind itself where no words are known."""
    return EVENTS.get(event.kind, event.kind)


def is_taken_back(event: Event, events: Sequence[Event]) -> bool:
    """Whether the event belongs to a death that was recorded wrongly and taken back afterwards."""
    if event.kind != "died" and event.reason != "died":
        return False
    undone = [one.at for one in events if one.kind == "death_undone"]
    return any(event.at and at and event.at < at for at in undone)


def event_text(event: Event) -> str:
    """What the event was about, in one line: insurance, employer, tag, period, reason."""
    details = event.details
    parts = [
        INSURANCE_TITLES.get(str(details.get("insutype", "")), ""),
        _period(details),
        str(details.get("emp_name") or ""),
        _tag(details),
        _amount(details),
        _corrections(details) if event.kind == "corrected" else "",
        _reason(event.reason),
    ]
    return "，".join(part for part in parts if part)


def _period(details: dict[str, Any]) -> str:
    first = str(details.get("period_from") or "")
    if not first:
        return ""
    return f"{first[:4]}年度" if details.get("insutype") == "390" else f"{first[:7]}月"


def _tag(details: dict[str, Any]) -> str:
    tag, until = details.get("tag"), details.get("endtime")
    return f"{tag}{f'，至{until}' if until else ''}" if tag else ""


def _amount(details: dict[str, Any]) -> str:
    amount = details.get("amount")
    return f"{yuan_text(amount)}元" if isinstance(amount, int) else ""


def _corrections(details: dict[str, Any]) -> str:
    names = {"psn_name": "姓名", "gend": "性别", "naty": "民族", "brdy": "出生日期", "tel": "电话", "addr": "地址"}
    names |= {"hsreg_area": "户籍地", "live_area": "居住地"}
    return "、".join(names[name] for name in details if name in names)


def _reason(code: str) -> str:
    """Title of a reason's code; what was written freely stays, other codes are of no use to readers."""
    for known in reasons().values():
        if code in known:
            return known[code]
    return "" if code.isascii() else code
