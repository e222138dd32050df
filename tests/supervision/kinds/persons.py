"""What the tests of kinds about stays and persons share: crowded worlds, and the examples."""

from collections import Counter
from collections.abc import Sequence

from tests.supervision.crowd import crowded_world, without_end
from tests.supervision.kinds.lines import spoiled_world
from tests.supervision.world import World, both_ways, random_world
from yibao.supervision.findings import reason_of
from yibao.supervision.kinds.kind import Kind, Point
from yibao.supervision.model import Row

CODES = ["BED", "CARE"]


def agree_on_any_world(kind: Kind, points: Sequence[Point], seeds: int = 4) -> None:
    """Both executions find the same in worlds at random, and something is found in them."""
    found: Counter[str] = Counter()
    for seed in range(seeds):
        worlds = (crowded_world(seed, CODES), without_end(random_world(seed, CODES, people=14), 5))
        for world in (*worlds, spoiled_world(seed, CODES)):
            found.update(row.kp_id for row in both_ways(kind, points, world))
    assert found, f"nothing found in {3 * seeds} worlds"


def visits_found(kind: Kind, points: Sequence[Point], world: World) -> list[str]:
    """Visits that are found, each once."""
    return sorted({row.mdtrt_id for row in both_ways(kind, points, world)})


def only_row(kind: Kind, points: Sequence[Point], world: World) -> tuple[Row, str]:
    """The only row there is, with its reason."""
    rows = both_ways(kind, points, world)
    assert len(rows) == 1, rows
    return rows[0], reason_of(kind, rows[0].facts)
