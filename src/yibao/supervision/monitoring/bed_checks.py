"""Remote check of beds (远程查床): does somebody lie where a bill says so?

    draw(connection, …)       a random sample of those in bed; the seed is kept, so that anybody can draw again
    ask(connection, …)        one stay chosen by hand
    answer(connection, …)     the institution sends a photograph or video from the ward before the deadline
    decide(connection, …)     the inspector confirms, or opens a finding

What is sent shows a person: it is encrypted under the master key before it reaches the database. Its kind is told by
its first bytes, the time is the server's, the place that of the sender's device with his consent; what the file says
of itself (EXIF) is not trusted and not read. Without a place the reason is kept and shown.

Refusals: V611 nobody in bed to draw, V612 no such stay, V613 no such check, V614 too late, V615 decided already,
V616 wrong kind of file, V617 too large or too many, V618 no reason, V619 nothing was sent yet and time is left.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from math import asin, cos, radians, sin, sqrt
from typing import Any

from yibao.core import crypto, dates
from yibao.core.crypto import sm3, sm3_hex
from yibao.core.database import Connection
from yibao.core.errors import Refusal, Refused
from yibao.supervision.model import Finding
from yibao.supervision.monitoring import opening
from yibao.supervision.monitoring.definitions import BedChecking

PURPOSE = "bed check"
LARGEST_FILE = 20 * 1024 * 1024
MOST_FILES = 4
EARTH_METRES = 6_371_000
WITHOUT_PLACE = {
    "denied": "上传人未同意提供位置", "unavailable": "设备没有取得位置", "none": "设备不支持定位",
}  # fmt: skip
IN_BED = """
select mdtrt_id from settlement.visit where fixmedins_code = $1 and status = 'admitted' and begntime < $2
order by mdtrt_id
"""
STAY = "select mdtrt_id from settlement.visit where mdtrt_id = $1 and fixmedins_code = $2 and status = 'admitted'"
ADD = """
insert into supervision.bed_check
  (sample_no, seed, drawn_from, fixmedins_code, mdtrt_id, asked_by, asked_at, deadline)
select $1, $2, $3, $4, unnest($5::text[]), $6, $7, $8 returning check_id
"""
LIST = """
select c.*, i.fixmedins_name as name, p.psn_name, v.adm_dept_codg, v.ipt_otp_no, v.begntime, v.details,
       (select count(*) from supervision.bed_photo f where f.check_id = c.check_id) as photos
from (select * from supervision.bed_check where {condition} order by check_id desc limit 50) c
join directory.institution i using (fixmedins_code) join settlement.visit v using (mdtrt_id)
join population.person p using (psn_no) order by c.check_id desc
"""
ALL = LIST.format(condition="check_id > $1")
OF_INSTITUTION = LIST.format(condition="fixmedins_code = $1")
ONE = LIST.format(condition="check_id = $1")
PLACE = "select lng, lat from directory.institution where fixmedins_code = $1"
LOCK = "select * from supervision.bed_check where check_id = $1 for update"
PHOTOS = """
select photo_no, media_type, size, digest, received_at, lng, lat, accuracy, distance, no_place
from supervision.bed_photo where check_id = $1 order by photo_no
"""
SEALED = "select media_type, sealed from supervision.bed_photo where check_id = $1 and photo_no = $2"
STORE = "insert into supervision.bed_photo values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
ANSWERED = """
update supervision.bed_check set answered_at = coalesce(answered_at, $2), answered_by = $3, note = $4
where check_id = $1
"""
DECIDE = """
update supervision.bed_check set decision = $2, decided_by = $3, decided_at = $4, reason = $5, finding_id = $6
where check_id = $1
"""


@dataclass(frozen=True, slots=True)
class BedCheck:
    """One check as the pages show it."""

    row: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.row[name]

    def state_at(self, now: datetime) -> str:
        """confirmed, finding, answered, waiting or late."""
        if self.row["decision"]:
            return str(self.row["decision"])
        if self.row["answered_at"]:
            return "answered"
        return "waiting" if now <= self.row["deadline"] else "late"


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the sender's device was; `why_not` a key of `WITHOUT_PLACE` when it is unknown."""

    lng: Decimal | None
    lat: Decimal | None
    accuracy: int | None
    why_not: str = ""


