"""Anomaly scores (异常分) of institutions, 0 to 100, with the share of each indicator.

    adjusted   robust z of the judged indicators within type × level: size and level are taken away. What lies within
               two of the median, or on the side that is no concern, counts as usual; only the excess is looked at
    raw        logarithms of the totals: mostly who is large; shown beside it, so that nobody takes size for abuse

Both by COPOD (empirical copula, package pyod), which tells how much each dimension contributes. A month is scored with
what was known before it: the detector knows the earlier months, the first month only itself. A score is the rank among
the institutions of the month, so 98 says "two of a hundred are more unusual"; who looks at so many a month takes the
first places, there is no fixed line. What an institution has no value for counts as usual.

With enough labels (upheld and dismissed findings, `best_labels` of each) every dimension is weighted by how well it
alone told upheld from dismissed institutions in earlier months (area under the curve, shrunk towards even weights).
"""

import warnings
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from math import log1p
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from yibao.core.errors import Refusal, Refused
from yibao.supervision.monitoring.definitions import Definitions, Indicator

Numbers = NDArray[np.float64]
TOTALS = (
    "outpatient_visits",
    "admissions",
    "inpatient_mean",
    "fund_mean",
    "pooled_outpatient",
    "pooled_outpatient_visits",
)
SHOWN = 5
LARGEST_Z = 50.0
USUAL_Z = 2.0
EVEN = 0.5


class Contribution(msgspec.Struct, frozen=True):
    """One indicator's part: `share` basis points of the whole, the value beside its peers' median, z in hundredths."""

    indicator: str
    share: int
    value: int
    median: int
    z: int


class Score(msgspec.Struct, frozen=True):
    """One subject's month; `place` 1 is the most unusual."""

    kind: str
    subject: str
    month: date
    score: int
    raw_score: int
    place: int
    contributions: tuple[Contribution, ...]
    method: str


class Labels(msgspec.Struct, frozen=True):
    """Institutions and months with upheld (True) or dismissed findings, from casework."""

    upheld: Mapping[tuple[str, date], bool]

    def enough(self, each: int) -> str:
        """ "" when there are `each` of both, else why they are not used."""
        yes = sum(self.upheld.values())
        no = len(self.upheld) - yes
        return (
            "" if min(yes, no) >= each else f"labels not used: {yes} upheld and {no} dismissed, {each} of each needed"
        )


