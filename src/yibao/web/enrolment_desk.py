"""What a clerk does for one person (参保经办): each step is one action of the population area, in one transaction.

`STEPS[step](connection, packs, psn_no, form, actor)` does it and returns the person whose page comes next, None for the
same. Raises `Refused` with the coded reasons of the action, W602 or W603 for what cannot be read.
"""

from collections.abc import Awaitable, Callable
from datetime import date

from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.population.contributions import payments, premiums, refunds
from yibao.population.contributions.payment_state import payment_state
from yibao.population.contributions.refunds import Request
from yibao.population.contributions.windows import calendar
from yibao.population.enrolment import deaths, employers, enrolments, merging, newborn, persons
from yibao.population.enrolment.enrolment_rules import INSUTYPE
from yibao.population.enrolment.enrolments import Start
from yibao.population.enrolment.newborn import Newborn
from yibao.population.entitlement import family, retirement
from yibao.population.entitlement.family import Consent, Link
from yibao.population.rosters import tags
from yibao.population.rosters.departments import BUREAU, departments_of
from yibao.population.rosters.tags import NewTag, Office
from yibao.population.rules import rules_of
from yibao.settlement.usage import benefits_used
from yibao.web.desk_forms import Form

Step = Callable[[Connection, PackBook, str, Form, str], Awaitable[str | None]]
DONE = {
    "register": "已登记，可以办理参保。",
    "start": "参保登记已办理。",
    "switch": "险种转换已办理，原参保关系在前一天终止。",
    "retire": "退休已办理，自当月起按退休人员享受待遇。",
    "buy-months": "补缴金额已核定，缴清后即可办理退休。",
    "suspend": "已暂停参保。",
    "resume": "已恢复参保。",
    "end": "已终止参保。",
    "tag": "身份已认定，待缴保费随之重新核定。",
    "untag": "身份已结束，待缴保费随之重新核定。",
    "newborn": "新生儿参保已当场办结，自出生之日起享受待遇。",
    "death": "死亡已登记，参保、待遇、账户和共济全部停止。",
    "undo-death": "死亡登记已撤销，停止的事项照原样恢复；已失效的缴费订单请重新生成。",
    "refund": "退费已登记，待拨付。",
    "merge": "重复登记已合并，原编号的全部记录转到本编号。",
    "order": "缴费订单已生成。",
    "drop-order": "缴费订单已撤销，应缴保费已按现在的身份重新核定。",
    "correct": "登记资料已更正。",
    "certificate": "证件已增加。",
    "bind": "家庭共济已绑定。",
    "unbind": "家庭共济已解除。",
}


