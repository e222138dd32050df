"""Every refusal code of the directory is documented, and nothing else is; those of population: tests/test_docs.py."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_codes_of_the_directory_are_those_of_its_page() -> None:
    sources = [path.read_text() for path in (ROOT / "src" / "yibao" / "directory").glob("*.py")]
    used = {code for text in sources for code in re.findall(r'"(D\d{3})"', text)}
    documented = set(re.findall(r"^\| (D\d{3}) \|", (ROOT / "docs" / "directory.md").read_text(), re.MULTILINE))
    assert used == documented
