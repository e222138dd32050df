"""A bill on paper: one A4 page as PDF, set by typst from templates/bill.typ, with a QR code to verify it.

Needs a Chinese font of the system (Noto Sans CJK SC, Source Han Sans SC or Noto Sans SC); without one the page
would be empty boxes, so `bill_pdf` refuses with W601 and says how to install one.
"""

import io
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
import segno
import typst

from yibao.core.errors import Refusal, Refused
from yibao.web.reasoning import Step
from yibao.web.statement import CANCELLED, NEGATIVE, Group, Statement
from yibao.web.wording import percent, price, scaled, yuan

FAMILIES = ("Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC")


@cache
def fonts() -> tuple[typst.Fonts, str]:
    """The system's fonts and the first known Chinese family among them; `Refused` W601 when there is none."""
    found = typst.Fonts(include_system_fonts=True)
    known = set(found.families())
    for family in FAMILIES:
        if family in known:
            return found, family
    raise Refused(
        Refusal(
            "W601",
            "服务器上没有中文字体，无法生成 PDF",
            "请系统管理员安装 Noto Sans CJK（Debian/Ubuntu：apt install fonts-noto-cjk；"
            "Fedora：dnf install google-noto-sans-cjk-fonts；macOS：brew install font-noto-sans-cjk-sc），然后重新启动",
        )
    )


def bill_pdf(statement: Statement, code: str, address: str) -> bytes:
    """The PDF; `address` is what the QR code opens, `code` stands below it for typing."""
    collection, family = fonts()
    content = msgspec.json.encode({**content_of(statement), "family": family, "code": code}).decode()
    template = files("yibao.web").joinpath("templates", "bill.typ").read_bytes()
    made = typst.compile(
        template,
        font_paths=collection,
        format="pdf",
        sys_inputs={"bill": content, "qr": qr_svg(address)},
    )
    assert isinstance(made, bytes)
    return made


def qr_svg(address: str) -> str:
    """The QR code as SVG, error correction M."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=0, xmldecl=False)
    return drawn.getvalue().decode()


def content_of(statement: Statement) -> dict[str, Any]:
    """Everything the template sets, as text; the template knows no rule and no number format."""
    bill = statement.bill
    stamps = {CANCELLED: "已撤销 作废", NEGATIVE: "红冲（撤销）单"}
    period = f"{bill.begndate} 至 {bill.enddate}（{statement.days} 天）" if statement.is_stay else f"{bill.begndate}"
    return {
        "number": bill.setl_id,
        "stamp": stamps.get(statement.status, ""),
        "facts": [
            ["姓名", statement.name], ["证件号码", statement.certificate], ["人员编号", bill.psn_no],
            ["险种", statement.insurance], ["医药机构", f"{statement.institution}（{statement.level}）"],
            ["医疗类别", statement.care], ["就诊时间", period], ["结算时间", f"{bill.setl_time:%Y-%m-%d %H:%M}"],
        ],
        "lines": [row for group in statement.groups for row in _rows(group)],
        "totals": [yuan(amount) for amount in (
            bill.medfee_sumamt, bill.fulamt_ownpay_amt, bill.overlmt_selfpay, bill.preselfpay_amt, bill.inscp_amt,
        )],
        "payers": [
            [payer.title, yuan(payer.amount), percent(payer.share), payer.look, str(payer.share)]
            for payer in statement.payers
        ],
        "steps": [_sentence(step) for step in statement.steps],
        "sums": [
            ["总费用", yuan(bill.medfee_sumamt)], ["基金支付", yuan(bill.fund_pay_sumamt)],
            ["个人负担", yuan(bill.psn_pay)], ["其中个人账户", yuan(bill.acct_pay)],
            ["其中现金", yuan(bill.cash_payamt)],
        ],
        "version": bill.pack_version,
    }  # fmt: skip


def _rows(group: Group) -> list[list[str]]:
    return [
        [
            group.title[:2], line.item_name or line.fee.med_list_codg,
            f"{price(line.fee.pric)} × {scaled(line.fee.cnt, 4)}", yuan(line.fee.det_item_fee_sumamt),
            yuan(line.fulamt_ownpay_amt), yuan(line.overlmt_selfpay), yuan(line.preselfpay_amt), yuan(line.inscp_amt),
        ]
        for line in group.lines
    ]  # fmt: skip


def _sentence(step: Step) -> list[str]:
    """One layer in one line: base − cuts, segments, payment; or why it paid nothing."""
    if not step.paid:
        return [step.title, f"进入本层 {yuan(step.base_total)}：{step.why_nothing}", yuan(0)]
    cuts = "".join(f" − {cut.title} {yuan(cut.amount)}" for cut in step.cuts if cut.amount)
    parts = [f"{yuan(part.amount)} × {percent(part.ratio)} ＝ {yuan(part.pay)}" for part in step.segments]
    how = "；".join([f"进入本层 {yuan(step.base_total)}{cuts}", *parts, *step.notes])
    return [step.title, how, yuan(step.paid)]
