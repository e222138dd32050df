"""Every case file is a test of its own, and every published worked example is among them.

A case is YAML that a policy officer can read: `tests/cases/<city>` are the four cities, `tests/cases/published` the
45 examples collected from bureaus, media and websites. An example that was printed wrong must come out right.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from yibao.benefits.case import load_case, run_case
from yibao.benefits.document import read_documents

CASES = Path(__file__).parent / "cases"
EXAMPLES = Path(__file__).parents[2] / "shared" / "reference" / "policy" / "examples.json"
CITIES = ("suizhou", "huaibei", "tongren", "jiujiang")


@cache
def documents() -> dict[Path, Mapping[str, Any]]:
    """Every case file as read; packs beside them have no title."""
    found = {path: read_documents(path).data for path in sorted(CASES.rglob("*.yaml"))}
    return {path: data for path, data in found.items() if "title" in data}


@pytest.mark.parametrize("path", [pytest.param(path, id=str(data["title"])) for path, data in documents().items()])
def test_case_comes_out_as_it_says(path: Path) -> None:
    run = run_case(load_case(path))
    assert not run.differences, "\n".join(str(difference) for difference in run.differences)


def test_no_two_cases_have_the_same_title() -> None:
    titles = [data["title"] for data in documents().values()]
    assert len(titles) == len(set(titles))


@pytest.mark.parametrize("city", CITIES)
def test_a_city_has_at_least_eight_cases(city: str) -> None:
    assert sum(path.parent.name == city for path in documents()) >= 8


@pytest.mark.parametrize("city", CITIES)
def test_the_cases_of_a_city_are_settled_under_its_own_pack(city: str) -> None:
    packs = {(path.parent / data["pack"]).resolve() for path, data in documents().items() if path.parent.name == city}
    assert packs == {(CASES.parents[1] / "areas" / city / "benefits").resolve()}


@pytest.fixture(scope="module")
def examples() -> list[dict[str, Any]]:
    if not EXAMPLES.exists():
        pytest.skip("the collection of published examples is not beside the repository")
    found: list[dict[str, Any]] = json.loads(EXAMPLES.read_text(encoding="utf-8"))["examples"]
    return found


def test_every_published_example_has_a_case(examples: list[dict[str, Any]]) -> None:
    assert {example["id"] for example in examples} - set(published_cases()) == set()


def test_every_published_example_names_its_source(examples: list[dict[str, Any]]) -> None:
    for example in examples:
        for data in published_cases()[example["id"]]:
            source = data["source"]
            assert source["grade"] == example["source_quality"][0], example["id"]
            assert source.get("url") == example["source"].get("url"), example["id"]


def test_every_correctly_printed_number_is_asserted_within_its_precision(examples: list[dict[str, Any]]) -> None:
    missing = [
        f"{example['id']} {step['name']} = {step['published']}"
        for example in examples
        if not example["use"].startswith("negative") and example["use"] != "convention-contrast"
        for step in published_steps(example, differs=False)
        if not is_asserted(step, printed(example["id"]))
    ]
    assert missing == []


def test_every_printed_error_is_contradicted_by_the_right_number(examples: list[dict[str, Any]]) -> None:
    missing = []
    for example in examples:
        for step in published_steps(example, differs=True):
            named_wrong = {Decimal(it["value"]) for it in printed(example["id"]) if "wrong" in it}
            right = Decimal(step["computed"])
            if Decimal(step["published"]) not in named_wrong or right not in expected(example["id"]):
                missing.append(f"{example['id']} {step['name']}: printed {step['published']}, right {right}")
    assert missing == []


def test_an_example_printed_wrong_says_what_the_page_got_wrong(examples: list[dict[str, Any]]) -> None:
    negative = {example["id"] for example in examples if example["use"].startswith("negative")}
    silent = [it for identity in negative for it in printed(identity) if "wrong" in it and len(it["wrong"]) < 10]
    assert negative
    assert silent == []


@cache
def published_cases() -> dict[str, list[Mapping[str, Any]]]:
    """Example id → its case files (two where two conventions are shown, or two people)."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for path, data in documents().items():
        if path.parent.name == "published":
            found.setdefault(data["source"]["id"], []).append(data)
    return found


def steps_of(identity: str) -> Iterator[Mapping[str, Any]]:
    """The bills and calculations of an example."""
    for data in published_cases()[identity]:
        calculations = data.get("calculate", [])
        yield from data.get("visits", [])
        yield from calculations if isinstance(calculations, list) else [calculations]


def printed(identity: str) -> list[Mapping[str, Any]]:
    return [item for step in steps_of(identity) for item in step.get("published", [])]


def expected(identity: str) -> set[Decimal]:
    """Every amount that the cases of an example expect to the fen."""
    amounts = [value for step in steps_of(identity) for value in step["expect"].values()]
    return {Decimal(value) for value in amounts if isinstance(value, int | Decimal)}


def published_steps(example: Mapping[str, Any], differs: bool) -> list[Mapping[str, Any]]:
    return [step for step in example["steps"] if "published" in step and (step["match"] == "differs") == differs]


def is_asserted(step: Mapping[str, Any], items: list[Mapping[str, Any]]) -> bool:
    """Is the printed number claimed, no more loosely than its source allows?"""
    allowed = Decimal(step.get("published_precision", 0))
    return any(
        Decimal(item["value"]) == Decimal(step["published"]) and Decimal(item.get("precision", 0)) <= allowed
        for item in items
        if "wrong" not in item
    )
