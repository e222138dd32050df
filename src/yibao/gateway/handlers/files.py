"""9101 upload (文件上传) and 9102 download (文件下载). 9102 answers with the file itself, without an envelope."""

import base64
import binascii
from datetime import timedelta
from typing import Any

from yibao.core import dates
from yibao.core.errors import Refusal, Refused
from yibao.gateway.fields import time_text
from yibao.gateway.files import find_file, keep_file
from yibao.gateway.registry import Call, FileReply, Output, transaction

KEPT_DAYS = 30


@transaction("9101", writes=True)
async def upload(call: Call) -> Output:
    """9101: `in` as an array of bytes (also signed, as Java writes it) or base64 text."""
    row = call.nodes["fsUploadIn"]
    until = dates.now() + timedelta(days=KEPT_DAYS)
    number = await keep_file(call.connection, call.institution, row["filename"], content_of(row["in"]), until)
    return {
        "file_qury_no": number,
        "filename": row["filename"],
        "fixmedins_code": call.institution,
        "dld_endtime": time_text(until),
    }


def content_of(value: Any) -> bytes:
    """The bytes of a file as clients send them."""
    try:
        if isinstance(value, list):
            return bytes(number % 256 for number in value if -129 < number < 256)
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        advice = "请以字节数组或Base64文本传送"
        raise Refused(Refusal("G031", "文件数据不是字节数组", advice, "fsUploadIn.in")) from error


@transaction("9102")
async def download(call: Call) -> FileReply:
    """9102: the file itself; G032 when there is none, G033 when its time is over."""
    row = call.nodes["fsDownloadIn"]
    async with call.database.connection() as connection:
        file = await find_file(connection, row["file_qury_no"], call.institution)
    if file is None:
        advice = "请核对文件查询号；本机构只能下载自己上传的文件和目录文件"
        raise Refused(Refusal("G032", f"没有文件查询号{row['file_qury_no']}的文件", advice, "fsDownloadIn"))
    if file.dld_end_time is not None and file.dld_end_time < dates.now():
        text = f"文件已于{file.dld_end_time:%Y-%m-%d %H:%M}过期"
        raise Refused(Refusal("G033", text, "请重新发起下载交易", "fsDownloadIn"))
    return FileReply(file.content, file.filename)
