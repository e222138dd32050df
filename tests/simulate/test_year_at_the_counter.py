"""The year settled in batch is the year settled bill by bill at the counter."""

import datetime
from collections import defaultdict

import numpy as np

from tests.simulate.year_of_care import small_workshop, small_year
from yibao.benefits import Facts, Outcome, Visit, evaluate
from yibao.benefits.national import care_of, status_of
from yibao.core.dates import age_on
from yibao.simulate.care import DELIVERIES, FILINGS, MED_TYPES, STAYS
from yibao.simulate.lines import LINE_FULL, LINE_IN_SCOPE, LINE_OVER, LINE_PREPAY
from yibao.simulate.model import PSN_TYPES, tag_bit
from yibao.simulate.settling import AREAS, area_of, certified_of, tags_of
from yibao.simulate.tables import Piece

EPOCH = datetime.date(1970, 1, 1)
PERSONS = 260


def day_of(number: int) -> datetime.date:
    return EPOCH + datetime.timedelta(days=int(number))


def facts_of(piece: Piece, visit: int, area: int) -> Facts:
    care, who = piece.care, piece.patients
    patient, place, dise = care.patient[visit], care.place[visit], care.dise[visit]
    filing = FILINGS[care.filing[visit]]
    return Facts(
        insurance="employee" if who.employee[patient] else "resident",
        status=status_of(PSN_TYPES[who.psn_type[patient]]), level=int(piece.providers.level[place]),
        institution=str(piece.providers.grade[place]),
        care=care_of(MED_TYPES[care.med_type[visit]]), med_type=MED_TYPES[care.med_type[visit]],
        disease=piece.plan.illness.chronic[dise].dise_no if dise >= 0 else "",
        disease_count=int(certified_of(who)[patient]), tags=tags_of(int(who.tags[patient])),
        age=age_on(day_of(who.birth[patient]), day_of(care.end[visit])),
        sex="female" if who.sex[patient] == 2 else "male", area=AREAS[area], filing=filing,
        referral_followed=area == 0 or filing != "none", delivery=DELIVERIES[care.delivery[visit]],
    )  # fmt: skip


def chosen(piece: Piece) -> np.ndarray:
    """The dearest patients, the poor among the insured, and others, up to PERSONS."""
    cost = np.bincount(piece.care.patient, piece.bills.amounts["inscp_amt"], len(piece.patients))
    poor = np.flatnonzero((piece.patients.tags & tag_bit("低保")) > 0)
    others = np.random.default_rng(1).permutation(len(piece.patients))
    ranked = np.concatenate([np.argsort(-cost)[: PERSONS // 3], poor[: PERSONS // 3], others])
    return ranked[np.sort(np.unique(ranked, return_index=True)[1])][:PERSONS]


def test_batch_and_counter_pay_the_same_fen_through_the_whole_year() -> None:
    piece, shop = small_year(), small_workshop()
    care, who, areas = piece.care, piece.patients, area_of(piece.care, piece.patients, piece.providers)
    portions = {
        name: piece.lines.sums(column)
        for name, column in (
            ("full_self_pay", LINE_FULL), ("over_limit", LINE_OVER), ("prepay", LINE_PREPAY),
            ("in_scope", LINE_IN_SCOPE),
        )
    }  # fmt: skip
    seen: dict[str, int] = defaultdict(int)
    for patient in chosen(piece):
        accumulators: dict[str, int] = defaultdict(int)
        spent = 0
        for visit in np.flatnonzero(care.patient == patient):
            stay = care.med_type[visit] >= STAYS
            credited = int(who.balance[patient] + who.monthly[patient] * day_of(care.end[visit]).month)
            asked = Visit(
                day=day_of(care.end[visit]), facts=facts_of(piece, visit, int(areas[visit])),
                begin=day_of(care.begin[visit]),
                days=max(1, int(care.end[visit] - care.begin[visit])) if stay else 0,
                portions={name: int(amounts[visit]) for name, amounts in portions.items()},
            )  # fmt: skip
            outcome = evaluate(shop.pack, asked, accumulators, {"own": credited - spent})
            for key, change in outcome.deltas.items():
                accumulators[key] += change
            spent += outcome.totals.own_account
            compare(piece, int(visit), outcome)
            for column, amount in outcome.totals.columns.items():
                seen[column] += amount
    assert min(seen[column] for column in ("hifp_pay", "hifmi_pay", "maf_pay")) > 0


def compare(piece: Piece, visit: int, outcome: Outcome) -> None:
    """Every column of money of one bill."""
    got = {column: int(amounts[visit]) for column, amounts in piece.bills.amounts.items()}
    totals = outcome.totals
    assert outcome.refusal is None
    assert {column: got[column] for column in totals.columns} == dict(totals.columns)
    assert (got["fund_pay_sumamt"], got["psn_pay"]) == (totals.fund, totals.personal)
    assert (got["acct_pay"], got["cash_payamt"]) == (totals.own_account, totals.cash)
    assert (got["dedc_std"], got["act_pay_dedc"]) == (totals.deductible_standard, totals.deductible_paid)
    serious = [layer for layer in outcome.layers if layer.column == "hifmi_pay"]
    assert got["serious_fees"] == sum(layer.excess for layer in serious)
