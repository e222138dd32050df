"""Generated settlements with the columns of the lake: a city's year as far as the rules can see it.

`visits_table(count, seed)` is the same for the same arguments. Amounts are integer fen. About eight visits a person
and year; stays with several admissions, chronic diseases, tags, both insurances, care away from home, transfers.
"""

import datetime
from typing import Any

import numpy as np
import pyarrow as pa

FIRST_DAY = datetime.date(2023, 1, 1)
VISITS_PER_PERSON = 8
TAGS = ("", "低保", "特困", "低保边缘", "返贫致贫", "低保;重度残疾", "监测对象", "孤儿;特困", "支出型困难;优抚对象")
TAG_SHARES = (0.86, 0.04, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01, 0.01)
MED_TYPES = ("11", "13", "14", "18", "21", "2111", "28", "41", "9901", "22")
MED_TYPE_SHARES = (0.38, 0.03, 0.16, 0.03, 0.14, 0.02, 0.01, 0.18, 0.04, 0.01)
PSN_TYPES = {"310": ("1101", "1201", "1160"), "390": ("1501", "1601", "1402", "1403")}
PLACES = ("421302", "421303", "420100", "310115")
DISEASES = tuple(f"M0{number:04d}" for number in range(100, 137))


def visits_table(count: int, seed: int = 1, days: int = 365, per_person: int = VISITS_PER_PERSON) -> Any:
    """An Arrow table of `count` settlements from `days` days, in the order of settlement."""
    draw = np.random.default_rng(seed)
    people = _people(max(1, count // per_person), draw)
    person = draw.integers(0, len(people["psn_no"]), count)
    care = draw.choice(len(MED_TYPES), count, p=MED_TYPE_SHARES)
    staying = np.isin(care, [4, 5, 6, 9])
    end = np.sort(draw.integers(0, days, count)).astype("timedelta64[D]") + np.datetime64(FIRST_DAY)
    lasted = np.where(staying, draw.geometric(0.11, count), 0)
    place = draw.choice(len(PLACES), count, p=(0.6, 0.3, 0.07, 0.03))
    columns = {name: _texts(values, person) for name, values in people.items() if name not in ("brdy",)}
    columns |= {
        "setl_id": pa.array(np.char.add("S", np.arange(count).astype(str))),
        "brdy": pa.array(people["brdy"][person]),
        "med_type": _texts(MED_TYPES, care),
        "fixmedins_code": _texts(
            [f"H{code}00{n:03d}" for code in PLACES for n in range(9)], place * 9 + draw.integers(0, 9, count)
        ),
        "hosp_lv": _texts(("1", "2", "3", "9"), draw.choice(4, count, p=(0.35, 0.3, 0.25, 0.1))),
        "dise_no": _texts(("", *DISEASES), np.where(care == 2, draw.integers(1, len(DISEASES) + 1, count), 0)),
        "begndate": pa.array(end - lasted.astype("timedelta64[D]")),
        "enddate": pa.array(end),
        "setl_time": pa.array(
            end.astype("datetime64[s]") + np.sort(draw.integers(0, 86_400, count)).astype("timedelta64[s]")
        ),
    }
    return pa.table(columns | _money(count, staying, draw))


def with_rare_facts(table: Any, seed: int = 1) -> Any:
    """The same with what the lake does not tell: filings, transfers, years of insurance, third parties."""
    draw, count = np.random.default_rng(seed), len(table)
    choices = {
        "filing": (("none", "referral", "temporary", "long_stay_resident"), (0.4, 0.3, 0.2, 0.1)),
        "transfer": (("none", "up", "down", "same"), (0.85, 0.08, 0.05, 0.02)),
        "ttp_pay_flag": (("0", "1"), (0.99, 0.01)),
    }
    for name, (values, shares) in choices.items():
        table = table.append_column(name, _texts(values, draw.choice(len(values), count, p=shares)))
    for name, most in (("previous_level", 4), ("insured_years", 9), ("disease_count", 4)):
        table = table.append_column(name, pa.array(draw.integers(0, most, count)))
    return table


def _people(count: int, draw: Any) -> dict[str, Any]:
    insutypes = np.where(draw.random(count) < 0.3, "310", "390")
    psn_types = np.array(
        [PSN_TYPES[kind][draw.integers(0, len(PSN_TYPES[kind]))] for kind in ("310", "390") for _ in range(64)]
    )
    pick = draw.integers(0, 64, count) + np.where(insutypes == "310", 0, 64)
    return {
        "psn_no": np.char.add("4213", np.char.zfill(np.arange(count).astype(str), 10)),
        "insutype": insutypes,
        "psn_type": psn_types[pick],
        "gend": np.where(draw.random(count) < 0.5, "1", "2"),
        "tags": np.array(TAGS)[draw.choice(len(TAGS), count, p=TAG_SHARES)],
        "insu_admdvs": np.where(draw.random(count) < 0.6, "421302", "421381"),
        "brdy": np.datetime64("1935-01-01") + draw.integers(0, 32_000, count).astype("timedelta64[D]"),
    }  # fmt: skip


def _money(count: int, staying: Any, draw: Any) -> dict[str, Any]:
    """Amounts as hospitals have them: lognormal, ten times more for stays, a few very large."""
    total = np.exp(draw.normal(9.3, 1.0, count) + np.where(staying, 3.6, 0.0)).astype(np.int64)
    shares = draw.random((3, count)) * np.array([[0.06], [0.01], [0.12]])
    full, over, prepay = (np.floor(total * share).astype(np.int64) for share in shares)
    return {
        "medfee_sumamt": pa.array(total), "fulamt_ownpay_amt": pa.array(full), "overlmt_selfpay": pa.array(over),
        "preselfpay_amt": pa.array(prepay), "inscp_amt": pa.array(total - full - over - prepay),
    }  # fmt: skip


def _texts(values: Any, codes: Any) -> Any:
    """Texts as a column with a dictionary."""
    values, places = np.unique(np.asarray(values), return_inverse=True)
    return pa.DictionaryArray.from_arrays(pa.array(places[codes].astype(np.int32)), pa.array(values.astype(str)))
