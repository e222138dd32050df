"""The documentation speaks of this code: refusal codes, environment variables, commands, files."""

import re
from pathlib import Path

import pytest

from yibao.cli import ELSEWHERE

ROOT = Path(__file__).parents[1]
PAGES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
SOURCES = [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.sql")]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
PAGES_OF_CODES = {
    "C": ("rosters",),
    "D": ("directory",),
    "E": ("enrolment",),
    "G": ("gateway",),
    "P": ("population", "enrolment", "contributions", "rosters", "campaign"),
    "S": ("settlement",),
    "V": (
        "supervision", "supervision-rules", "supervision-audit", "supervision-counter", "supervision-casework",
        "supervision-monitoring",
    ),
    "W": ("web", "supervision-casework", "supervision-counter", "supervision-monitoring"),
}  # fmt: skip


def codes_of(text: str) -> set[str]:
    """Refusal codes in a text; `S201–S209` is all of them."""
    found = set(re.findall(r"\b[A-Z]\d{3}\b", text))
    for letter, first, last in re.findall(r"\b([A-Z])(\d{3})–[A-Z]?(\d{3})\b", text):
        found |= {f"{letter}{number:03d}" for number in range(int(first), int(last) + 1)}
    return found


@pytest.mark.parametrize(("letter", "pages"), PAGES_OF_CODES.items())
def test_every_refusal_code_is_explained_on_the_pages_of_its_area_and_no_other(
    letter: str, pages: tuple[str, ...]
) -> None:
    used = set(re.findall(rf'"({letter}\d{{3}})"', CODE))
    explained = set().union(*(codes_of(PAGES[page]) for page in pages if page in PAGES))
    assert {code for code in explained if code[0] == letter} == used


def test_every_environment_variable_stands_in_operations() -> None:
    read = set(re.findall(r'"(YIBAO_[A-Z_]+)"', CODE))
    assert read <= set(re.findall(r"`(YIBAO_[A-Z_]+)`", PAGES["operations"]))


def test_every_command_is_named_in_the_documentation() -> None:
    text = "\n".join(PAGES.values())
    commands = {*ELSEWHERE, "up", "migrate", "backup", "restore"}
    assert {name for name in commands if not re.search(rf"yibao {name}\b", text)} == set()


def test_every_file_of_the_repository_that_a_page_names_exists() -> None:
    named = {
        path
        for text in PAGES.values()
        for path in re.findall(r"`((?:src|tests|areas|benchmarks|scripts)/[\w./-]+)`", text)
    }
    assert len(named) > 20
    assert {path for path in named if not (ROOT / path).exists()} == set()
