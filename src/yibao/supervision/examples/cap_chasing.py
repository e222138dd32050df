"""冲顶消费: near the cap by the last days, and a little less or a little sooner."""

from datetime import datetime, timedelta

from yibao.supervision.examples._common import person_of
from yibao.supervision.examples._persons import bill_of
from yibao.supervision.kinds.cap_chasing import CapChasing
from yibao.supervision.world import World

LAST = datetime.fromisoformat("2021-12-31T10:00")


def violations(world: World, point: CapChasing, number: int) -> str:
    """As near to the cap as is a finding, enough of it in the last days."""
    return _year(world, point, number, "V", 0, number % point.last_days)


def clean(world: World, point: CapChasing, number: int) -> str:
    """A fen less, or the day before the last days."""
    return _year(world, point, number, "C", number % 2, 0 if number % 2 else point.last_days)


def _year(world: World, point: CapChasing, number: int, letter: str, less: int, days_left: int) -> str:
    psn_no, insurance = person_of(letter, point, number), point.insurance.split()[0]
    paid = -(-point.cap * point.share_from // 10_000) - less
    late = -(-paid * point.last_share_from // 10_000)
    early = LAST - timedelta(days=point.last_days + 30 + number % 90)
    for at, fund in ((early, paid - late), (LAST - timedelta(days=days_left), late)):
        bill_of(world, psn_no, at, number, "11", 2 * fund, insutype=insurance, fund_pay_sumamt=fund)
    return psn_no