def drawn(seed: str, stays: Sequence[str], count: int) -> list[str]:
    """`count` of the stays: those with the smallest SM3 of seed and number. Same seed, same stays, same draw."""
    return sorted(stays, key=lambda stay: sm3_hex(f"{seed}:{stay}".encode()))[:count]


async def draw(
    connection: Connection, rules: BedChecking, fixmedins_code: str, count: int, actor: str, seed: str = ""
) -> list[int]:
    """Ask for a random sample of those in bed now; numbers of the checks. Refused V611."""
    now = dates.now()
    stays = [row["mdtrt_id"] for row in await connection.fetch(IN_BED, fixmedins_code, now)]
    if not stays:
        raise _refused("V611", "该机构现在没有在院病人", "请选择别的机构")
    seed = seed or secrets.token_hex(8)
    chosen = drawn(seed, stays, max(1, min(count, rules.largest_sample)))
    return await _add(connection, rules, seed, len(stays), fixmedins_code, chosen, actor, now)


async def ask(connection: Connection, rules: BedChecking, fixmedins_code: str, mdtrt_id: str, actor: str) -> list[int]:
    """Ask for one stay. Refused V612 when nobody lies there under this number."""
    found = await connection.fetchval(STAY, mdtrt_id, fixmedins_code)
    if found is None:
        raise _refused("V612", f"该机构没有在院的就诊 {mdtrt_id}", "请核对就诊号", "mdtrt_id")
    return await _add(connection, rules, "", 1, fixmedins_code, [found], actor, dates.now())


async def _add(
    connection: Connection, rules: BedChecking, seed: str, of: int, code: str, stays: list[str], actor: str,
    now: datetime,
) -> list[int]:  # fmt: skip
    number = await connection.fetchval("select nextval('supervision.bed_sample_no')")
    deadline = now + timedelta(minutes=rules.minutes)
    rows = await connection.fetch(ADD, number, seed, of, code, stays, actor, now, deadline)
    return [row["check_id"] for row in rows]


async def answer(
    connection: Connection, key: bytes, number: int, fixmedins_code: str, files: Sequence[bytes], spot: Spot, note: str,
    actor: str,
) -> None:  # fmt: skip
    """Store what was sent. Refused V613 for another institution's, V614 … V617."""
    now = dates.now()
    check = await connection.fetchrow(LOCK, number)
    if check is None or check["fixmedins_code"] != fixmedins_code:
        raise _refused("V613", "没有这次查床", "请从列表里选择")
    if check["decision"]:
        raise _refused("V615", "这次查床已经有结论", "请刷新列表")
    if now > check["deadline"]:
        raise _refused("V614", f"已过时限 {check['deadline']:%H:%M}，不能再上传", "请向监管人员说明情况")
    kinds = [checked_kind(content) for content in files]
    known = len(await connection.fetch(PHOTOS, number))
    if not files or known + len(files) > MOST_FILES:
        raise _refused("V617", f"每次查床上传 1 至 {MOST_FILES} 个文件", "请选择最清楚的几张", "file")
    distance = await _distance(connection, fixmedins_code, spot)
    for place, (content, kind) in enumerate(zip(files, kinds, strict=True)):
        sealed = crypto.seal(content, key, PURPOSE)
        await connection.execute(
            STORE, number, known + place + 1, kind, len(content), sm3(content), sealed, now, spot.lng, spot.lat,
            spot.accuracy, distance, WITHOUT_PLACE.get(spot.why_not, WITHOUT_PLACE["none"]) if spot.lng is None else "",
        )  # fmt: skip
    await connection.execute(ANSWERED, number, now, actor, note)


