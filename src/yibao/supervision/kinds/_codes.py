"""What the kinds about lines and codes share: lists of prefixes, diagnoses of a visit, refunds, whole bills.

Lists in points are prefixes of codes separated by single blanks ("C50 D05"). Each helper has its two sides: plain
Python for the counter, an Ibis expression for the lake.

    begins           whether a code begins with one of a list
    listed           whether it is one of a list of whole codes
    diagnoses_of     every diagnosis of visits: the settlement lists' and the visit's own principal diagnosis
    points_of_codes  codes that occur, with the points of which they begin with the code
    netted           rows that stake lines whole, less what was refunded
    whole_bills      rows that stake every bill of a visit
"""

import operator
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from yibao.supervision.kinds.kind import Point, Points
from yibao.supervision.model import Bill, Case, Line, Row, Visit

LONGEST = 12
"""Characters of the longest prefix that is looked for: ICD-10 of the insurance edition has 11."""
CARE = 6
"""The same for kinds of care (`med_type`), which have 2 to 5."""
Facts = dict[str, str | int]
Hit = tuple[Point, Line, Facts, int, int]
"""A line that breaks a point, its facts, and which part of it (part ÷ whole) is too much."""
KEYS = ("setl_id", "mdtrt_id", "psn_no", "fixmedins_code", "bilg_dr_code", "bkkp_sn")


def begins(code: str, listed: str | None) -> bool:
    """Whether a code begins with one of the prefixes listed."""
    return code.startswith(tuple((listed or "").split()))


def begins_column(value: Any, listed: Any, longest: int = LONGEST) -> Any:
    """The same for columns; null where nothing is listed. Prefixes of more than `longest` characters are not found."""
    import ibis

    blank = ibis.literal(" ")
    among = blank + listed + blank
    starts = (among.contains(blank + value.substr(0, length) + blank) for length in range(1, longest + 1))
    return (value != "") & reduce(operator.or_, starts)


def listed(code: str, codes: str | None) -> bool:
    """Whether a code is one of the codes listed, whole."""
    return code != "" and code in (codes or "").split()


def listed_column(value: Any, codes: Any) -> Any:
    """The same for columns; null where nothing is listed."""
    import ibis

    blank = ibis.literal(" ")
    return (value != "") & (blank + codes + blank).contains(blank + value + blank)


def diagnoses_of(case: Case, visit: Visit) -> list[str]:
    """Codes of a visit's diagnoses, sorted, each once."""
    listed = {one.diag_code for one in case.diagnoses_of_visit.get(visit.mdtrt_id, ())}
    return sorted((listed | {visit.dscg_maindiag_code}) - {""})


def diagnoses_column(lake: Any, visits: Any = None) -> Any:
    """Visits' diagnoses as (`mdtrt_id`, `diag_code`), some twice; only of `visits` when a table of them is given."""
    listed = lake.diagnoses.select("mdtrt_id", "diag_code")
    own = lake.visits.select("mdtrt_id", diag_code=lake.visits.dscg_maindiag_code)
    both = [one.semi_join(visits, "mdtrt_id") if visits is not None else one for one in (listed, own)]
    table = both[0].union(both[1])
    return table.filter(table.diag_code.notnull() & (table.diag_code != ""))


def points_of(points: Points, code: str) -> Iterator[Any]:
    """Points whose code a code begins with."""
    for length in range(1, len(code) + 1):
        yield from points.by_code.get(code[:length], ())


def points_of_codes(codes: Any, column: str, points: Any) -> Any:
    """`codes` joined with the points whose code they begin with: over the different codes first, which are few."""
    different = codes.select(column).distinct()
    known = different.join(points, different[column].startswith(points.code) & (points.code != ""))
    return codes.join(known, column)


def hits_of_items(case: Case, points: Points) -> Iterator[tuple[Any, Line]]:
    """Every line of a point's item, refunds too, in force on its day, of which something is insured."""
    for code, lines in case.lines_of_item.items():
        for point in points.by_code.get(code, ()):
            yield from ((point, one) for one in lines if one.inscp_amt and point.in_force(one.fee_ocur_time.date()))


def item_lines(lake: Any, points: Any) -> Any:
    """The same over the lake."""
    from yibao.supervision.kinds import expressions

    lines = lake.lines
    return expressions.with_points(lines.filter(lines.inscp_amt != 0), points)


