"""Bills that break published limits (违规样例), put into the lake of the made-up city before it is loaded and audited.

The city itself keeps the limits. At one hospital some drugs of adults get the code of an item that the fund does not
pay for them: for children only, for work injuries only, never. Amounts stay, so every bill still adds up.
"""

from collections import Counter
from datetime import date
from itertools import cycle
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from yibao.core.months import plus_months
from yibao.supervision.profiles import load_rulebook
from yibao.supervision.rulebook import Rulebook

RULES = {"N65": "item_allowed", "N07": "item_allowed", "N01": "item_allowed", "N03": "not_payable"}
"""Rule → its kind: drugs for children, for work injuries, herbs that are never paid."""
EACH_MONTH, OF_A_BILL = 40, 3
LEAST_FEES = 500
"""Fen of insured fees that a line must have to be worth a finding."""
ADULT = 18
DRUGS, CITY = "09", "H3406"


def rulebook_of(area: str, today: date) -> Rulebook:
    """The rules of this demo with the published points that are in force."""
    from yibao.supervision.knowledge.built_in import built_in_points

    whole = load_rulebook(area, "full", built_in_points(), today)
    rules = [rule for name, rule in whole.rules.items() if name in RULES]
    points = {
        kind: [one for one in whole.points(kind).all if one.rule_id in RULES] for kind in sorted(set(RULES.values()))
    }
    return Rulebook("demo", whole.version, rules, points)


def put_slips(lake: Path, book: Rulebook, today: date) -> str:
    """Put them into the bills of this month and the one before; the hospital's code, "" when nothing fits."""
    codes = [next(one.code for one in book.points(kind).all if one.rule_id == rule) for rule, kind in RULES.items()]
    months = [f"year={month.year}/month={month.month:02d}" for month in (plus_months(today, -1), today)]
    files = [one for month in months for one in sorted(lake.glob(f"fee_list_d/{month}/*.parquet"))]
    fitting = {file: _fitting(lake, file) for file in files}
    places = Counter(place for rows in fitting.values() for place in rows.values())
    if not places:
        return ""
    hospital = min(places, key=lambda place: (-places[place], place))
    for file, rows in fitting.items():
        some = [row for row, place in rows.items() if place == hospital][:EACH_MONTH]
        _recode(file, dict(zip(some, cycle(codes), strict=False)))
    return hospital


def _fitting(lake: Path, file: Path) -> dict[int, str]:
    """Rows of a file of lines that will do, with their hospital: a few of each bill that a fund paid for an adult."""
    month = file.relative_to(lake / "fee_list_d")
    visits = pq.read_table(lake / "mdtrt_d" / month, columns=["mdtrt_id", "age"], partitioning=None)
    adults = set(visits.filter(pc.field("age") >= ADULT)["mdtrt_id"].to_pylist())
    bills = pq.read_table(lake / "setl_d" / month, columns=["setl_id", "fund_pay_sumamt"], partitioning=None)
    paid = set(bills.filter(pc.field("fund_pay_sumamt") > 0)["setl_id"].to_pylist())
    columns = ["setl_id", "mdtrt_id", "fixmedins_code", "med_chrgitm_type", "inscp_amt"]
    lines = pq.read_table(file, columns=columns, partitioning=None)
    rows: dict[int, str] = {}
    taken: Counter[str] = Counter()
    for number, (bill, visit, place, kind, fees) in enumerate(
        zip(*(column.to_pylist() for column in lines.columns), strict=True)
    ):
        fits = kind == DRUGS and fees > LEAST_FEES and place.startswith(CITY) and visit in adults
        if fits and bill in paid and taken[bill] < OF_A_BILL:
            rows[number] = place
            taken[bill] += 1
    return rows


def _recode(file: Path, codes: dict[int, str]) -> None:
    """Give rows of a file of lines another item."""
    lines = pq.read_table(file, partitioning=None)
    place = lines.schema.get_field_index("med_list_codg")
    items = lines.column(place).to_pylist()
    for row, code in codes.items():
        items[row] = code
    field = lines.schema.field(place)
    pq.write_table(lines.set_column(place, field, pa.array(items, field.type)), file)