def checked_kind(content: bytes) -> str:
    """The media type by the first bytes. Refused V616 for other kinds, V617 for more than 20 MB."""
    if len(content) > LARGEST_FILE:
        raise _refused("V617", "文件超过 20 MB", "请缩短录像或拍照", "file")
    if content[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if content[4:8] == b"ftyp":
        return "video/mp4"
    raise _refused("V616", "只接受 JPEG、PNG 照片或 MP4 录像", "请用手机相机拍摄后上传", "file")


async def _distance(connection: Connection, fixmedins_code: str, spot: Spot) -> int | None:
    row = await connection.fetchrow(PLACE, fixmedins_code)
    if row is None or row["lng"] is None or row["lat"] is None or spot.lng is None or spot.lat is None:
        return None
    return metres(float(spot.lng), float(spot.lat), float(row["lng"]), float(row["lat"]))


def metres(lng: float, lat: float, other_lng: float, other_lat: float) -> int:
    """Distance on the globe, to the metre."""
    up, across = radians(other_lat - lat), radians(other_lng - lng)
    half = sin(up / 2) ** 2 + cos(radians(lat)) * cos(radians(other_lat)) * sin(across / 2) ** 2
    return round(2 * EARTH_METRES * asin(sqrt(half)))


async def decide(connection: Connection, number: int, decision: str, reason: str, actor: str) -> None:
    """`confirmed` or `finding`. Refused V613, V615, V618, V619."""
    check = await connection.fetchrow(LOCK, number)
    if check is None:
        raise _refused("V613", "没有这次查床", "请从列表里选择")
    if check["decision"]:
        raise _refused("V615", "这次查床已经有结论", "请刷新列表")
    if not reason:
        raise _refused("V618", "没有写明理由", "请写明看到的情况", "reason")
    if not check["answered_at"] and dates.now() <= check["deadline"]:
        raise _refused("V619", "机构还没有上传，时限未到", "请等到时限之后再下结论")
    finding = finding_of(check, reason) if decision == "finding" else None
    if finding:
        await opening.open_finding(connection, finding, f"bed_check:{number}")
    name = "finding" if finding else "confirmed"
    await connection.execute(DECIDE, number, name, actor, dates.now(), reason, finding.finding_id if finding else None)


def finding_of(check: Mapping[str, Any], reason: str) -> Finding:
    """A suspicion about a stay (挂床): there is no bill yet."""
    evidence: dict[str, str | int] = {
        "asked_at": f"{check['asked_at']:%Y-%m-%d %H:%M}",
        "deadline": f"{check['deadline']:%Y-%m-%d %H:%M}",
        "answered": 1 if check["answered_at"] else 0,
    }
    key, reason = f"bed_check:{check['check_id']}", f"远程查床：{reason}"
    return opening.suspicion(opening.BED_CHECK, key, check["fixmedins_code"], check["mdtrt_id"], reason, evidence)


async def checks(connection: Connection, fixmedins_code: str | None) -> list[BedCheck]:
    """The newest fifty, of one institution or all."""
    statement, value = (ALL, 0) if fixmedins_code is None else (OF_INSTITUTION, fixmedins_code)
    return [BedCheck(row) for row in await connection.fetch(statement, value)]


async def one_check(connection: Connection, number: int, fixmedins_code: str | None) -> BedCheck:
    """One of them; Refused V613 when there is none, or it is another institution's."""
    row = await connection.fetchrow(ONE, number)
    if row is None or (fixmedins_code is not None and row["fixmedins_code"] != fixmedins_code):
        raise _refused("V613", "没有这次查床", "请从列表里选择")
    return BedCheck(row)


async def photo(connection: Connection, key: bytes, number: int, place: int) -> tuple[str, bytes]:
    """Media type and content of one file. Refused V613."""
    row = await connection.fetchrow(SEALED, number, place)
    if row is None:
        raise _refused("V613", "没有这个文件", "请从列表里选择")
    return row["media_type"], crypto.unseal(row["sealed"], key, PURPOSE)


def _refused(code: str, text: str, advice: str, place: str = "") -> Refused:
    return Refused(Refusal(code, text, advice, place))
