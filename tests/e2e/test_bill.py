"""A bill in a real browser: seen, read by keyboard, enlarged, on a telephone, printed."""

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.web.city import City

pytestmark = pytest.mark.browser
TEXT_SIZE = "element => parseFloat(getComputedStyle(element).fontSize)"
FAINT_TEXTS = """least => {
  const channel = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const own = element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  return [...document.querySelectorAll("body *:not(svg *)")].filter(own).filter(e => e.getClientRects().length)
    .map(element => {
      const pair = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
      return [(pair[0] + 0.05) / (pair[1] + 0.05), element.textContent.trim().slice(0, 20)];
    }).filter(([ratio]) => ratio < least);
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_a_clerk_reads_a_bill_from_the_list(clerk: Page, city: City, artifacts: Path) -> None:
    clerk.click(f"text={city.bills['stay']}")
    assert clerk.inner_text("h1").startswith("张德厚")
    slices = clerk.locator(".bar > svg")
    widths = [slices.nth(n).bounding_box()["width"] for n in range(slices.count())]  # type: ignore[index]
    assert len(widths) == 4
    assert sum(widths) == pytest.approx(clerk.locator(".bar").bounding_box()["width"], abs=12)  # type: ignore[index]
    assert "总费用 45,428.96 元的构成" in (clerk.locator(".bar title").text_content() or "")
    clerk.screenshot(path=artifacts / "bill.png", full_page=True)


def test_no_script_is_needed(chromium: object, base: str, city: City) -> None:
    context = chromium.new_context(base_url=base, java_script_enabled=False)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(f"/login?next=/bills/{city.bills['stay']}")
    page.fill("#user_name", "insured")
    page.fill("#password", city.passwords["insured"])
    page.press("#password", "Enter")
    assert page.locator("h1").inner_text().startswith("张德厚")
    page.locator(".clauses summary").first.click()
    assert page.locator(".clauses dd").first.is_visible()
    context.close()


def test_large_type_is_at_least_a_third_larger_and_stays_on(clerk: Page, city: City, artifacts: Path) -> None:
    clerk.goto(f"/bills/{city.bills['stay']}")
    before = clerk.locator("main").evaluate(TEXT_SIZE)
    clerk.click("text=大字版")
    assert clerk.locator("main").evaluate(TEXT_SIZE) >= before * 4 / 3
    assert clerk.url.endswith(f"/bills/{city.bills['stay']}")
    assert clerk.evaluate(OVERFLOW) == 0
    clerk.screenshot(path=artifacts / "bill-large.png", full_page=True)
    clerk.goto("/bills")
    assert clerk.locator("main").evaluate(TEXT_SIZE) >= before * 4 / 3


@pytest.mark.parametrize("size", ["normal", "large"])
def test_on_a_telephone_nothing_stands_beyond_the_edge(clerk: Page, city: City, artifacts: Path, size: str) -> None:
    clerk.set_viewport_size({"width": 360, "height": 800})
    clerk.goto(f"/display/{size}")
    for path in ("/", "/bills", f"/bills/{city.bills['stay']}", f"/bills/{city.bills['negative']}", "/verify-bill"):
        clerk.goto(path)
        clerk.locator("details").evaluate_all("all => all.forEach(e => e.open = true)")
        clerk.locator(".lines .code").evaluate_all("all => all.forEach(e => e.textContent = 'XL01CDD082A001010199999')")
        assert clerk.evaluate(OVERFLOW) == 0, path
    clerk.goto(f"/bills/{city.bills['stay']}")
    clerk.screenshot(path=artifacts / f"bill-phone-{size}.png", full_page=True)


def test_the_keyboard_reaches_the_text_the_clauses_and_the_printer(clerk: Page, city: City) -> None:
    clerk.goto(f"/bills/{city.bills['stay']}")
    clerk.keyboard.press("Tab")
    assert clerk.evaluate("document.activeElement.textContent") == "跳到正文"
    clerk.keyboard.press("Enter")
    reached = []
    for _ in range(3):
        clerk.keyboard.press("Tab")
        reached.append(clerk.evaluate("document.activeElement.textContent.trim()"))
    assert reached[0] == "打印 PDF"
    assert reached[1].startswith("依据")
    clerk.keyboard.press("Shift+Tab")
    clerk.keyboard.press("Enter")
    assert clerk.locator(".clauses dd").first.is_visible()
    assert clerk.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_every_control_has_a_name_and_every_target_is_large_enough(clerk: Page, city: City) -> None:
    for path in ("/", "/bills", "/verify-bill", f"/bills/{city.bills['stay']}"):
        clerk.goto(path)
        unnamed = clerk.evaluate(
            "() => [...document.querySelectorAll('input:not([type=hidden])')]"
            ".filter(field => !field.labels.length).map(field => field.name)"
        )
        assert unnamed == [], path
        small = clerk.evaluate(
            "() => [...document.querySelectorAll('button, .button, summary, .tool, nav a')]"
            ".filter(target => target.getBoundingClientRect().height < 38).map(target => target.textContent.trim())"
        )
        assert small == [], path


@pytest.mark.parametrize(("size", "least"), [("normal", 4.5), ("large", 7.0)])
def test_every_text_stands_out_from_its_ground(clerk: Page, city: City, size: str, least: float) -> None:
    clerk.goto(f"/display/{size}")
    for path in ("/", "/bills", f"/bills/{city.bills['stay']}", f"/bills/{city.bills['cancelled']}", "/verify-bill"):
        clerk.goto(path)
        assert clerk.evaluate(FAINT_TEXTS, least) == [], path


def test_neighbouring_slices_differ_in_lightness_when_printed_in_grey(clerk: Page, city: City) -> None:
    clerk.goto(f"/bills/{city.bills['stay']}")
    fills = clerk.eval_on_selector_all(
        ".bar > svg > rect:first-child", "rects => rects.map(r => getComputedStyle(r).fill)"
    )
    greys = [lightness(fill) for fill in fills]
    assert all(abs(one - other) > 30 for one, other in pairwise(greys)), greys


def lightness(colour: str) -> float:
    """Grey value 0…255 of "rgb(r, g, b)"."""
    red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_the_browsers_own_print_leaves_out_what_paper_does_not_need(clerk: Page, city: City, artifacts: Path) -> None:
    clerk.goto(f"/bills/{city.bills['stay']}")
    clerk.emulate_media(media="print")
    assert not clerk.locator("header.top").is_visible()
    assert not clerk.locator("text=打印 PDF").is_visible()
    assert clerk.locator("text=谁付了多少").is_visible()
    clerk.pdf(path=artifacts / "bill-printed-by-browser.pdf", format="A4")


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_the_pdf_of_a_bill_is_one_page_and_its_code_is_confirmed(
    context: BrowserContext, clerk: Page, city: City, artifacts: Path
) -> None:
    answer = context.request.get(f"/bills/{city.bills['stay']}.pdf")
    file = artifacts / "bill.pdf"
    file.write_bytes(answer.body())
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True).stdout.decode()
    assert text.count("\f") == 1
    code = text.partition("校验码")[2].split("，")[0].strip()
    clerk.goto("/verify-bill")
    clerk.fill("#code", code)
    clerk.press("#code", "Enter")
    assert "真实" in clerk.inner_text(".verdict")
    clerk.screenshot(path=artifacts / "verify.png")
