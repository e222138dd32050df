"""More different drugs in one prescription than allowed (药品种类超标).

    max_drugs       the most different drugs (`med_list_codg`) of one rx_drord_no of a visit
    charge_types    `med_chrgitm_type` codes of drugs that count, separated by blanks
    care            kinds of care (beginnings of `med_type`, separated by blanks) looked at; None: all

At stake are the drugs that were added last. Exemptions: herbal pieces (leave their charge type out); what was refunded;
what the person pays whole; lines without a prescription number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds import _quantities as quantities
from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Line, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class TooManyDrugs(Point):
    """What the module says."""

    max_drugs: int = 5
    charge_types: str = ""
    care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """One row for each line of a drug too many, one finding for each prescription."""
    hits = (
        hit
        for hit in quantities.standing_any(case, points)
        if hit[1].rx_drord_no and quantities.in_care(hit[0], hit[1])
    )
    for (*_, key), group in quantities.grouped(hits, _group).items():
        drugs = list(dict.fromkeys(line.med_list_codg for _, line, _ in group))
        late = set(drugs[group[0][0].max_drugs :])
        for point, line, left in group:
            if line.med_list_codg in late:
                facts: dict[str, str | int] = {
                    "rx": line.rx_drord_no, "day": line.fee_ocur_time.date().isoformat(), "drugs": len(drugs),
                    "limit": point.max_drugs,
                }  # fmt: skip
                yield quantities.row(point, line, key, left, line.cnt, facts)


def _group(point: TooManyDrugs, line: Line) -> tuple[str, str, str]:
    return point.rule_id, point.kp_id, f"{line.mdtrt_id}|{line.rx_drord_no}"


def in_columns(lake: Any, points: Any) -> Any:
    """The same over the lake: prescriptions with many lines first, then refunds and different drugs."""
    import ibis

    lines = lake.lines.mutate(rx_hash=lake.lines.rx_drord_no.hash()).semi_join(_busy(lake.lines, points), "rx_hash")
    hits = quantities.any_points(lines, points, lake.lines)
    hits = hits.filter(hits.rx_drord_no != "")
    of_rx = ["rule_id", "kp_id", "mdtrt_id", "rx_drord_no"]
    many = hits.group_by(of_rx).agg(lines=hits.count(), most=hits.max_drugs.max())
    hits = hits.semi_join(many.filter(many.lines > many.most), of_rx)
    hits = quantities.still_standing(hits, lake.lines)
    order = [hits.fee_ocur_time, hits.bkkp_sn]
    hits = hits.mutate(
        place=ibis.row_number().over(group_by=[*(hits[one] for one in of_rx), hits.med_list_codg], order_by=order)
    )
    firsts = hits.filter(hits.place == 0)
    groups, order = [firsts[one] for one in of_rx], [firsts.fee_ocur_time, firsts.bkkp_sn]
    ranks = firsts.select(
        *of_rx, "med_list_codg", rank=ibis.row_number().over(group_by=groups, order_by=order),
        drugs=firsts.count().over(group_by=groups),
    )  # fmt: skip
    rows = hits.join(ranks, [*of_rx, "med_list_codg"])
    rows = rows.filter(rows["rank"] >= rows.max_drugs)
    return rows.mutate(
        finding_key=rows.mdtrt_id + "|" + rows.rx_drord_no, amount=rows.inscp_amt, part=rows.left, whole=rows.cnt,
        rx=rows.rx_drord_no, limit=rows.max_drugs,
    )  # fmt: skip


def _busy(lines: Any, points: Any) -> Any:
    """Prescriptions with more lines than any point allows drugs; their numbers as hashes, which cost less memory."""
    types = quantities.charge_types(points, lines)
    given = lines.select("med_chrgitm_type", "med_type", "cnt", "inscp_amt", rx_hash=lines.rx_drord_no.hash())
    given = given.filter((given.cnt > 0) & (given.inscp_amt > 0))
    asked = [given.med_chrgitm_type == types.charge_type, given.med_type == types.care_type]
    given = given.semi_join(types, asked)
    many = given.group_by("rx_hash").agg(lines=lambda t: t.count())
    return many.filter(many.lines > points.max_drugs.min().as_scalar())


KIND = Kind(
    name="too_many_drugs",
    title="药品种类超标",
    point=TooManyDrugs,
    facts=("rx", "day", "drugs", "limit"),
    reason="{day}处方{rx}开具药品{drugs}种，超过上限{limit}种",
    subject="visit",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="中药饮片不计（按收费类别）；已退费、全自费的明细不算",
    item_codes=None,
)
