"""The pure middle of a settlement: what is known and asked goes in, a bill (or every reason against it) comes out.

`assess` does no I/O: the case was read before, the writing comes after. So a trial (预结算) and a settlement are the
same computation, and a bill can be computed again at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yibao.benefits import Facts, LayerResult, Pack, Visit
from yibao.benefits.arithmetic import UNLIMITED
from yibao.benefits.national import is_stay
from yibao.core.errors import Refusal, Refused
from yibao.core.money import divide_half_up, percent_text, yuan_text
from yibao.directory.model import Institution
from yibao.population.entitlement.decision import Entitled, entitlement
from yibao.population.model import Enrolment
from yibao.settlement.calculation import Calculation, calculate
from yibao.settlement.case import Case
from yibao.settlement.facts import facts_of
from yibao.settlement.model import AccountUse, Bill, FundShare, PricedLine, SettlementRequest
from yibao.settlement.pricing import benefit_line, outside, with_amounts
from yibao.settlement.visits import in_bed

CLEARING_TYPES = {
    "13": "13", "1301": "13", "14": "14", "18": "18", "28": "28", "41": "41", "51": "53", "52": "9978", "22": "22",
    "9903": "1103", "2102": "27", "9901": "15", "990101": "99923", "2106": "9978", "2107": "9978", "21303": "99928",
}  # fmt: skip
"""med_type → clr_type (national dictionaries): what is not listed clears as inpatient 21 or outpatient 11."""
BY_ITEM = "1"


@dataclass(frozen=True, slots=True)
class Assessment:
    """A computed bill with what has to be written beside it; `end` is when the care that it is for ended."""

    bill: Bill
    lines: tuple[PricedLine, ...]
    accounts: tuple[AccountUse, ...]
    end: datetime


def entitled_enrolment(
    case: Case, institution: Institution | None, visit: Mapping[str, Any], on_date: date
) -> Enrolment:
    """The enrolment that pays on the day of care, or `Refused` with every reason (P2xx)."""
    verdict = entitlement(
        case.facts, institution, on_date, visit["insutype"], visit["med_type"], visit["dise_no"] or ""
    )
    if not isinstance(verdict, Entitled):
        raise Refused(*verdict)
    return verdict.enrolment


def assess(
    pack: Pack,
    case: Case,
    request: SettlementRequest,
    visit: Mapping[str, Any],
    enrolment: Enrolment,
    institution: Institution,
    lines: Sequence[PricedLine],
    now: datetime,
) -> Assessment:
    """Compute the bill. Raises `Refused`: S210 sum differs, S211 nothing, S212 negative, codes of the pack."""
    check_total(request, lines)
    end = end_of(request, visit, now)
    check_times(as_time(visit["begntime"]), end, now, case.facts.person.die_date, lines)
    facts = facts_of(case, enrolment, visit, institution, end.date())
    care = benefit_visit(pack, request, visit, facts, lines, end, case)
    done = calculate(pack, care, case.totals, balances(pack, case, request))
    check_portions(done)
    amounts = done.line_amounts(care)
    settled = tuple(with_amounts(line, *of_line[:4]) for line, of_line in zip(lines, amounts, strict=True))
    accounts = account_uses(pack, case, request, done)
    bill = bill_of(pack, case, request, visit, enrolment, done, accounts, end, now)
    return Assessment(bill, settled, accounts, end)


def check_total(request: SettlementRequest, lines: Sequence[PricedLine]) -> None:
    total = sum(line.fee.det_item_fee_sumamt for line in lines)
    if not lines:
        raise Refused(
            Refusal("S211", "没有可结算的费用明细", "请先上传费用明细（2204/2301），并核对收费批次号", "chrg_bchno")
        )
    if request.medfee_sumamt is not None and total != request.medfee_sumamt:
        raise Refused(
            Refusal(
                "S210",
                f"医疗费总额{yuan_text(request.medfee_sumamt)}元与{len(lines)}条未结算明细之和{yuan_text(total)}元不符",
                "请核对明细是否全部上传、有无重复，再结算",
                "medfee_sumamt",
            )
        )
    if total >= UNLIMITED:
        raise Refused(Refusal("S213", "明细之和超出平台能计算的金额", "请核对明细的数量、单价与金额", "medfee_sumamt"))
    if total < 0:
        raise Refused(
            Refusal("S212", f"明细之和为负（{yuan_text(total)}元）", "退费请撤销原结算后重新结算", "medfee_sumamt")
        )


def check_portions(done: Calculation) -> None:
    """No portion of a bill may be negative: funds would pay what refunds in another portion give back to the person."""
    if any(amount < 0 for _, outcome in done.parts for amount in outcome.classified.values()):
        text = "退费后自费、超限价、先行自付、政策范围内四项中有一项为负"
        raise Refused(Refusal("S212", text, "请用2302撤销被退的明细，或撤销含原明细的结算后重新结算", "medfee_sumamt"))


def end_of(request: SettlementRequest, visit: Mapping[str, Any], now: datetime) -> datetime:
    """When the care that is billed ended: discharge, or now for an interim bill, or the outpatient visit itself.

    An interim bill that is computed again keeps its day: `request.endtime`.
    """
    if request.mid_setl_flag == "1":
        return request.endtime if request.again and request.endtime else now
    known = visit["endtime"] or request.endtime
    if known is not None:
        return known if isinstance(known, datetime) else datetime.fromisoformat(known)
    return now if in_bed(visit) else as_time(visit["begntime"])


def check_times(begin: datetime, end: datetime, now: datetime, died: date | None, lines: Sequence[PricedLine]) -> None:
    """The care lies between its begin and today (S111, S114), its lines within it and the person's life (S204): all may
    have been changed after the lines came, and dscgTime of 2304 says the end only now."""
    if end.date() > now.date():
        raise Refused(Refusal("S114", f"时间 {end:%Y-%m-%d} 晚于今天", "请核对日期与本机时钟", "endtime"))
    if end.date() < begin.date():
        text = f"结束时间 {end:%Y-%m-%d} 早于开始时间 {begin:%Y-%m-%d}"
        raise Refused(Refusal("S111", text, "请核对入院、出院时间", "endtime"))
    first, last = begin.date(), min(end.date(), died or end.date())
    fees = [(row, line.fee) for row, line in enumerate(lines, 1)]
    if faults := [outside(row, fee, first, last) for row, fee in fees if not first <= fee.fee_ocur_time.date() <= last]:
        raise Refused(*faults)


def as_time(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def benefit_visit(
    pack: Pack,
    request: SettlementRequest,
    visit: Mapping[str, Any],
    facts: Facts,
    lines: Sequence[PricedLine],
    end: datetime,
    case: Case,
) -> Visit:
    """The visit in the words of the benefits; a stay settled in several bills or years carries its number."""
    begin = as_time(visit["begntime"]).date()
    stay = is_stay(visit["med_type"])
    interim = request.mid_setl_flag == "1" or any(key.startswith(f"stay:{case.mdtrt_id}:") for key in case.totals)
    in_parts = interim or (pack.year_crossing == "split" and begin.year != end.year)
    return Visit(
        day=end.date(),
        facts=facts,
        lines=tuple(benefit_line(line) for line in lines),
        begin=begin,
        days=max(1, (end.date() - begin).days) if stay else 0,
        stay=case.mdtrt_id if stay and in_parts else "",
    )


def payers(pack: Pack, case: Case) -> list[tuple[str, int]]:
    """Relatives whose accounts may pay, in the pack's order, with what they hold (家庭共济)."""
    able = [(p.payer, p.balance) for p in case.facts.family if not p.frozen and p.balance > 0]
    if pack.family_order == "largest_balance_first":
        able.sort(key=lambda payer: -payer[1])
    return able[:1] if pack.family_one_only else able


