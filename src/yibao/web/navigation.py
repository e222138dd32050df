"""The main navigation: what each role finds there, in the order of its work."""

from dataclasses import dataclass

from yibao.web.access import ROLES, Access
from yibao.web.accounts import Visitor


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; `title` as the user reads it, shown to the roles that `access` opens the page to."""

    path: str
    title: str
    access: Access


ENTRIES = (
    Entry("/", "首页", Access.PUBLIC),
    Entry("/me", "我的医保", Access.INSURED),
    Entry("/work", "待办", Access.CLERK),
    Entry("/people", "参保人员", Access.CLERK),
    Entry("/employer", "参保单位", Access.EMPLOYER),
    Entry("/bills", "账单", Access.BILLS),
    Entry("/exchange", "部门交换", Access.DEPARTMENT),
    Entry("/reconciliation", "对账", Access.CLERK),
    Entry("/collector", "村级代收", Access.COLLECTOR),
    Entry("/campaign", "征缴调度", Access.CAMPAIGN),
    Entry("/uninsured", "未参保清单", Access.LISTS),
    Entry("/institution/findings", "疑点答复", Access.INSTITUTION),
    Entry("/institution/orders", "审核中的医嘱", Access.INSTITUTION),
    Entry("/institution/deductions", "扣款通知", Access.INSTITUTION),
    Entry("/findings", "疑点处理", Access.REVIEW),
    Entry("/findings/orders", "审核中的医嘱", Access.REVIEW),
    Entry("/findings/rules", "规则成效", Access.REVIEW),
    Entry("/findings/opinions", "专家评议", Access.OPINION),
    Entry("/deductions", "扣款通知书", Access.STATEMENTS),
    Entry("/board", "监测", Access.MONITORING),
    Entry("/bed-checks", "远程查床", Access.BED_CHECK),
    Entry("/verify-bill", "结算单验真", Access.PUBLIC),
)


def navigation(visitor: Visitor | None) -> list[Entry]:
    """The links of this visitor; None is nobody signed in."""
    role = visitor.role if visitor else ""
    return [entry for entry in ENTRIES if entry.access is Access.PUBLIC or role in ROLES[entry.access]]
