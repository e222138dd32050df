"""What the board of the made-up city shows: indicators and scores of its own lake, alerts, a check of beds asked for.

The city of the demo is small, so fewer cases are enough to be judged than in a real one (`FEWER`).
"""

from datetime import date
from pathlib import Path

from msgspec.structs import replace

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
MONTHS = 4
INSPECTOR = "inspector"
IN_BED = """
select fixmedins_code, count(*) from settlement.visit where status = 'admitted' group by 1 order by 2 desc, 1 limit 1
"""


async def add_monitoring(connection: Connection, lake: Path, out: Path, area: str, today: date) -> None:
    """Publish the last months up to this one, raise alerts, ask the fullest hospital for a sample."""
    rules = definitions_of(area)
    months = (max(plus_months(today, 1 - MONTHS), date(today.year, 1, 1)), first_of(today))
    indicators_of(lake, out, _easier(rules), months)
    score_out(out, _easier(rules), Labels({}))
    await publish(connection, out)
    await raise_alerts(connection, rules)
    code = await connection.fetchval(IN_BED)
    if code is not None:
        await bed_checks.draw(connection, rules.bed_check, code, 2, INSPECTOR)


def _easier(rules: Definitions) -> Definitions:
    indicators = tuple(replace(one, fewest=one.fewest // FEWER) for one in rules.indicators)
    return replace(rules, indicators=indicators)
