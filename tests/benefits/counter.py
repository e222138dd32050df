"""The same visits settled one by one at the counter, to compare the batch with."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from yibao.benefits import Facts, Outcome, Pack, Visit, evaluate
from yibao.benefits.national import (
    area_between,
    care_of,
    filing_without_record,
    insurance_of,
    is_stay,
    sex_of,
    status_of,
)
from yibao.core.dates import age_on

DIRECT = ("transfer", "previous_level", "insured_years", "disease_count")


def facts_of(row: dict[str, Any]) -> Facts:
    """The facts of one row, read as the counter reads a visit."""
    area = area_between(row["insu_admdvs"], row["fixmedins_code"][1:7])
    filing = row.get("filing") or filing_without_record(area, row["med_type"])
    return Facts(
        insurance=insurance_of(row["insutype"]), status=status_of(row["psn_type"]), level=int(row["hosp_lv"]),
        care=care_of(row["med_type"]), med_type=row["med_type"], disease=row["dise_no"],
        tags=frozenset(filter(None, row["tags"].split(";"))), age=max(0, age_on(row["brdy"], row["enddate"])),
        sex=sex_of(row["gend"]), area=area, filing=filing, referral_followed=area == "local" or filing != "none",
        third_party=row.get("ttp_pay_flag") == "1", **{name: row[name] for name in DIRECT if name in row},
    )  # fmt: skip


def settle_at_counter(pack: Pack, table: Any) -> Iterator[tuple[int, Outcome]]:
    """Every row and its outcome, in the order of settlement; personal accounts hold nothing."""
    rows = table.to_pylist()
    persons: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    interim = {row["mdtrt_id"] for row in rows if row.get("mid_setl_flag") == "1" and is_stay(row["med_type"])}
    for number in sorted(range(len(rows)), key=lambda it: rows[it]["setl_time"]):
        row = rows[number]
        own = {name: row.get(name, 0) for name in pack.portions}
        stay = is_stay(row["med_type"])
        visit = Visit(
            day=row["enddate"], facts=facts_of(row), begin=row["begndate"],
            days=max(1, (row["enddate"] - row["begndate"]).days) if stay else 0,
            stay=row["mdtrt_id"] if stay and row.get("mdtrt_id") in interim else "",
            portions={
                "full_self_pay": row["fulamt_ownpay_amt"], "over_limit": row["overlmt_selfpay"],
                "prepay": row["preselfpay_amt"], "in_scope": row["inscp_amt"] - sum(own.values()), **own,
            },
        )  # fmt: skip
        outcome = evaluate(pack, visit, persons[row["psn_no"]])
        for key, change in outcome.deltas.items():
            persons[row["psn_no"]][key] += change
        yield number, outcome
