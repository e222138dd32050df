"""More examinations in a day than the devices can do (设备产能超限).

    item            name of the device
    prefixes        beginnings of `med_list_codg` of its examinations, separated by blanks
    institution     only this institution (`fixmedins_code`); None: each one
    capacity        examinations (`cnt`, whole ones) of a day that must be passed

One finding for an institution and day. Exemptions: refunds are taken off. Nothing is staked: which of the examinations
were not made is not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from yibao.supervision.kinds.kind import Kind, Point, Points
from yibao.supervision.model import Case, Row


@dataclass(frozen=True, kw_only=True, slots=True)
class DeviceCapacity(Point):
    """What the module says."""

    prefixes: str
    institution: str | None = None
    capacity: int


def at_counter(case: Case, points: Points) -> Iterator[Row]:
    """Follows."""
    raise NotImplementedError


def in_columns(lake: Any, points: Any) -> Any:
    """Follows."""
    raise NotImplementedError


KIND = Kind(
    name="device_capacity",
    title="",
    point=DeviceCapacity,
    facts=(),
    reason="",
    subject="city",
    in_columns=in_columns,
    at_counter=at_counter,
    exemptions="",
)
