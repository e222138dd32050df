"""Anomaly scores of persons (参保人异常分) by month: use of care beside persons of like age and insurance.

Dimensions: visits, days with visits, different institutions, different institutions on one day, stays, fees, payment of
the funds, share of drugs in the fees. Each is compared within age band × insurance type (robust z of the logarithm):
that takes the burden of age away. No sensitive attribute goes in: no tag, no poverty, no ethnic group, no sex.
Only what exceeds two of the band's median counts, and only upwards: little use is no concern. Bands with fewer than
`FEWEST_LIKE` persons are not judged. Persons with fewer than `FEWEST` visits in the month are not scored, and who
exceeds in nothing is not listed. Raw is the same without the comparison.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from yibao.supervision.monitoring.facts import DRUGS, is_stay
from yibao.supervision.monitoring.scores import USUAL_Z, Numbers, Score, contributions, outlyingness, ranks

FEWEST, FEWEST_LIKE = 3, 5
BAND = 10
DIMENSIONS = {
    "person_visits": "就诊次数", "person_days": "就诊天数", "person_institutions": "就诊机构数",
    "person_same_day": "同日机构数", "person_stays": "住院次数", "person_fees": "总费用", "person_fund": "基金支付",
    "person_drugs": "药品费用",
}  # fmt: skip


def person_table(lake: Any) -> Any:
    """An Ibis table: `psn_no`, `month`, `age`, `insutype` and one column for each of `DIMENSIONS`."""
    visits = lake.visits.mutate(month=lake.visits.begntime.truncate("M").date(), day=lake.visits.begntime.date())
    per_day = visits.group_by("psn_no", "month", "day").aggregate(places=visits.fixmedins_code.nunique())
    crowded = per_day.group_by("psn_no", "month").aggregate(person_same_day=per_day.places.max())
    used = visits.group_by("psn_no", "month").aggregate(
        age=visits.age.max(), insutype=visits.insutype.max(), person_visits=visits.count(),
        person_days=visits.day.nunique(), person_institutions=visits.fixmedins_code.nunique(),
        person_stays=is_stay(visits).sum(),
    )  # fmt: skip
    used = used.filter(used.person_visits >= FEWEST)
    bills = lake.bills.mutate(month=lake.bills.setl_time.truncate("M").date())
    paid = bills.group_by("psn_no", "month").aggregate(
        person_fees=bills.medfee_sumamt.sum(), person_fund=bills.fund_pay_sumamt.sum()
    )
    lines = lake.lines.filter(lake.lines.med_chrgitm_type.isin(DRUGS))
    lines = lines.mutate(month=lines.fee_ocur_time.truncate("M").date())
    drugs = lines.group_by("psn_no", "month").aggregate(person_drugs=lines.det_item_fee_sumamt.sum())
    keys = ["psn_no", "month"]
    joined = used.inner_join(crowded, keys).left_join(paid, keys).left_join(drugs, keys)
    return joined.select(*keys, "age", "insutype", *DIMENSIONS)


def score_persons(rows: Sequence[dict[str, Any]], keep: int) -> list[Score]:
    """The `keep` most unusual persons of every month."""
    months = sorted({row["month"] for row in rows})
    return [score for month in months for score in _month(month, [row for row in rows if row["month"] == month], keep)]


def _month(month: date, rows: list[dict[str, Any]], keep: int) -> list[Score]:
    raw = np.array([[np.log1p(float(row[name] or 0)) for name in DIMENSIONS] for row in rows])
    bands = np.array([f"{(row['age'] or 0) // BAND}-{row['insutype']}" for row in rows])
    adjusted, middles = _within_bands(raw, bands)
    excess = np.maximum(adjusted - USUAL_Z, 0.0)
    parts = outlyingness(excess[:0], excess) * (excess > 0)
    whole = parts.sum(axis=1)
    scores, raw_scores = ranks(whole), ranks(outlyingness(raw[:0], raw).sum(axis=1))
    first = [at for at in np.argsort(-whole, kind="stable")[:keep] if whole[at] > 0]
    return [
        Score(
            "person", rows[at]["psn_no"], month, int(scores[at]), int(raw_scores[at]), place + 1,
            contributions(parts[at], list(DIMENSIONS), _numbers(rows[at], middles[at], adjusted[at])),
            f"COPOD; {len(rows)} persons with {FEWEST} visits or more",
        )
        for place, at in enumerate(map(int, first))
    ]  # fmt: skip


def _within_bands(raw: Numbers, bands: Any) -> tuple[Numbers, Numbers]:
    """Robust z within the band of each row, and the band's medians."""
    adjusted, middles = np.zeros_like(raw), np.zeros_like(raw)
    for band in np.unique(bands):
        rows = bands == band
        if rows.sum() < FEWEST_LIKE:
            middles[rows] = raw[rows]
            continue
        middle = np.median(raw[rows], axis=0)
        spread = np.maximum(np.median(np.abs(raw[rows] - middle), axis=0), 0.1)
        adjusted[rows], middles[rows] = 0.6745 * (raw[rows] - middle) / spread, middle
    return adjusted, middles


def _numbers(row: dict[str, Any], middle: Numbers, z: Numbers) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "value": int(row[name] or 0), "median": round(float(np.expm1(middle[at]))), "z": round(100 * float(z[at])),
            "peers": 1,
        }
        for at, name in enumerate(DIMENSIONS)
    }  # fmt: skip