async def _start(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    new = await _new_enrolment(connection, psn_no, form)
    await enrolments.start(connection, new, actor, form.text("reason"))
    if new.category == "resident":
        await _assess(connection, packs, new, actor)


async def _assess(connection: Connection, packs: PackBook, new: Start, actor: str) -> None:
    """What a new resident owes for the years that are being collected, so that the clerk can tell him at once."""
    today = dates.today()
    for year in (today.year, today.year + 1):
        try:
            days = calendar(rules_of(new.insu_admdvs), year)
        except Refused:
            continue
        if days.opens <= today <= days.closes:
            await premiums.assess(connection, packs, [new.psn_no], year, today, actor)


async def _switch(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    number = await _own_enrolment(connection, psn_no, form)
    await enrolments.switch(connection, number, await _new_enrolment(connection, psn_no, form), actor)


async def _retire(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    await retirement.retire(connection, psn_no, form.day("day"), actor)


async def _buy_months(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    await retirement.buy_months(connection, psn_no, form.day("day"), actor)


async def _new_enrolment(connection: Connection, psn_no: str, form: Form) -> Start:
    category = form.text("category")
    return Start(
        psn_no,
        INSUTYPE.get(category, ""),
        category,
        form.text("psn_type"),
        form.text("insu_admdvs"),
        form.day("day"),
        await _employer(connection, form.text("employer")),
    )


async def _employer(connection: Connection, typed: str) -> str | None:
    """The employer's number, also by its unified social credit code; None when nothing was typed."""
    if len(typed) != 18:
        return typed or None
    known = await employers.employer_of(connection, typed)
    return known.emp_no if known else typed


async def _suspend(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    number = await _own_enrolment(connection, psn_no, form)
    await enrolments.suspend(connection, number, form.day("day"), actor, form.text("reason"))


async def _resume(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    number = await _own_enrolment(connection, psn_no, form)
    await enrolments.resume(connection, number, form.day("day"), actor, form.text("reason"))


async def _end(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    number = await _own_enrolment(connection, psn_no, form)
    await enrolments.end(connection, number, form.day("day"), actor, form.text("reason"))


async def _own_enrolment(connection: Connection, psn_no: str, form: Form) -> int:
    """The enrolment that the form names, if it is this person's; else `Refused` P521."""
    number = form.number("enrolment")
    if all(row.psn_insu_rlts_id != number for row in await enrolments.enrolments_of(connection, psn_no)):
        raise Refused(Refusal("P521", f"参保关系{number}不存在", "请核对参保关系", "psn_insu_rlts_id"))
    return number


async def _tag(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    until = form.optional_day("until")
    new = NewTag(psn_no, form.text("tag"), form.day("day"), until, form.text("evidence"))
    await tags.begin_tag(connection, packs, new, Office(BUREAU, form.text("area"), actor), dates.today())


async def _untag(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    office = Office(BUREAU, form.text("area"), actor)
    tag, day, evidence = form.text("tag"), form.day("day"), form.text("evidence")
    await tags.end_tag(connection, packs, psn_no, tag, day, office, evidence, dates.today())


async def _newborn(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> str:
    child = Newborn(
        parent=psn_no,
        gend=form.text("gend"),
        brdy=form.day("brdy"),
        insu_admdvs=form.text("insu_admdvs"),
        birth_certificate=form.text("birth_certificate"),
        certno=form.text("certno"),
        psn_name=form.text("psn_name"),
    )
    return (await newborn.apply(connection, packs, child, actor)).psn_no


async def _death(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    await deaths.record_death(connection, psn_no, form.day("day"), actor, form.text("source"))


async def _undo_death(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    await deaths.undo_death(connection, psn_no, actor, form.text("reason"))


async def _refund(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    wanted = Request(form.text("order_no"), (psn_no,), form.text("ground"), form.text("reason"))
    await refunds.refund(connection, packs, wanted, actor, benefits_used)


async def _merge(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> str:
    return (await merging.merge(connection, psn_no, form.text("survivor"), actor, form.text("reason"))).survivor


async def _order(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    year, channel = form.number("year"), form.text("channel")
    await premiums.order_for(connection, packs, [psn_no], year, channel, actor, day=dates.today(), payer=psn_no)


async def _drop_order(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    """Give up the person's unpaid order, so that another amount or channel can be ordered."""
    today, order_no = dates.today(), form.text("order_no")
    for year in (today.year, today.year + 1):
        state = await payment_state(connection, psn_no, year)
        if state.order_no == order_no and state.state == "ordered":
            await payments.reverse(connection, order_no, actor, "")
            await premiums.assess(connection, packs, [psn_no], year, today, actor)
            return
    text = f"订单{order_no}不是该人员未支付的订单"
    raise Refused(Refusal("P611", text, "请刷新页面后重试；已支付的请办理退费", "order_no"))


async def _correct(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    changes = {name: form.text(name) for name in ("psn_name", "tel", "addr", "live_area") if form.text(name)}
    await persons.correct(connection, psn_no, changes, actor, form.text("reason"))


async def _certificate(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    await persons.add_certificate(connection, psn_no, form.text("psn_cert_type"), form.text("certno"), actor)


async def _bind(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    """At the counter the payer is present and agrees: the clerk says so by ticking it."""
    payer = form.text("payer")
    link = Link(psn_no, payer, form.number("seq"), form.text("relation"), form.day("day"), form.optional_day("until"))
    by = payer if form.text("consent") else ""
    await family.bind(connection, link, Consent(by, dates.now(), "counter"))


async def _unbind(connection: Connection, packs: PackBook, psn_no: str, form: Form, actor: str) -> None:
    await family.unbind(connection, psn_no, form.text("payer"), form.day("day"), actor)


STEPS: dict[str, Step] = {
    "start": _start,
    "switch": _switch,
    "retire": _retire,
    "buy-months": _buy_months,
    "suspend": _suspend,
    "resume": _resume,
    "end": _end,
    "tag": _tag,
    "untag": _untag,
    "newborn": _newborn,
    "death": _death,
    "undo-death": _undo_death,
    "refund": _refund,
    "merge": _merge,
    "order": _order,
    "drop-order": _drop_order,
    "correct": _correct,
    "certificate": _certificate,
    "bind": _bind,
    "unbind": _unbind,
}


def tags_of(area: str, today: date) -> list[str]:
    """The tags that departments of the city recognise; none where the city names no departments."""
    try:
        known = departments_of(area, today).values()
    except Refused:
        return []
    return [tag for one in known for tag in one.tags]


def grounds_of(area: str, today: date) -> dict[str, str]:
    """For what the city gives premiums back, by code; nothing where it names no grounds."""
    try:
        known = rules_of(area).on("premium_refunds", today)
    except Refused:
        return {}
    return {one["ground"]: one["title"] for one in known}
