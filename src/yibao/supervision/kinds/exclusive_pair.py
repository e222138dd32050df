"""One item includes another (重复收费), or two do not go together (配伍禁忌, 相互作用): both in one window.

    code, item           the item that includes the other (主项)
    other, other_item    the included item: its lines are at stake
    window               "hour" the same clock hour, "6hours" less than six hours apart, "day", "visit" one visit,
                         "prescription" the same rx_drord_no of one visit
    mutual               1: neither includes the other; at stake is the line that came later
    across               1: the two may come from different institutions (interactions); 0: one institution only

The other item counts however it is paid; what is at stake must be insured. Exemptions: what was refunded; the same two
items in different institutions (unless `across`), on different days, hours or prescriptions, as the window says.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row

WINDOWS = {"hour": "同一小时", "6hours": "6小时内", "day": "同日", "visit": "同次就诊", "prescription": "同一处方"}
SIX_HOURS = 6 * 3600
INCLUDED, CLASH = "后者的内涵已包含前者", "两者不应同用"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExclusivePair(Point):
    """What the module says."""

    other: str = ""
    other_item: str = ""
    window: str = "day"
    mutual: int = 0
    across: int = 0


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row and finding for each line that the earliest line of the other item excludes."""
    mains: dict[Any, list[Line]] = defaultdict(list)
    found: dict[tuple[str, str, str], tuple[Any, Row]] = {}
    directed = [point for point in _directed(points.all) if point.code in case.lines_of_item]
    directed = [point for point in directed if point.other in case.lines_of_item]
    for point, line, _ in quantities.standing(case, Points(directed), insured=False):
        mains[_key(point, line)].append(line)
    others = Points([replace(point, code=point.other, other=point.code) for point in directed])
    for turned, line, left in quantities.standing(case, others):
        point = replace(turned, code=turned.other, other=turned.code)
        for main in mains.get(_key(point, line), ()):
            if _excludes(point, main, line):
                at = (point.rule_id, point.kp_id, line.bkkp_sn)
                first = (main.fee_ocur_time, main.bkkp_sn, point.code)
                if at not in found or first < found[at][0]:
                    found[at] = first, _row(point, main, line, left)
    yield from (row for _, row in found.values())


def _directed(points: Sequence[ExclusivePair]) -> Iterator[ExclusivePair]:
    for point in points:
        yield point
        if point.mutual == 1:
            yield replace(
                point, code=point.other, item=point.other_item, other=point.code, other_item=point.item,
            )  # fmt: skip


def _key(point: ExclusivePair, line: Line) -> Any:
    pair = (point.rule_id, point.kp_id, point.code, point.other, line.psn_no)
    place = "" if point.across == 1 else line.fixmedins_code
    at = line.fee_ocur_time
    return *pair, {
        "visit": line.mdtrt_id, "prescription": (line.mdtrt_id, line.rx_drord_no), "day": (place, at.date()),
        "hour": (place, at.date(), at.hour), "6hours": place,
    }[point.window]  # fmt: skip


def _excludes(point: ExclusivePair, main: Line, line: Line) -> bool:
    if main.bkkp_sn == line.bkkp_sn:
        return False
    if point.mutual == 1 and (main.fee_ocur_time, main.bkkp_sn) > (line.fee_ocur_time, line.bkkp_sn):
        return False
    return point.window != "6hours" or abs(line.fee_ocur_time - main.fee_ocur_time) < timedelta(seconds=SIX_HOURS)