def balances(pack: Pack, case: Case, request: SettlementRequest) -> dict[str, int]:
    """Balances that may be used: acct_used_flag 1 the own account, 2 also the relatives', 0 none."""
    account = case.facts.account
    may = {}
    if request.acct_used_flag in ("1", "2") and account and not account.frozen:
        may["own"] = account.balance
    if request.acct_used_flag == "2":
        may["family"] = sum(balance for _, balance in payers(pack, case))
    return may


def account_uses(pack: Pack, case: Case, request: SettlementRequest, done: Calculation) -> tuple[AccountUse, ...]:
    """Who pays how much from which account; the relatives in order until the sum is reached."""
    uses = []
    payments = done.account_payments
    own = payments.get("own", 0)
    if own:
        uses.append(AccountUse(payer=request.psn_no, amount=own))
    left = payments.get("family", 0)
    for payer, balance in payers(pack, case):
        part = min(left, balance)
        if part:
            uses.append(AccountUse(payer=payer, amount=part))
        left -= part
    return tuple(uses)


def fund_share(layer: LayerResult, in_scope: int) -> FundShare:
    """A row of setldetail from a layer."""
    steps = [f"{yuan_text(s.amount)}×{percent_text(s.ratio)}={yuan_text(s.paid)}" for s in layer.segments if s.amount]
    taken = [f"起付{yuan_text(layer.deductible)}"] if layer.deductible else []
    return FundShare(
        fund_pay_type=layer.fund_type,
        column=layer.column,
        title=layer.title,
        policy_name=layer.title,
        inscp_scp_amt=in_scope,
        crt_payb_lmt_amt=layer.cap_left if layer.cap_left < UNLIMITED else None,
        fund_payamt=layer.paid,
        setl_proc_info="；".join([f"基数{yuan_text(layer.base)}", *taken, *steps]),
    )


