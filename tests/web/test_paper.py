"""The bill on paper, and whether a paper is genuine."""

import re
import shutil
import subprocess

import httpx
import pytest
import segno

from tests.web.city import ITEMS, OLD_MAN_CERTIFICATE, City
from tests.web.qr import qr_of
from yibao.core.errors import Refused
from yibao.web import paper
from yibao.web.check_code import tidy
from yibao.web.limits import RateLimit

CODE = re.compile(r"4\d{8}(?:-[0-9A-Z]{4}){4}")
needs_pdftotext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


@pytest.fixture(autouse=True)
def chinese_font() -> None:
    try:
        paper.fonts()
    except Refused as error:
        pytest.skip(str(error))


@needs_pdftotext
async def test_twenty_lines_fit_on_one_page_with_every_line_and_amount(clerk: httpx.AsyncClient, city: City) -> None:
    answer = await clerk.get(f"/bills/{city.bills['stay']}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    text = text_of(answer.content)
    assert text.count("\f") == 1  # pdftotext ends every page with a form feed
    assert "医疗保险结算单" in text
    assert "张德厚" in text
    assert OLD_MAN_CERTIFICATE not in text
    printed = "".join(text.split())
    for _, name, *_ in ITEMS:
        assert "".join(name.split())[:8] in printed, name
    assert "45,428.96" in text


@needs_pdftotext
async def test_the_code_on_the_paper_is_confirmed_without_a_login_and_without_a_name(
    clerk: httpx.AsyncClient, visitor: httpx.AsyncClient, city: City
) -> None:
    code = await printed_code(clerk, city, "stay")
    text = (await visitor.get("/verify-bill", params={"code": code})).text
    assert "真实：本系统出具过这张结算单" in text
    assert "淮北市人民医院" in text
    assert "张德厚" not in text
    assert "340602" not in text


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed")
@needs_pdftotext
async def test_the_qr_code_on_the_paper_opens_the_verification_with_the_printed_code(
    clerk: httpx.AsyncClient, city: City
) -> None:
    pdf = (await clerk.get(f"/bills/{city.bills['stay']}.pdf")).content
    found = CODE.search(text_of(pdf))
    assert found is not None
    meant = segno.make(f"http://city.example/verify-bill?code={found[0]}", error="m", micro=False).matrix
    assert qr_of(pdf, len(meant)) == [list(row) for row in meant]


@needs_pdftotext
async def test_a_code_with_one_other_letter_is_not_genuine(
    clerk: httpx.AsyncClient, visitor: httpx.AsyncClient, city: City
) -> None:
    code = await printed_code(clerk, city, "stay")
    other = code[:-1] + ("2" if code[-1] != "2" else "3")
    another_bill = city.bills["pharmacy"] + code[9:]
    for wrong in (other, another_bill, "499999999-AAAA-AAAA-AAAA-AAAA", "x", "医保"):
        text = (await visitor.get("/verify-bill", params={"code": wrong})).text
        assert "未能证实" in text, wrong
        assert "真实：" not in text, wrong


@needs_pdftotext
async def test_a_cancelled_paper_is_confirmed_as_void(
    clerk: httpx.AsyncClient, visitor: httpx.AsyncClient, city: City
) -> None:
    code = await printed_code(clerk, city, "cancelled")
    assert "已撤销，结算单作废" in (await visitor.get("/verify-bill", params={"code": code})).text


@needs_pdftotext
async def test_a_code_typed_in_small_letters_with_spaces_is_understood(
    clerk: httpx.AsyncClient, visitor: httpx.AsyncClient, city: City
) -> None:
    typed = (await printed_code(clerk, city, "stay")).lower().replace("-", " - ")
    assert "真实：" in (await visitor.get("/verify-bill", params={"code": typed})).text


def test_letters_that_people_confuse_are_read_as_digits() -> None:
    assert tidy(" 400000001-oil0-abcd ") == "400000001-0110-ABCD"


def test_an_address_that_asks_too_often_must_wait() -> None:
    limit = RateLimit(times=3, seconds=60)
    assert [limit.allows("a") for _ in range(4)] == [True, True, True, False]
    assert limit.allows("b")


async def test_without_a_chinese_font_the_reader_learns_how_to_install_one(
    clerk: httpx.AsyncClient, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper.fonts.cache_clear()
    monkeypatch.setattr(paper, "FAMILIES", ("No Such Font",))
    try:
        answer = await clerk.get(f"/bills/{city.bills['stay']}.pdf")
    finally:
        paper.fonts.cache_clear()
    assert answer.status_code == 422
    assert "W601" in answer.text
    assert "fonts-noto-cjk" in answer.text


async def printed_code(client: httpx.AsyncClient, city: City, name: str) -> str:
    answer = await client.get(f"/bills/{city.bills[name]}.pdf")
    found = CODE.search(text_of(answer.content))
    assert found is not None
    return found[0]
