"""The batch (批量测算): the counter's rules over millions of visits, for those who prepare a change of policy.

    visits = read_visits("LAKE/setl_d", (pack_a, pack_b))     # Parquet with lake columns; VisitsError lists faults
    result = simulate(pack_a, pack_b, visits)                 # → Simulation: groups, layers, people better and worse

`reading` turns national columns into facts and fen; `kinds` finds which visits a pack cannot tell apart; `simulation`
orders the visits by person and time, resolves each kind once with the counter's `plan_for`, and lets `kernel` walk
the counter's own `arithmetic`, compiled. Personal accounts are left out: burden = total − fund. docs/simulate.md.
"""

from yibao.benefits.batch.groups import DEFAULT_GROUPS, GROUPS
from yibao.benefits.batch.reading import read_visits, visits_of_table
from yibao.benefits.batch.result import GroupChange, LayerCost, Simulation
from yibao.benefits.batch.simulation import simulate
from yibao.benefits.batch.visits import Visits, VisitsError

__all__ = [
    "DEFAULT_GROUPS", "GROUPS", "GroupChange", "LayerCost", "Simulation", "Visits", "VisitsError", "read_visits",
    "simulate", "visits_of_table",
]  # fmt: skip
