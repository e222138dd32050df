"""What the board of the made-up city shows: indicators and scores of its lake, alerts, people in bed, a check of beds.

The city of the demo is small, so fewer cases are enough to be judged than in a real one (`FEWER`).
"""

from datetime import date, timedelta
from pathlib import Path

from msgspec.structs import replace

from yibao.core import dates
from yibao.core.database import Connection
from yibao.core.months import first_of, plus_months
from yibao.supervision.monitoring import bed_checks
from yibao.supervision.monitoring.alerts import raise_alerts
from yibao.supervision.monitoring.definitions import Definitions, definitions_of
from yibao.supervision.monitoring.indicators import indicators_of
from yibao.supervision.monitoring.publishing import publish
from yibao.supervision.monitoring.scores import Labels
from yibao.supervision.monitoring.scoring import score_out

FEWER = 10
MONTHS = 2
INSPECTOR = "inspector"
IN_BED = 6
LIE_DOWN = """
insert into settlement.visit (psn_no, insutype, psn_type, insu_admdvs, mdtrtarea_admvs, fixmedins_code, hosp_lv,
                              med_type, begntime, adm_dept_codg, chfpdr_code, ipt_otp_no, status)
select psn_no, insutype, psn_type, insu_admdvs, mdtrtarea_admvs, fixmedins_code, hosp_lv, '2101', $2, adm_dept_codg,
       chfpdr_code, 'ZY' || row_number() over (order by psn_no), 'admitted'
from (select distinct on (psn_no) * from settlement.visit v where fixmedins_code = $1
        and not exists (select from settlement.visit o where o.psn_no = v.psn_no and o.status = 'admitted')
      order by psn_no, mdtrt_id limit $3) somebody
"""
OFFICE = "select fixmedins_code from web.account where user_name = 'institution'"


async def add_monitoring(connection: Connection, lake: Path, out: Path, area: str, today: date) -> None:
    """Publish the last months up to this one, raise alerts; lay some in bed at the office's hospital, ask for two."""
    rules = definitions_of(area)
    months = (max(plus_months(today, 1 - MONTHS), date(today.year, 1, 1)), first_of(today))
    indicators_of(lake, out, _easier(rules), months)
    score_out(out, _easier(rules), Labels({}))
    await publish(connection, out)
    await raise_alerts(connection, rules)
    code = await connection.fetchval(OFFICE)
    if code is not None:
        await connection.execute(LIE_DOWN, code, dates.now() - timedelta(days=2), IN_BED)
        await bed_checks.draw(connection, rules.bed_check, code, 2, INSPECTOR)


def _easier(rules: Definitions) -> Definitions:
    indicators = tuple(replace(one, fewest=one.fewest // FEWER) for one in rules.indicators)
    return replace(rules, indicators=indicators)
