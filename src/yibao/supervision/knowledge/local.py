"""Local codes (地方编码): an area's own codes of items, for which the national points count too."""

import dataclasses
import itertools
from collections import defaultdict
from collections.abc import Sequence

from yibao.supervision.kinds.kind import Point
from yibao.supervision.knowledge.model import LocalCode

CODES = ("code", "other")
"""Fields of points that hold one item's code."""


def with_local(points: Sequence[Point], local_codes: Sequence[LocalCode]) -> list[Point]:
    """The points, and each again for every local code of its items (of pairs: every combination)."""
    if not local_codes:
        return list(points)
    codes: dict[str, list[str]] = defaultdict(list)
    for one in local_codes:
        codes[one.national].append(one.local)
    return [copy for point in points for copy in _copies(point, codes)]


def _copies(point: Point, codes: dict[str, list[str]]) -> list[Point]:
    names = [name for name in CODES if getattr(point, name, "")]
    ways = [[getattr(point, name), *codes.get(getattr(point, name), ())] for name in names]
    chosen = itertools.product(*ways)
    return [dataclasses.replace(point, **dict(zip(names, one, strict=True))) for one in chosen]