def pool_ratio(layers: Sequence[LayerResult]) -> int:
    """Share the basic pool pays (pool_prop_selfpay): the ratio where one segment was used, else the effective one."""
    for layer in layers:
        if layer.column == "hifp_pay" and layer.excess:
            used = {segment.ratio for segment in layer.segments if segment.amount}
            return used.pop() if len(used) == 1 else divide_half_up(layer.due * 10_000, layer.excess)
    return 0


def bill_of(
    pack: Pack,
    case: Case,
    request: SettlementRequest,
    visit: Mapping[str, Any],
    enrolment: Enrolment,
    done: Calculation,
    accounts: tuple[AccountUse, ...],
    end: datetime,
    now: datetime,
) -> Bill:
    """The bill: who, where and when; what the message asked; what the calculation gave."""
    own = sum(use.amount for use in accounts if use.payer == request.psn_no)
    return Bill(
        setl_id=case.setl_id,
        mdtrt_id=case.mdtrt_id,
        medins_setl_id="",
        setl_time=now,
        enddate=end.date(),
        year=end.year,
        balc=case.own_balance - own,
        pack_version=pack.version,
        **circumstances(visit, enrolment),
        **asked(request),
        **amounts(done),
    )


def circumstances(visit: Mapping[str, Any], enrolment: Enrolment) -> dict[str, Any]:
    """What of a bill the visit and the paying enrolment say."""
    med_type = visit["med_type"]
    return {
        "insutype": enrolment.insutype,
        "psn_type": enrolment.psn_type,
        "cvlserv_flag": enrolment.cvlserv_flag,
        "insu_admdvs": enrolment.insu_admdvs,
        "clr_optins": enrolment.insu_admdvs,
        "hosp_lv": visit["hosp_lv"],
        "med_type": med_type,
        "begndate": as_time(visit["begntime"]).date(),
        "dise_no": visit["dise_no"] or "",
        "ttp_pay_flag": visit["ttp_pay_flag"],
        "clr_type": CLEARING_TYPES.get(med_type, "21" if is_stay(med_type) else "11"),
        "clr_way": BY_ITEM,
    }


def asked(request: SettlementRequest) -> dict[str, Any]:
    """What of a bill the message said."""
    names = ("psn_no", "fixmedins_code", "mdtrt_cert_type", "invono", "mid_setl_flag", "acct_used_flag", "opter")
    return {name: getattr(request, name) for name in names}


def amounts(done: Calculation) -> dict[str, Any]:
    """What of a bill the calculation gave, in fen, with its funds, accumulators and explanation."""
    totals, layers = done.totals, done.layers
    columns = {("othfund_pay" if name == "oth_pay" else name): amount for name, amount in totals.columns.items()}
    return columns | {
        "medfee_sumamt": totals.total,
        "fulamt_ownpay_amt": totals.full_self_pay,
        "overlmt_selfpay": totals.over_limit,
        "preselfpay_amt": totals.prepay,
        "inscp_amt": totals.in_scope,
        "dedc_std": totals.deductible_standard,
        "act_pay_dedc": totals.deductible_paid,
        "pool_prop_selfpay": pool_ratio(layers),
        "fund_pay_sumamt": totals.fund,
        "psn_pay": totals.personal,
        "acct_pay": totals.own_account + totals.family_account,
        "acct_mulaid_pay": totals.family_account,
        "cash_payamt": totals.cash,
        "accumulators": done.accumulators,
        "funds": tuple(fund_share(layer, totals.in_scope) for layer in layers if layer.fund_type and layer.paid),
        "explanation": done.explanation(),
    }