def _row(point: ExclusivePair, main: Line, line: Line, left: int) -> Row:
    facts: dict[str, str | int] = {
        "item": point.item, "other_item": point.other_item, "day": line.fee_ocur_time.date().isoformat(),
        "within": WINDOWS[point.window], "against": main.bkkp_sn,
        "why": CLASH if point.mutual == 1 else INCLUDED,
    }  # fmt: skip
    return quantities.row(point, line, line.bkkp_sn, left, line.cnt, facts)


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    import ibis

    directed = _directed_columns(points)
    both = points.select("code").union(points.select(code=points.other)).distinct()
    lines = lake.lines.select(*quantities.NEEDED)
    stood = quantities.stood(lines.semi_join(both, lines.med_list_codg == both.code))
    likely = _who_has_both(stood, directed)
    mains, others = (_sides(stood, likely, side) for side in ("code", "other"))
    mains = mains.select(
        "rule_id", "kp_id", "code", "other", "psn_no", "bucket", main_at=mains.fee_ocur_time, against=mains.bkkp_sn,
        main_second=mains.second,
    )  # fmt: skip
    others = others.filter(others.inscp_amt > 0)
    pairs = others.join(mains, ["rule_id", "kp_id", "code", "other", "psn_no", "bucket"])
    earlier = (pairs.main_at < pairs.fee_ocur_time) | (
        (pairs.main_at == pairs.fee_ocur_time) & (pairs.against < pairs.bkkp_sn)
    )
    near = (pairs.window != "6hours") | ((pairs.second - pairs.main_second).abs() < SIX_HOURS)
    pairs = pairs.filter((pairs.against != pairs.bkkp_sn) & ((pairs.mutual == 0) | earlier) & near)
    order = [pairs.main_at, pairs.against, pairs.code]
    first = ibis.row_number().over(group_by=[pairs.rule_id, pairs.kp_id, pairs.bkkp_sn], order_by=order)
    pairs = pairs.mutate(place_among=first)
    rows = pairs.filter(pairs.place_among == 0)
    return rows.mutate(
        finding_key=rows.bkkp_sn, amount=rows.inscp_amt, part=rows.left, whole=rows.cnt,
        within=ibis.cases(*((rows.window == name, title) for name, title in WINDOWS.items()), else_=""),
        why=ibis.ifelse(rows.mutual == 1, CLASH, INCLUDED),
    )  # fmt: skip


def _directed_columns(points: Any) -> Any:
    names = [name for name in points.columns if name not in ("code", "item", "other", "other_item")]
    plain = points.select(*names, "code", "item", "other", "other_item")
    mutual = points.filter(points.mutual == 1)
    turned = mutual.select(
        *names, code=mutual.other, item=mutual.other_item, other=mutual.code, other_item=mutual.item,
    )  # fmt: skip
    return plain.union(turned)


def _who_has_both(stood: Any, directed: Any) -> Any:
    """Pairs with the persons who have both items at any time: a line is in many pairs, a person in few."""
    has = stood.select("psn_no", "med_list_codg").distinct()
    one = directed.join(has, directed.code == has.med_list_codg).drop("med_list_codg")
    return one.join(has, [one.psn_no == has.psn_no, one.other == has.med_list_codg]).drop("med_list_codg")


def _sides(stood: Any, likely: Any, side: str) -> Any:
    import ibis

    joined = stood.join(likely, [stood.psn_no == likely.psn_no, stood.med_list_codg == likely[side]])
    joined = quantities.dated(joined)
    joined = joined.filter((joined.day_of >= joined.valid_from) & (joined.day_of <= joined.valid_to))
    at, place = joined.fee_ocur_time, ibis.ifelse(joined.across == 1, "", joined.fixmedins_code)
    second = joined.day_number * 86_400 + at.hour().cast("int64") * 3600 + at.minute() * 60 + at.second()
    day = place + "|" + joined.day
    bucket = ibis.cases(
        (joined.window == "visit", joined.mdtrt_id),
        (joined.window == "prescription", joined.mdtrt_id + "|" + joined.rx_drord_no),
        (joined.window == "day", day),
        (joined.window == "hour", day + "|" + at.hour().cast("string")),
        else_=place,
    )
    return joined.mutate(bucket=bucket, second=second)


KIND = Kind(
    name="exclusive_pair",
    title="重复收费与配伍",
    point=ExclusivePair,
    facts=("item", "other_item", "day", "within", "against", "why"),
    reason="{day}收取{other_item}，{within}已有{item}（明细{against}），{why}",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="已退费的不算；不同机构、不同日（小时、处方）的不算，以窗口为准",
    item_codes=lambda point: (point.code, point.other),
)