def score_institutions(rows: Sequence[Mapping[str, Any]], definitions: Definitions, labels: Labels) -> list[Score]:
    """Scores of every month in `rows`, the rows of OUT/indicators/institution.parquet."""
    judged = [one for one in definitions.indicators if one.judged != "none"]
    table: dict[tuple[date, str], dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        table[row["period"], row["fixmedins_code"]][row["indicator"]] = row
    months = sorted({month for month, _ in table})
    why_not = labels.enough(definitions.limits.best_labels)
    found: list[Score] = []
    for place, month in enumerate(months):
        subjects = [code for at, code in sorted(table) if at == month and _is_judged(table[at, code])]
        earlier = [key for key in sorted(table) if key[0] in months[:place] and _is_judged(table[key])]
        if len(subjects) >= definitions.limits.fewest_peers:
            weights = _weights(table, earlier, judged, labels) if not why_not else np.ones(len(judged))
            method = why_not or "weighted by labels"
            found += _month(table, month, subjects, earlier, judged, weights, f"COPOD; {method}")
    return found


def _is_judged(values: Mapping[str, Mapping[str, Any]]) -> bool:
    return any(row["peers"] > 0 and row["verdict"] in ("high", "low", "usual") for row in values.values())


def _month(
    table: Mapping[tuple[date, str], Mapping[str, Mapping[str, Any]]],
    month: date,
    subjects: list[str],
    earlier: list[tuple[date, str]],
    judged: list[Indicator],
    weights: Numbers,
    method: str,
) -> list[Score]:
    values = [table[month, code] for code in subjects]
    excess = _adjusted(values, judged)
    parts = outlyingness(_adjusted([table[key] for key in earlier], judged), excess) * (excess != 0) * weights
    raw = outlyingness(_totals([table[key] for key in earlier]), _totals(values)).sum(axis=1)
    whole = parts.sum(axis=1)
    scores, raw_scores = ranks(whole), ranks(raw)
    order = {int(at): place + 1 for place, at in enumerate(np.argsort(-whole, kind="stable"))}
    return [
        Score(
            "institution", code, month, int(scores[at]), int(raw_scores[at]), order[at],
            contributions(parts[at], [one.name for one in judged], values[at]), method,
        )
        for at, code in enumerate(subjects)
    ]  # fmt: skip


def _adjusted(values: Sequence[Mapping[str, Mapping[str, Any]]], judged: Sequence[Indicator]) -> Numbers:
    rows = [[_z(of.get(one.name), one.direction) for one in judged] for of in values]
    return np.array(rows, dtype=np.float64).reshape(len(values), len(judged))


def _z(row: Mapping[str, Any] | None, direction: str) -> float:
    if row is None or row["verdict"] not in ("high", "low", "usual"):
        return 0.0
    z: float = max(-LARGEST_Z, min(row["z"] / 100, LARGEST_Z))
    if (z > 0 and direction == "low") or (z < 0 and direction == "high"):
        return 0.0
    return max(abs(z) - USUAL_Z, 0.0) * (1.0 if z > 0 else -1.0)


def _totals(values: Sequence[Mapping[str, Mapping[str, Any]]]) -> Numbers:
    rows = [[log1p(of[name]["numerator"]) if name in of else 0.0 for name in TOTALS] for of in values]
    return np.array(rows, dtype=np.float64).reshape(len(values), len(TOTALS))


def outlyingness(known: Numbers, asked: Numbers) -> Numbers:
    """How far each of `asked` lies out in each dimension, as COPOD's negative logarithms of tail probabilities."""
    try:
        from pyod.models.copod import COPOD
    except ImportError as error:
        raise Refused(Refusal("V602", "没有安装分析组件", "请安装：pip install 'yibao[analysis]'", "pyod")) from error
    detector = COPOD()
    if len(known) >= len(asked):
        detector.X_train = known
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the skewness of a dimension in which all are alike
        detector.decision_function(asked)
    found: Numbers = np.asarray(detector.O)[-len(asked) :]
    return found


def ranks(values: Numbers) -> NDArray[np.int64]:
    """0 to 100 by the share of the others that lie below."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    found: NDArray[np.int64] = (100 * below) // max(len(values) - 1, 1)
    return found


def contributions(
    parts: Numbers, names: Sequence[str], values: Mapping[str, Mapping[str, Any]]
) -> tuple[Contribution, ...]:
    """The five indicators that contribute most; what is not judged or usual contributes nothing."""
    whole = float(parts.sum()) or 1.0
    judged = [at for at, name in enumerate(names) if parts[at] > 0 and name in values and values[name]["peers"]]
    first = sorted(judged, key=lambda at: -float(parts[at]))[:SHOWN]
    return tuple(
        Contribution(
            names[at], int(10_000 * float(parts[at]) / whole), values[names[at]]["value"], values[names[at]]["median"],
            values[names[at]]["z"],
        )
        for at in first
    )  # fmt: skip


def _weights(
    table: Mapping[tuple[date, str], Mapping[str, Mapping[str, Any]]],
    earlier: list[tuple[date, str]],
    judged: list[Indicator],
    labels: Labels,
) -> Numbers:
    """Each dimension by its area under the curve among labelled earlier months; 1 where nothing is known."""
    labelled = [key for key in earlier if (key[1], key[0]) in labels.upheld]
    truth = np.array([labels.upheld[key[1], key[0]] for key in labelled], dtype=bool)
    if not truth.any() or truth.all():
        return np.ones(len(judged))
    sizes = np.abs(_adjusted([table[key] for key in labelled], judged))
    areas = np.array([area_under_curve(sizes[:, at], truth) for at in range(len(judged))])
    return np.maximum(areas - EVEN, 0.0) * 2 + EVEN


def area_under_curve(values: Numbers, truth: NDArray[np.bool_]) -> float:
    """The chance that one of the true ones has the larger value; ties count half."""
    yes, no = values[truth], values[~truth]
    larger = (yes[:, None] > no[None, :]).mean() + 0.5 * (yes[:, None] == no[None, :]).mean()
    return float(larger)


def read_rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file; Refused V603 when it is missing."""
    import pyarrow.parquet as pq

    if not file.exists():
        raise Refused(Refusal("V603", f"没有文件 {file}", "请先运行 yibao audit indicators", "out"))
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    return rows
