"""A city with a few settled bills, made by the real settlement under the real pack of Huaibei.

bills["stay"]       a man of 75, low-income, 20 lines, four funds and cash
bills["pharmacy"]   an employee's purchase from his account
bills["cancelled"]  the same kind of purchase, cancelled by bills["negative"]
"""

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.web.findings_city import add_findings
from tests.web.people_city import add_people
from yibao.benefits.book import PackBook
from yibao.core import dates
from yibao.core.database import Database
from yibao.core.inbox import Message
from yibao.directory.cache import DirectoryCache
from yibao.ledger import install_chart
from yibao.population.campaign.demo import demo_campaign
from yibao.population.entitlement.coverage import take_over
from yibao.population.rules import rules_of
from yibao.settlement.actions import settle
from yibao.settlement.cancellation import CancelRequest, cancel
from yibao.settlement.intake import register, upload_lines
from yibao.settlement.model import FeeLine, Settled, SettlementRequest, VisitOpening
from yibao.settlement.services import Services
from yibao.web.accounts import Visitor, save_demo_users

KEY = bytes(range(32))
HOSPITAL, PHARMACY = "H34060000001", "P34060000001"
OLD_MAN, EMPLOYEE = "340600000000000001", "340600000000000002"
EMPLOYER, VILLAGE = "E340600000001", "340621101201"
OLD_MAN_CERTIFICATE = "340602194903120013"
ITEMS = (
    # code, name, class, own share %, price yuan, count, charge type
    ("T001101000010000", "普通门诊诊查费", "01", 0, "12.00", 1, "02"),
    ("T001109000010100", "普通病房床位费（三人间）", "01", 0, "32.00", 9, "01"),
    ("T001201000030000", "Ⅰ级护理", "01", 0, "24.00", 3, "07"),
    ("T001201000040000", "Ⅱ级护理", "01", 0, "15.00", 6, "07"),
    ("T002501010150000", "血细胞分析（五分类）", "01", 0, "20.00", 3, "04"),
    ("T002503010010000", "肝功能十一项", "01", 0, "88.00", 2, "04"),
    ("T002503060010000", "肌钙蛋白 I 测定", "01", 0, "65.00", 4, "04"),
    ("T002102000030000", "冠状动脉 CT 血管成像", "02", 1000, "680.00", 1, "03"),
    ("T003107020030000", "冠状动脉造影术", "01", 0, "2200.00", 1, "06"),
    ("T003307000090000", "主动脉瓣置换术", "01", 0, "8600.00", 1, "06"),
    ("C020301015000001", "人工心脏生物瓣膜", "02", 2000, "28800.00", 1, "08"),
    ("C020303010000002", "一次性使用体外循环管路", "02", 2000, "1260.00", 2, "08"),
    ("XB01ACA000A001010", "阿司匹林肠溶片 100mg×30 片", "01", 0, "15.60", 2, "09"),
    ("XB01ACC000A001020", "硫酸氢氯吡格雷片 75mg×7 片", "02", 500, "22.85", 4, "09"),
    ("XC10AAR000A001030", "瑞舒伐他汀钙片 10mg×28 片", "02", 500, "34.65", 2, "09"),
    ("XC07ABM000A001040", "酒石酸美托洛尔片 25mg×20 片", "01", 0, "6.42", 3, "09"),
    ("XB01AXF000B001050", "依替巴肽注射液 10ml:20mg", "02", 1500, "118.00", 6, "09"),
    ("XV08ABD000B001060", "碘克沙醇注射液 100ml:32g", "02", 1000, "268.00", 2, "09"),
    ("ZA04BAF0099010700", "复方丹参滴丸 27mg×180 丸", "01", 0, "27.90", 2, "11"),
    ("T009900000010000", "陪护床位费", "03", 10000, "20.00", 8, "14"),
)
_numbers = itertools.count(1)


@dataclass
class City:
    """The services and the numbers of the bills."""

    services: Services
    passwords: dict[str, str]
    bills: dict[str, str] = field(default_factory=dict)


