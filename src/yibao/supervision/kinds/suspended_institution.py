"""Bills of an institution while its agreement is suspended or ended (暂停、解除协议期间的费用).

    institution      `fixmedins_code`
    status           what holds from `valid_from` to `valid_to`, for the reason ("暂停医保结算")
    exempt_care      kinds of care that go on (`med_type` or its beginning: "13" rescue)

At stake are the bills of visits begun in the interval. Exemptions: stays begun before it; kinds of `exempt_care`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class SuspendedInstitution(Point):
    """What the module says."""

    institution: str
    status: str
    exempt_care: str | None = None


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Not yet."""
    return iter(())


def in_columns(lake: Any, points: Any) -> Any:
    """Not yet."""
    raise NotImplementedError


KIND = Kind(
    name="suspended_institution",
    title="",
    point=SuspendedInstitution,
    facts=(),
    reason="",
    subject="person",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
    item_codes=lambda point: (),
)
