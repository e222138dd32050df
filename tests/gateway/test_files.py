"""Files that nobody sane sends: names that would break the answer, archives and amounts that would break the reader."""

import io
import json
import zipfile

import pytest

from tests.gateway.conftest import City
from yibao.core.errors import Refused
from yibao.gateway.handlers.reconciliation import read_file


def archive_of(text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", text)
    return buffer.getvalue()


async def test_a_file_name_cannot_break_out_of_the_header_of_the_answer(city: City) -> None:
    sent = {"in": [80, 75], "filename": 'a\r\nX-Evil: 1"/b.zip', "fixmedins_code": city.hospital.code}
    told = await city.hospital.ok("9101", {"fsUploadIn": sent})
    wanted = {"fsDownloadIn": {**sent, "file_qury_no": told["file_qury_no"]}}
    answer = await city.hospital.send(json.dumps(city.hospital.envelope("9102", wanted)).encode())
    assert answer.content == b"PK"
    assert answer.headers["content-disposition"] == 'attachment; filename="a__X-Evil: 1__b.zip"'


def test_a_damaged_archive_is_refused_by_name() -> None:
    damaged = bytearray(archive_of("x" * 1000))
    damaged[40] ^= 0xFF
    damaged[42] ^= 0x55
    for content in (bytes(damaged), archive_of("x" * 1000)[:60], b"", b"PK"):
        with pytest.raises(Refused, match="G039"):
            read_file(content)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999", "100000000000000", "abc"])
def test_an_amount_of_more_digits_than_the_interface_has_is_refused_with_its_line(amount: str) -> None:
    good, bad = "1\t2\tw1\t5\t0\t5\t0", f"1\t2\tw1\t{amount}\t0\t5\t0"
    with pytest.raises(Refused, match=r"G039.*第2行"):
        read_file(archive_of(f"{good}\n{bad}"))