async def build(database: Database) -> City:
    """Fill an empty, migrated database."""
    since = date(2024, 1, 1)
    async with database.transaction() as connection:
        await install_chart(connection)
        await _directory(connection, since)
        await _people(connection, since)
        await _divisions_and_employer(connection, since)
        passwords = await save_demo_users(connection, KEY, *users())
        await demo_campaign(connection, rules_of("340600"), dates.today().year, dates.today())
    city = City(Services(database, DirectoryCache(database), PackBook.load()), passwords)
    city.bills["stay"] = await _stay(city)
    city.bills["pharmacy"] = (await _purchase(city))[0]
    city.bills["cancelled"], mdtrt_id = await _purchase(city)
    request = CancelRequest(
        setl_id=city.bills["cancelled"], mdtrt_id=mdtrt_id, psn_no=EMPLOYEE, fixmedins_code=PHARMACY
    )
    city.bills["negative"] = (await cancel(city.services, request, _message(PHARMACY, "2103"), _number)).decode()[:9]
    async with database.transaction() as connection:
        await add_people(connection, city.services.packs, OLD_MAN, EMPLOYEE, EMPLOYER)
        await add_findings(connection, city.bills, HOSPITAL, PHARMACY)
    return city


async def _directory(connection: Any, since: date) -> None:
    for code, name, level in ((HOSPITAL, "淮北市人民医院", 3), (PHARMACY, "惠民大药房相山店", 9)):
        await connection.execute(
            "insert into directory.institution (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, grade,"
            " admdvs, contract_from) values ($1, $2, $3, '2', $4, 'city', '340602', $5)",
            code, name, "2" if code[0] == "P" else "1", level, since,
        )  # fmt: skip
    for code, name, level, share, _price, _count, kind in ITEMS:
        limits = {"3": 105_000_000 * 10} if code.startswith("C0203030") else {}
        await connection.execute(
            "insert into directory.item (area, med_list_codg, valid_from, list_type, item_name, med_chrgitm_type,"
            " chrgitm_lv, selfpay_prop, pric_uplmt, version)"
            " values ('340600', $1, $2, '101', $3, $4, $5, $6, $7, 'v1')",
            code, since, name, kind, level, share, limits,
        )  # fmt: skip


async def _people(connection: Any, since: date) -> None:
    people = (
        (OLD_MAN, "张德厚", OLD_MAN_CERTIFICATE, "1", date(1949, 3, 12), "390", "16"),
        (EMPLOYEE, "王小云", "340602198807150026", "2", date(1988, 7, 15), "310", "11"),
    )
    for psn_no, name, certno, sex, birth, insutype, psn_type in people:
        await connection.execute(
            "insert into population.person (psn_no, certno, psn_name, gend, brdy) values ($1, $2, $3, $4, $5)",
            psn_no, certno, name, sex, birth,
        )  # fmt: skip
        await connection.execute(
            "insert into population.enrolment (psn_no, insutype, psn_type, insu_admdvs, begndate)"
            " values ($1, $2, $3, '340600', $4)", psn_no, insutype, psn_type, since,
        )  # fmt: skip
    await take_over(connection)
    await connection.execute(
        "insert into population.identity_tag (psn_no, psn_idet_type, tag, begntime) values ($1, '2303', '低保', $2)",
        OLD_MAN, since,
    )  # fmt: skip
    await connection.execute("insert into population.account (psn_no, balance) values ($1, 120000)", EMPLOYEE)


async def _divisions_and_employer(connection: Any, since: date) -> None:
    places = (("34", "安徽省", 1), ("3406", "淮北市", 2), ("340621", "濉溪县", 3), ("340621101", "示例镇", 4))
    for code, name, level in (*places, (VILLAGE, "示例村", 5)):
        parent = {1: None, 2: code[:2], 3: code[:4], 4: code[:6], 5: code[:9]}[level]
        await connection.execute("insert into directory.division values ($1, $2, $3, $4)", code, parent, name, level)
    await connection.execute(
        "insert into population.employer (emp_no, uscc, emp_name, insu_admdvs, begndate)"
        " values ($1, '91340600MA2TEST01X', '淮北示例机械有限公司', '340600', $2)", EMPLOYER, since,
    )  # fmt: skip
    await connection.execute("update population.person set live_area = $1", VILLAGE)


