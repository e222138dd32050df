"""Many cards settled by one institution within minutes for about the same amount (敛卡集中结算).

    care             kinds of care looked at (`med_type` or its beginning)
    persons          so many persons, at least
    minutes          within so many minutes
    band             fen: amounts of one band of this width are alike; bands shifted by half a width are looked at too
    amount_from      fen: smaller bills are not looked at (registrations alone)

At stake are all bills of such a window; a finding is an institution's day. Exemptions: one person's bills count once;
small amounts; care of fixed fees when it is not among `care`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _stays
from yibao.supervision.kinds._codes import Facts
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Bill, Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class CardBurst(Point):
    """What the module says."""

    care: str
    persons: int
    minutes: int
    band: int
    amount_from: int


FACTS = ("day", "persons", "minutes", "fees")
BAND = ("rule_id", "kp_id", "fixmedins_code", "shift", "low")
"""What bills of one band have in common."""


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One finding for each institution's day with such a window."""
    return _stays.these_bills(case, _hits(case, points))


def _hits(case: Case, points: Points) -> Iterator[tuple[Point, str, Bill, Facts]]:
    for point in points:
        persons: dict[str, int] = defaultdict(int)
        for band in _bands(case, point).values():
            for window in _windows(point, band):
                for one in window:
                    persons[one.setl_id] = max(persons[one.setl_id], len({bill.psn_no for bill in window}))
        for setl_id, count in persons.items():
            bill = case.bills[setl_id]
            day = bill.setl_time.date().isoformat()
            facts: Facts = {
                "day": day, "persons": count, "minutes": point.minutes, "fees": bill.medfee_sumamt,
            }  # fmt: skip
            yield point, f"{bill.fixmedins_code}:{day}", bill, facts


def _bands(case: Case, point: CardBurst) -> dict[tuple[str, int, int], list[Bill]]:
    """Bills of an institution and a band of amounts, in the order of time; every bill is in two bands."""
    bands: dict[tuple[str, int, int], list[Bill]] = defaultdict(list)
    for one in sorted(_stays.of_care(case.bills.values(), point.care), key=lambda one: (one.setl_time, one.setl_id)):
        if one.medfee_sumamt >= point.amount_from and point.in_force(one.setl_time.date()):
            for shift in (0, 1):
                moved = one.medfee_sumamt + shift * (point.band // 2)
                bands[one.fixmedins_code, shift, moved - moved % point.band].append(one)
    return bands


def _windows(point: CardBurst, band: list[Bill]) -> Iterator[list[Bill]]:
    """Every window that begins with a bill and has persons enough."""
    for place, first in enumerate(band):
        window = []
        for one in band[place:]:
            if _stays.seconds_between(first.setl_time, one.setl_time) > point.minutes * 60:
                break
            window.append(one)
        if len({one.psn_no for one in window}) >= point.persons:
            yield window


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: the bill `persons` places later tells whether a window can be full."""
    bands = _bands_column(lake, points)
    later = bands.select(*BAND, at="second", number="place").rename("later_{name}")
    full = bands.join(later, [
        *(bands[name] == later[f"later_{name}"] for name in BAND),
        bands.place + bands.needed - 1 == later.later_number, later.later_at - bands.second <= bands.minutes * 60,
    ])  # fmt: skip
    windows = full.select(*BAND, "needed", first="setl_id", start="second", until=full.second + full.minutes * 60)
    members = windows.join(bands.select(*BAND, "setl_id", "psn_no", "second"), BAND)
    members = members.filter(members.second.between(members.start, members.until))
    window = [*BAND, "first"]
    enough = members.group_by(*window, "needed").aggregate(persons=members.psn_no.nunique().cast("int64"))
    enough = enough.filter(enough.persons >= enough.needed).drop("needed")
    rows = (
        members.join(enough, window)
        .group_by("rule_id", "kp_id", "setl_id")
        .aggregate(persons=lambda t: t.persons.max())
    )
    known = bands.filter(bands.shift == 0)
    known = known.select("rule_id", "kp_id", "setl_id", "minutes", "fixmedins_code", "on", amount_of="medfee_sumamt")
    hits = rows.join(known, ["rule_id", "kp_id", "setl_id"])
    day = hits.on.cast("string")
    hits = hits.mutate(key=hits.fixmedins_code + ":" + day, day=day)
    hits = hits.drop("fixmedins_code").rename(fees="amount_of")
    return _stays.these_bills_column(lake, hits, FACTS)


def _bands_column(lake: Any, points: Any) -> Any:
    import ibis

    bills = _stays.of_care_column(lake.bills, points).rename(needed="persons")
    bills = bills.mutate(on=bills.setl_time.date())
    bills = _stays.in_force(bills, bills.on).filter(lambda t: t.medfee_sumamt >= t.amount_from)
    bills = bills.select(
        "rule_id", "kp_id", "fixmedins_code", "setl_id", "psn_no", "medfee_sumamt", "on", "setl_time", "needed",
        "minutes", "band", second=_stays.second_of(bills.setl_time),
    )  # fmt: skip
    half = ((bills.band - bills.band % 2) / 2).cast("int64")
    even, odd = (
        bills.mutate(shift=ibis.literal(shift, "int64"), moved=bills.medfee_sumamt + shift * half) for shift in (0, 1)
    )
    both = even.union(odd)
    both = both.mutate(low=both.moved - both.moved % both.band)
    order = ibis.window(group_by=list(BAND), order_by=["setl_time", "setl_id"])
    return both.mutate(place=ibis.row_number().over(order))


KIND = Kind(
    name="card_burst",
    title="敛卡集中结算",
    point=CardBurst,
    facts=FACTS,
    reason="{day}本机构{minutes}分钟内为{persons}人结算金额相近的费用，本笔{fees:yuan}",
    subject="institution",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="同一人的多笔按一人计，小额、未列入的就医方式不算",
    item_codes=lambda point: (),
)
