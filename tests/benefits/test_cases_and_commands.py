"""Case files and the command line: what passes, what fails and how it is told."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from yibao.benefits.commands import benefits_app, policy_app

PACK = """\
area: {code: "000000", name: 某市}
layers:
  basic: {title: 统筹, base: [in_scope], deductible: 500, percent: 80, fund: {type: "310100", column: hifp_pay}}
  serious: {title: 大病, when: {tags: 低保}, base: [basic.copay], percent: 50, fund: {type: "390200", column: hifmi_pay}}
schemes: [{name: 住院, when: {care: inpatient}, layers: [basic, serious]}]
refusals: [{code: third_party, when: {third_party: true}, message: 由第三人负担}]
maternity_allowance: {days: 98}
premium: {personal: 380, fiscal: 640, subsidy_percent: [{rows: [{when: {tags: 低保}, is: 90}, {is: 0}]}]}
waiting: {fixed: 3, per_break_year: 1, repaired_per_year: 1, long_break_years: 4, long_break_floor: 6}
"""
CASE = """\
title: 一次住院，再一次住院
pack: pack.yaml
visits:
  - date: 2024-05-01
    facts: {care: inpatient}
    lines: [{amount: 4.52, class: 乙, self_pay_percent: 5}, {amount: 1000}]
    portions: {full_self_pay: 10}
    expect:
      prepay: 0.23
      basic.deductible: 500
      basic.paid: 403.43
      basic.paid + basic.copay: 504.29
      total - fund: 611.09
      hifp_pay: 403.43
      serious.paid: 0
      2024:admissions: 1
      explanation: ["504.29 × 80% = 403.43"]
  - date: 2024-06-01
    facts: {care: inpatient, third_party: true}
    portions: {in_scope: 1}
    expect: {refusal: third_party}