async def _stay(city: City) -> str:
    end = dates.now().replace(hour=10, minute=5, second=0) - timedelta(days=1)
    begin = end - timedelta(days=9)
    opening = VisitOpening(
        psn_no=OLD_MAN, insutype="390", fixmedins_code=HOSPITAL, mdtrtarea_admvs="340602", med_type="2101",
        status="admitted", begntime=begin,
    )  # fmt: skip
    mdtrt_id = (await register(city.services, opening, _message(HOSPITAL, "2401"), str.encode)).decode()
    lines = tuple(_line(code, price, count, begin + timedelta(days=1)) for code, _, _, _, price, count, _ in ITEMS)
    await upload_lines(city.services, OLD_MAN, HOSPITAL, {mdtrt_id: lines}, _message(HOSPITAL, "2301"), lambda _: b"ok")
    request = SettlementRequest(
        psn_no=OLD_MAN, insutype="390", fixmedins_code=HOSPITAL, mdtrtarea_admvs="340602", mdtrt_id=mdtrt_id,
        endtime=end,
    )  # fmt: skip
    return (await settle(city.services, request, _message(HOSPITAL, "2304"), _number)).decode()[:9]


async def _purchase(city: City) -> tuple[str, str]:
    now = dates.now()
    opening = VisitOpening(
        psn_no=EMPLOYEE, insutype="310", fixmedins_code=PHARMACY, mdtrtarea_admvs="340602", med_type="41", begntime=now
    )
    request = SettlementRequest(
        psn_no=EMPLOYEE, insutype="310", fixmedins_code=PHARMACY, mdtrtarea_admvs="340602", opening=opening,
        acct_used_flag="1", lines=tuple(_line(ITEMS[i][0], ITEMS[i][4], 2, now) for i in (12, 13, 18)),
    )  # fmt: skip
    reply = await settle(city.services, request, _message(PHARMACY, "2102"), _number)
    return reply.decode()[:9], reply.decode()[9:]


def _line(code: str, price: str, count: int, at: datetime) -> FeeLine:
    fen = int(price.replace(".", "")) * count
    return FeeLine(
        feedetl_sn=f"f{next(_numbers)}", fee_ocur_time=at, med_list_codg=code, det_item_fee_sumamt=fen,
        cnt=count * 10_000, pric=int(price.replace(".", "")) * 10_000,
    )  # fmt: skip


def _message(sender: str, infno: str) -> Message:
    return Message(sender, f"{sender}{next(_numbers):018d}", infno, b"\1" * 32)


def _number(settled: Settled) -> bytes:
    """The reply of these tests: setl_id and mdtrt_id behind each other."""
    return f"{settled.bill.setl_id}{settled.bill.mdtrt_id}".encode()


def users() -> list[Visitor]:
    """One user of each role beside the clerk."""
    return [
        Visitor("insured", "演示参保人", "insured", psn_no=OLD_MAN),
        Visitor("employer", "演示单位经办人", "employer", emp_no=EMPLOYER),
        Visitor("collector", "演示征缴员", "collector", area=VILLAGE),
        Visitor("department", "演示民政局", "department", department="civil_affairs", area="340600"),
        Visitor("leader", "演示领导", "leader"),
        Visitor("institution", "演示医院医保办", "institution", fixmedins_code=HOSPITAL),
        Visitor("reviewer", "演示初审人员", "reviewer"),
        Visitor("second_reviewer", "演示复审人员", "second_reviewer"),
        Visitor("expert", "演示评审专家", "expert"),
        Visitor("inspector", "演示监管人员", "inspector"),
    ]
