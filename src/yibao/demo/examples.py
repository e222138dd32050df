"""Ready-made message sequences of the demo: a pharmacy sale, an outpatient visit, a stay, a refused order.

A value in angle brackets is to be replaced by what an earlier reply gave, as in <2201.data.mdtrt_id>. Every send
needs a msgid of its own.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from yibao.demo import messages, order_messages
from yibao.demo.bills import handbook, purchase_of, visitor_of
from yibao.demo.messages import Care, Node, Place, Purchase, Visitor

OUTPATIENT_ID, STAY_ID = "<2201.data.mdtrt_id>", "<2401.result.mdtrt_id>"
FOR_WOMEN = "艾附暖宫丸"
PHARMACY, HOSPITAL = "P34060000001", "H34060000001"
PHARMACY_ITEMS = {"阿莫西林胶囊": 2, "布洛芬缓释胶囊": 1}
VISIT_ITEMS = {"普通门诊诊察费": 1, "血常规（五分类）": 1, "磁共振平扫": 1, "动态心电图": 1, "头孢克肟分散片": 2}
STAY_ITEMS = {
    "普通病房床位费(三人间)": 6,
    "Ⅱ级护理": 6,
    "CT平扫（胸部）": 1,
    "纤维胃十二指肠镜检查": 1,
    "注射用美罗培南": 36,
    "注射用头孢曲松钠": 12,
}


def example_sequences(today: date) -> dict[str, list[dict[str, Any]]]:
    """By name, the messages to send in their order, each with its whole envelope."""
    book = handbook(today)
    at = datetime.combine(today, time(9, 30))

    def bought(names: dict[str, int]) -> list[Purchase]:
        return [purchase_of(book.items[name], number) for name, number in names.items()]

    employee, resident = visitor_of(book.people["working"]), visitor_of(book.people["adult"])
    return {
        "pharmacy": _pharmacy(employee, book.places[PHARMACY], bought(PHARMACY_ITEMS), at),
        "outpatient": _outpatient(employee, book.places[HOSPITAL], bought(VISIT_ITEMS), at),
        "inpatient": _inpatient(resident, book.places[HOSPITAL], bought(STAY_ITEMS), at),
        "order": _order(employee, book.places[HOSPITAL], bought({FOR_WOMEN: 1}), at),
    }


def _order(visitor: Visitor, place: Place, items: list[Purchase], at: datetime) -> list[Node]:
    """A drug for women ordered for a man: refused, and changed."""
    care = Care("11", "J06.900", "急性上呼吸道感染")
    steps = [
        ("3101", order_messages.question(visitor, place, care, "MZ0002", items[0], at)),
        ("3103", order_messages.answer("<3101.result.jr_id>", "2", "已改开其他药品")),
    ]
    return _enveloped(steps, visitor, place, at, first=201)


def _pharmacy(visitor: Visitor, place: Place, items: list[Purchase], at: datetime) -> list[Node]:
    care = Care("41", "", "")
    sale = messages.sale(visitor, care, items, at)
    undo = messages.undoing(visitor, "<2102.setlinfo.mdtrt_id>", "<2102.setlinfo.setl_id>")
    steps = [("1101", messages.person_query(visitor)), ("2101", sale), ("2102", sale), ("2103", undo)]
    return _enveloped(steps, visitor, place, at)


def _outpatient(visitor: Visitor, place: Place, items: list[Purchase], at: datetime) -> list[Node]:
    care = Care("11", "J06.900", "急性上呼吸道感染")
    settlement = messages.settlement(visitor, care, OUTPATIENT_ID, items)
    steps = [
        ("1101", messages.person_query(visitor)),
        ("2201", messages.registration(visitor, place, at, "MZ0001")),
        ("2203", messages.description(visitor, place, care, OUTPATIENT_ID, at)),
        ("2204", messages.fee_lines(visitor, place, care, OUTPATIENT_ID, items, at)),
        ("2206", settlement),
        ("2207", settlement),
        ("2208", messages.undoing(visitor, OUTPATIENT_ID, "<2207.setlinfo.setl_id>")),
    ]
    return _enveloped(steps, visitor, place, at)


def _inpatient(visitor: Visitor, place: Place, items: list[Purchase], at: datetime) -> list[Node]:
    care = Care("2101", "J18.900", "肺炎", acct_used_flag="0")
    began = at - timedelta(days=6)
    settlement = messages.stay_settlement(visitor, place, care, STAY_ID, items)
    steps = [
        ("1101", messages.person_query(visitor)),
        ("2401", messages.admission(visitor, place, care, began, "ZY0001")),
        ("2301", messages.fee_lines(visitor, place, care, STAY_ID, items, at - timedelta(hours=2))),
        ("2303", settlement),
        ("2402", messages.leaving(visitor, place, care, STAY_ID, at)),
        ("2304", settlement),
        ("2305", messages.undoing(visitor, STAY_ID, "<2304.setlinfo.setl_id>")),
    ]
    return _enveloped(steps, visitor, place, at, first=101)


def _enveloped(
    steps: list[tuple[str, Node]], visitor: Visitor, place: Place, at: datetime, first: int = 1
) -> list[Node]:
    """Whole messages; `first` keeps the msgids of two sequences of one institution apart."""
    return [
        messages.envelope(infno, f"{place.code}{at:%Y%m%d%H%M%S}{number:04d}", place, visitor.area, at, sent)
        for number, (infno, sent) in enumerate(steps, first)
    ]
