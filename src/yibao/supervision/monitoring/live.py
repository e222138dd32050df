"""Today's figures of the gateway (实时监测): admissions, discharges, in bed, average cost, outpatient pooled payments.

Read from settlements and visits as they are; every statement goes by an index of the day or of those in bed. A
cancellation takes its bill away on the day on which it is made: its amounts are negative, it counts as minus one.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from yibao.core.database import Connection
from yibao.core.money import divide_half_up

STAY = "left(med_type, 2) in ('21', '22', '23', '24', '26', '52')"
"""Kinds of care in bed (`benefits.national.STAY_PREFIXES`), as the indexes of 0016 have it."""
BEGUN = f"""
select fixmedins_code, count(*) as admissions from settlement.visit
where {STAY} and status <> 'cancelled' and begntime >= $1 and begntime < $2 group by fixmedins_code
"""
ENDED = f"""
select fixmedins_code, count(*) as discharges from settlement.visit
where {STAY} and status <> 'cancelled' and endtime >= $1 and endtime < $2 group by fixmedins_code
"""
IN_BED = """
select fixmedins_code, count(*) as in_bed from settlement.visit where status = 'admitted' group by fixmedins_code
"""
SETTLED = f"""
select fixmedins_code,
       sum(case when init_setl_id is null then 1 else -1 end) filter (where not {STAY})::bigint as outpatient_bills,
       coalesce(sum(medfee_sumamt) filter (where not {STAY}), 0)::bigint as outpatient_fees,
       coalesce(sum(hifp_pay) filter (where not {STAY}), 0)::bigint as outpatient_pooled,
       coalesce(sum(case when init_setl_id is null then 1 else -1 end)
         filter (where not {STAY} and hifp_pay <> 0), 0)::bigint as pooled_bills,
       coalesce(sum(case when init_setl_id is null then 1 else -1 end) filter (where {STAY}), 0)::bigint
         as inpatient_bills,
       coalesce(sum(medfee_sumamt) filter (where {STAY}), 0)::bigint as inpatient_fees
from settlement.settlement where setl_time >= $1 and setl_time < $2 group by fixmedins_code
"""
PLACES = """
select fixmedins_code, fixmedins_name, fixmedins_type, level, admdvs, beds, lng, lat from directory.institution
where admdvs like $1 and status <> 'ended' order by fixmedins_code
"""


@dataclass(slots=True)
class Today:
    """One institution's day, or the city's; amounts in fen."""

    admissions: int = 0
    discharges: int = 0
    in_bed: int = 0
    outpatient_bills: int = 0
    outpatient_fees: int = 0
    outpatient_pooled: int = 0
    pooled_bills: int = 0
    inpatient_bills: int = 0
    inpatient_fees: int = 0

    @property
    def outpatient_mean(self) -> int | None:
        """次均门诊费用 in fen; None without a bill."""
        return divide_half_up(self.outpatient_fees, self.outpatient_bills) if self.outpatient_bills > 0 else None

    @property
    def inpatient_mean(self) -> int | None:
        """次均住院费用 in fen; None without a bill."""
        return divide_half_up(self.inpatient_fees, self.inpatient_bills) if self.inpatient_bills > 0 else None

    @property
    def pooled_mean(self) -> int | None:
        """门诊统筹次均支付 in fen; None without one."""
        return divide_half_up(self.outpatient_pooled, self.pooled_bills) if self.pooled_bills > 0 else None


async def today_of(connection: Connection, day: date) -> dict[str, Today]:
    """The day of every institution at which something happened or somebody lies."""
    first = datetime.combine(day, time())
    span = (first, first + timedelta(days=1))
    found: dict[str, Today] = {}
    for statement, values in ((BEGUN, span), (ENDED, span), (IN_BED, ()), (SETTLED, span)):
        for row in await connection.fetch(statement, *values):
            one = found.setdefault(row["fixmedins_code"], Today())
            for name, value in list(row.items())[1:]:
                setattr(one, name, value or 0)
    return found


def whole(institutions: Iterable[Today]) -> Today:
    """The city's day."""
    city = Today()
    for one in institutions:
        for name in (field.name for field in fields(Today)):
            setattr(city, name, getattr(city, name) + getattr(one, name))
    return city
