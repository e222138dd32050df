"""Every refusal code of directory and population is documented, and nothing else is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("area", ["directory", "population"])
def test_the_codes_of_an_area_are_those_of_its_page(area: str) -> None:
    sources = [path.read_text() for path in (ROOT / "src" / "yibao" / area).glob("*.py")]
    used = {code for text in sources for code in re.findall(r'"([PD]\d{3})"', text)}
    documented = set(re.findall(r"^\| ([PD]\d{3}) \|", (ROOT / "docs" / f"{area}.md").read_text(), re.MULTILINE))
    assert used == documented
