"""docs/supervision-rules.md says of every rule what the catalogue says."""

import re
from pathlib import Path

from yibao.supervision.knowledge.built_in import built_in_points
from yibao.supervision.knowledge.catalogue import Entry, catalogue

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "supervision-rules.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([NX]\d\d) \|.*$", PAGE, re.MULTILINE)
CODES = set(re.findall(r"^\| (V1\d\d) \|", PAGE, re.MULTILINE))
ONLY_AFTER_IMPORT = {"药品限适应症", "药品限二线使用"}
"""Published, and read by an import, but in words only: no point of theirs comes with the platform."""


def knowledge_of(rule: Entry) -> str:
    """Where a rule's points come from."""
    batches = {one.batch for one in built_in_points() if one.rule == rule.knowledge}
    if not rule.knowledge:
        return "–" if rule.rows else "area"
    if not batches:
        return "words only" if rule.knowledge in ONLY_AFTER_IMPORT else "awaited"
    return "own" if batches == {"own"} else "published"


def row_of(rule: Entry) -> str:
    """The line of a covered rule in the page's table."""
    stages = " ".join(rule.stages)
    mark = "unverified" if rule.unverified else ""
    cells = (rule.rule_id, rule.name, f"`{rule.kind}`", rule.severity, stages, knowledge_of(rule), mark, rule.limits)
    return "| " + " | ".join(cells) + " |"


def needed_row_of(rule: Entry) -> str:
    """The line of a rule that is not covered."""
    return f"| {rule.rule_id} | {rule.name} | {rule.needs} |"


def test_the_tables_of_rules_are_the_catalogue() -> None:
    lines = set(PAGE.splitlines())
    wanted = [row_of(one) if one.covered else needed_row_of(one) for one in catalogue().values()]
    assert [row for row in wanted if row not in lines] == []
    assert sorted(ROWS) == sorted(catalogue())


def test_the_refusals_of_knowledge_are_explained_and_no_other() -> None:
    folder = Path(__file__).resolve().parents[3] / "src" / "yibao" / "supervision" / "knowledge"
    used = {code for path in folder.glob("*.py") for code in re.findall(r'"(V1\d\d)"', path.read_text("utf-8"))}
    assert used == CODES