"""
app = typer.Typer()
app.add_typer(benefits_app, name="benefits")
app.add_typer(policy_app, name="policy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK, encoding="utf-8")
    (tmp_path / "case.yaml").write_text(CASE, encoding="utf-8")
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def write(folder: Path, text: str) -> Path:
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    return folder / "case.yaml"


def test_check_runs_every_case_of_a_folder(folder: Path) -> None:
    result = run("benefits", "check", folder)
    assert (result.exit_code, result.output.strip()) == (0, "1 passed, 0 failed")


def test_check_tells_each_difference_with_its_line_in_fen(folder: Path) -> None:
    write(folder, CASE.replace("basic.paid: 403.43", "basic.paid: 403.44"))
    result = run("benefits", "check", folder)
    assert result.exit_code == 1
    assert f"{folder / 'case.yaml'}:11: basic.paid: expected 403.44, got 403.43 (-1 fen)" in result.output
    assert "0 passed, 1 failed" in result.output


def test_check_as_json_for_programs(folder: Path) -> None:
    write(folder, CASE.replace("prepay: 0.23", "prepay: 0.24"))
    found = json.loads(run("benefits", "check", folder, "--json").stdout)
    assert (found["passed"], found["failed"], len(found["differences"])) == (0, 1, 1)


def test_a_refusal_that_does_not_come_is_a_difference(folder: Path) -> None:
    write(folder, CASE.replace(", third_party: true", ""))
    result = run("benefits", "check", folder)
    assert "refusal: expected third_party, got no refusal" in result.output


def test_a_sentence_that_the_explanation_does_not_say_is_a_difference(folder: Path) -> None:
    write(folder, CASE.replace("× 80%", "× 85%"))
    assert "does not say “504.29 × 85% = 403.43”" in run("benefits", "check", folder).output


@pytest.mark.parametrize(
    ("published", "exit_code"),
    [
        ("{of: basic.paid, value: 403.43}", 0),
        ("{of: basic.paid, value: 403, precision: 0.5}", 0),
        ("{of: basic.paid, value: 402, precision: 0.5}", 1),
        ("{of: basic.paid, value: 450, wrong: 忘扣起付线}", 0),
        ("{of: basic.paid, value: 403.43, wrong: 忘扣起付线}", 1),
    ],
)
def test_published_figures_match_within_precision_or_are_known_to_be_wrong(
    folder: Path, published: str, exit_code: int
) -> None:
    write(folder, CASE.replace("  - date: 2024-06-01", f"    published: [{published}]\n  - date: 2024-06-01"))
    assert run("benefits", "check", folder).exit_code == exit_code


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("basic.paid: 403", "basci.paid: 403", ":11: visits[0].expect.basci.paid: no result is called `basci.paid`"),
        ("portions: {full_self_pay", "portions: {fullselfpay", ":7: visits[0].portions: the visit has a portion fullselfpay"),
        ("facts: {care: inpatient}", "facts: {cares: inpatient}", ":5: visits[0].facts.cares: unknown key"),
        ("pack: pack.yaml", "pack: nowhere.yaml", "nowhere.yaml:1: (file): cannot be read"),
        ("visits:", "visit:", ":3: visit: unknown key"),
    ],
)  # fmt: skip
def test_a_wrong_case_points_at_its_place_and_exits_with_two(folder: Path, old: str, new: str, message: str) -> None:
    write(folder, CASE.replace(old, new))
    result = run("benefits", "check", folder)
    assert result.exit_code == 2
    assert message in result.output


def test_evaluate_explains_every_bill(folder: Path) -> None:
    result = run("benefits", "evaluate", folder / "case.yaml")
    assert result.exit_code == 0
    assert "504.29 × 80% = 403.43" in result.output
    assert "不予支付：[third_party]" in result.output


def test_evaluate_under_another_pack_as_json(folder: Path) -> None:
    other = folder / "other.yaml"
    other.write_text(PACK.replace("percent: 80", "percent: 90"), encoding="utf-8")
    found = json.loads(run("benefits", "evaluate", "--pack", other, folder / "case.yaml", "--json").stdout)
    assert found["bills"][0]["totals"]["fund"] == 45_386
    assert found["bills"][0]["lines"][0]["prepay"] == 23
    assert found["accumulators"]["2024:admissions"] == 1


def test_evaluate_with_a_wrong_pack_exits_with_two(folder: Path) -> None:
    (folder / "pack.yaml").write_text(PACK.replace("percent: 80", "percents: 80"), encoding="utf-8")
    result = run("benefits", "evaluate", folder / "case.yaml")
    assert result.exit_code == 2
    assert "pack.yaml:3: layers.basic.percents: unknown key" in result.output


def test_check_accepts_a_pack_alone_and_says_what_is_wrong_with_it(folder: Path) -> None:
    assert run("benefits", "check", folder / "pack.yaml").exit_code == 0
    (folder / "pack.yaml").write_text(PACK.replace("percent: 80", "percents: 80"), encoding="utf-8")
    assert run("benefits", "check", folder / "pack.yaml").exit_code == 2


def test_check_of_a_folder_without_cases_checks_the_packs_below(folder: Path) -> None:
    (folder / "case.yaml").unlink()
    (folder / "city").mkdir()
    (folder / "pack.yaml").rename(folder / "city" / "pack.yaml")
    (folder / "city" / "more.yaml").write_text("note: 第二个文件\n", encoding="utf-8")
    assert run("benefits", "check", folder).exit_code == 0
    (folder / "city" / "more.yaml").write_text("nota: 第二个文件\n", encoding="utf-8")
    assert "more.yaml:1: nota: unknown key" in run("benefits", "check", folder).output


def test_check_of_nothing_is_no_success(tmp_path: Path) -> None:
    assert run("benefits", "check", tmp_path).exit_code == 2
    assert run("benefits", "check", tmp_path / "nowhere.yaml").exit_code == 2


def test_schema_is_printed_for_packs_and_cases() -> None:
    assert "layers" in json.loads(run("policy", "schema").stdout)["properties"]
    assert "visits" in json.loads(run("policy", "schema", "--case").stdout)["properties"]


@pytest.mark.parametrize(
    "step",
    [
        "{rule: maternity_allowance, given: {average_monthly_wage: 8000, date: 2024-01-01}, expect: {allowance: 26133.33, days: 98}}",
        "{rule: premium, given: {facts: {tags: [低保]}, date: 2024-01-01}, expect: {subsidy: 342, personal: 38}}",
        "{rule: financing, given: {date: 2024-01-01}, expect: {personal: 0.3725, fiscal: 0.6275}}",
        "{rule: waiting, given: {break_years: 5, repaired_years: 2}, expect: {months: 6, before_repair: 8}}",
        "{rule: year, given: {admitted: 2022-12-25, discharged: 2023-01-02}, expect: {year: 2023}}",
    ],
)
def test_calculations_that_settle_no_bill_are_cases_too(folder: Path, step: str) -> None:
    write(folder, f"title: 一项计算\npack: pack.yaml\ncalculate: {step}\n")
    assert run("benefits", "check", folder).output.strip() == "1 passed, 0 failed"


def test_a_calculation_without_what_it_needs_says_so(folder: Path) -> None:
    write(folder, "title: 一项计算\npack: pack.yaml\ncalculate: {rule: premium, expect: {personal: 1}}\n")
    result = run("benefits", "check", folder)
    assert result.exit_code == 2
    assert "case.yaml:3: calculate: `given.date` is needed for this rule" in result.output


def test_a_pack_may_stand_inside_the_case_and_its_faults_point_into_the_case(folder: Path) -> None:
    inner = "".join(f"    {line}\n" for line in PACK.splitlines())
    write(folder, CASE.replace("pack: pack.yaml", f"pack:\n  inline:\n{inner}".rstrip()))
    assert run("benefits", "check", folder / "case.yaml").exit_code == 0
    write(
        folder,
        CASE.replace("pack: pack.yaml", f"pack:\n  inline:\n{inner}".rstrip().replace("care: inpa", "car: inpa")),
    )
    assert "case.yaml:8: schemes[0].when.car: unknown key" in run("benefits", "check", folder / "case.yaml").output