def netted(hits: Iterable[Hit], key: Any = None) -> Iterator[Row]:
    """A row for each line that is not a refund, less the share that refunds of its item in the visit take back.

    Two given and one refunded leave half of each line at stake; all refunded leave nothing. `key` makes the finding's
    key of a point and a line; by default every line is a finding.
    """
    groups: dict[tuple[str, str, str, str], list[Hit]] = defaultdict(list)
    for hit in hits:
        point, line = hit[0], hit[1]
        groups[point.rule_id, point.kp_id, line.mdtrt_id, line.med_list_codg].append(hit)
    for group in groups.values():
        given = sum(line.cnt for _, line, *_ in group if line.cnt > 0)
        net = sum(line.cnt for _, line, *_ in group)
        share = (1, 1) if net == given else (net, given)
        for point, line, facts, part, whole in group:
            if line.cnt > 0 and line.inscp_amt > 0 and net > 0:
                name = key(point, line) if key else line.bkkp_sn
                yield line_row(point, line, name, facts, part * share[0], whole * share[1])


def line_row(point: Point, line: Line, key: str, facts: Facts, part: int = 1, whole: int = 1) -> Row:
    """A row of one line."""
    return Row(
        point.rule_id, point.kp_id, key, line.setl_id, line.mdtrt_id, line.psn_no, line.fixmedins_code,
        line.bilg_dr_code, line.bkkp_sn, line.inscp_amt, facts, part, whole,
    )  # fmt: skip


def netted_column(hits: Any, *, key: Any = None, part: Any = None, whole: Any = None, **facts: Any) -> Any:
    """`netted` for a table of lines that break a point: few, so that a window over them is cheap."""
    import ibis

    one = ibis.literal(1, "int64")
    table = hits.mutate(
        finding_key=hits.bkkp_sn if key is None else key, part_of=one if part is None else part,
        whole_of=one if whole is None else whole, amount=hits.inscp_amt, **facts,
    )  # fmt: skip
    group = ibis.window(group_by=["rule_id", "kp_id", "mdtrt_id", "med_list_codg"])
    table = table.mutate(
        given=ibis.ifelse(table.cnt > 0, table.cnt, 0).sum().over(group).cast("int64"),
        net=table.cnt.sum().over(group).cast("int64"),
    )
    table = table.filter((table.cnt > 0) & (table.inscp_amt > 0) & (table.net > 0))
    even = table.net == table.given
    return table.mutate(
        part=table.part_of * ibis.ifelse(even, one, table.net),
        whole=table.whole_of * ibis.ifelse(even, one, table.given),
    )


def bills_of_visit(case: Case) -> dict[str, list[Bill]]:
    """Bills by `mdtrt_id`."""
    found: dict[str, list[Bill]] = defaultdict(list)
    for one in case.bills.values():
        found[one.mdtrt_id].append(one)
    return found


def whole_bills(
    case: Case, bills: Mapping[str, Sequence[Bill]], hits: Iterable[tuple[Point, Visit, Facts]]
) -> Iterator[Row]:
    """A row for each bill of a visit, one finding for the visit.

    At the counter a visit has no bill yet: then one row with what is insured of its lines so far.
    """
    for point, visit, facts in hits:
        sums = [(one.setl_id, one.inscp_amt) for one in bills.get(visit.mdtrt_id, ())]
        if not sums and case.current is not None:
            sums = [("", sum(one.inscp_amt for one in case.lines_of_visit.get(visit.mdtrt_id, ())))]
        for setl_id, amount in sums:
            if amount > 0:
                yield Row(
                    point.rule_id, point.kp_id, visit.mdtrt_id, setl_id, visit.mdtrt_id, visit.psn_no,
                    visit.fixmedins_code, visit.chfpdr_code, None, amount, facts,
                )  # fmt: skip


def whole_bills_column(lake: Any, hits: Any) -> Any:
    """The same for `hits`: one row for each visit and point, with `mdtrt_id`, the point's and the facts."""
    import ibis

    bills, visits = lake.bills, lake.visits
    insured = bills.filter(bills.inscp_amt > 0).select("setl_id", "mdtrt_id", amount=bills.inscp_amt)
    who = visits.select(
        visit="mdtrt_id", psn_no="psn_no", fixmedins_code="fixmedins_code",
        bilg_dr_code=visits.chfpdr_code.fill_null(""),
    )  # fmt: skip
    # hits first: they are few, and the joins shrink the bills to theirs
    table = hits.join(insured, "mdtrt_id")
    table = table.join(who, table.mdtrt_id == who.visit)
    one = ibis.literal(1, "int64")
    return table.mutate(finding_key=table.mdtrt_id, bkkp_sn=ibis.null("string"), part=one, whole=one)
