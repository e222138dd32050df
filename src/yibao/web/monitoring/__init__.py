"""Pages of monitoring (监测预警): the board with its map, one institution, alerts, remote checks of beds.

board          /board            today live, the map, institutions beside their peers
institution    /board/institutions/<code>   indicators, months, days, bills with their lines, findings
alert_pages    /board/alerts     closed with a reason, or opened as a finding
check_pages    /bed-checks       asked for by an inspector, answered from the ward on a telephone
city_map, drawing   SVG of the map, of peers and of series
"""

from yibao.web.monitoring.alert_pages import ALERT_PAGES
from yibao.web.monitoring.board import board
from yibao.web.monitoring.check_pages import CHECK_PAGES
from yibao.web.monitoring.institution import institution, institution_bill

MONITORING_PAGES = [board, institution, institution_bill, *ALERT_PAGES, *CHECK_PAGES]
