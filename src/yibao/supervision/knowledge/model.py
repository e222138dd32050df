"""Knowledge as it is published and kept: points, local codes, intervals of doctors' payment status.

PublishedPoint    one row of a published batch (知识点), or an own one
LocalCode         which local code an item has in an area
DoctorInterval    from when to when a doctor's orders are not payable
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import msgspec

ALWAYS = date(2000, 1, 1)
NO_END = date(2999, 12, 31)


class PublishedPoint(msgspec.Struct, frozen=True, kw_only=True):
    """One knowledge point. `rule` is the title under which it is published (药品区分性别使用), `codes` national codes.

    `params` as published (`{"sex": "女"}`) or by the names of the kind's point fields; a kind's row is made of each
    code. Counts from `valid_from` to `valid_to`, both included; `unverified` where nobody published it.
    """

    kp_id: str
    rule: str
    item_name: str
    codes: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}
    text: str = ""
    batch: str = ""
    valid_from: date = ALWAYS
    valid_to: date = NO_END
    unverified: bool = False


class LocalCode(msgspec.Struct, frozen=True):
    """An item's code in an area (地方编码) beside its national one; points count for both."""

    national: str
    local: str


class DoctorInterval(msgspec.Struct, frozen=True, kw_only=True):
    """A doctor whose payment status is suspended or ended (支付资格暂停、终止), both days included."""

    dr_codg: str
    begins: date
    ends: date
    reason: str
    decision: str = ""
