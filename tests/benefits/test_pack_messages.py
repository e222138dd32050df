"""A wrong pack says what, where and what is allowed: file, line, key."""
# ruff: noqa: E501  (the YAML of one layer reads best on one line)

from pathlib import Path

import jsonschema
import pytest

from yibao.benefits import PackError, load_pack
from yibao.benefits.case_schema import case_schema
from yibao.benefits.schema import pack_schema

GOOD = """\
area: {code: "421300", name: 随州市}
sources:
  doc: {title: 随政发〔2023〕21号, grade: D}
parameters:
  d:
    values:
      - from: 2023-01-01
        source: doc
        rows:
          - {when: {level: 1}, is: 400}
          - {is: 800}
layers:
  basic:
    title: 统筹
    base: [in_scope]
    deductible: d
    percent: 80
  large:
    title: 大额
    base: [basic.over_cap]
schemes:
  - {name: 住院, when: {care: inpatient}, layers: [basic, large]}
"""


def problems(tmp_path: Path, *changes: tuple[str, str]) -> list[str]:
    text = GOOD
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "pack.yaml"
    file.write_text(text, encoding="utf-8")
    try:
        load_pack(file)
    except PackError as error:
        return [str(problem).removeprefix(str(file)) for problem in error.problems]
    return []


def test_the_good_pack_is_good(tmp_path: Path) -> None:
    assert problems(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: 大额", "titel: 大额", ":19: layers.large.titel: unknown key; known here: title, when, from"),
        ("title: 大额", "note2: 大额", ":18: layers.large: the key `title` is missing"),
        ("level: 1", "levle: 1", ":10: parameters.d.values[0].rows[0].when.levle: unknown key; known here: insurance"),
        ("level: 1", "level: 11", ":10: parameters.d.values[0].rows[0].when.level: `11` must be one of 1, 2, 3, 9"),
        ("level: 1", "level: [1, 4]", ":10: parameters.d.values[0].rows[0].when.level[1]: `4` must be one of 1, 2, 3, 9"),
        ("care: inpatient", "care: impatient", ":22: schemes[0].when.care: `impatient` must be one of outpatient, "),
        ("deductible: d", "deductible: dd", ":16: layers.basic.deductible: no parameter is called dd (there are: d)"),
        ("source: doc", "source: dok", ":8: parameters.d.values[0].source: no source is called dok (there are: doc)"),
        ("[basic.over_cap]", "[basic.paid]", ":20: layers.large.base[0]: `basic.paid` is already paid"),
        ("[basic.over_cap]", "[basis.copay]", ":20: layers.large.base[0]: no layer makes `basis.copay`"),
        ("[in_scope]", "[inscope]", ":15: layers.basic.base[0]: no portion is called `inscope`"),
        ("[basic, large]", "[large, basic]", ":22: schemes[0].layers[0]: takes what `basic` leaves, but `basic` comes later"),
        ("[basic, large]", "[basic, lage]", ":22: schemes[0].layers[1]: no layer is called `lage`"),
        ("percent: 80", "percent: 101", ":17: layers.basic.percent: a percent is more than 100"),
        ("percent: 80", "percent: true", ":17: layers.basic.percent: `True` must be a number or text or a list"),
        ("percent: 80", "percent: d", ":10: parameters.d.values[0].rows[0].is: a percent is more than 100"),
        ("is: 800", "is: 800.005", ":11: parameters.d.values[0].rows[1].is: 800.005 has more than two decimals"),
        ("is: 800", "is: unlimited", ":11: parameters.d.values[0].rows[1].is: 'unlimited' cannot stand where an amount"),
        ("from: 2023-01-01", "from: 2023-02-30", ":7: parameters.d.values[0].from: 2023-02-30 is no day of the calendar"),
        ("{level: 1}", "{tags: 低宝}", ":10: parameters.d.values[0].rows[0].when.tags: tag 低宝 is not known"),
        ("percent: 80", "percent: 80\n    percent: 70", ":18: layers.basic.percent: stands twice"),
        ("percent: 80", "fixed: 80\n    percent: 80", ":17: layers.basic.fixed: stands alone"),
        ("percent: 80", "percent: 80\n    less: recorded", ":18: layers.basic.less: means something only with"),
        ("layers:\n", "layers:\n\t", ":13: (syntax): no YAML"),
    ],
)  # fmt: skip
def test_a_wrong_pack_points_at_file_line_and_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    found = problems(tmp_path, (old, new))
    assert any(it.startswith(message) for it in found), found


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, ("title: 大额", "titel: 大额"), ("level: 1", "levle: 1"))
    assert len(found) == 3


def test_periods_of_one_parameter_must_not_overlap(tmp_path: Path) -> None:
    second = "      - {from: 2024-01-01, is: 700}\nlayers:\n"
    assert any("overlaps the period from 2023-01-01" in it for it in problems(tmp_path, ("layers:\n", second)))
    assert problems(tmp_path, ("        source: doc", "        to: 2023-12-31"), ("layers:\n", second)) == []


def test_one_pool_counts_one_thing(tmp_path: Path) -> None:
    caps = "percent: 80\n    caps: [{limit: 5, pool: p}]"
    other = "base: [basic.over_cap]\n    caps: [{limit: 5, pool: p, counts: fees}]"
    found = problems(tmp_path, ("percent: 80", caps), ("base: [basic.over_cap]", other))
    assert any("pool `p` counts" in it for it in found)


def test_a_missing_file_is_a_problem_and_not_a_traceback(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="cannot be read"):
        load_pack(tmp_path / "nowhere.yaml")


def test_a_pack_may_be_a_folder_of_files(tmp_path: Path) -> None:
    head, mark, rest = GOOD.partition("layers:\n")
    (tmp_path / "a.yaml").write_text(head, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(mark + rest, encoding="utf-8")
    assert load_pack(tmp_path).area_name == "随州市"
    (tmp_path / "c.yaml").write_text("schemes: []\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"c\.yaml:1: schemes: stands in two files"):
        load_pack(tmp_path)


def test_the_version_changes_with_the_content(tmp_path: Path) -> None:
    file = tmp_path / "pack.yaml"
    versions = []
    for text in (GOOD, GOOD.replace("percent: 80", "percent: 81"), GOOD):
        file.write_text(text, encoding="utf-8")
        versions.append(load_pack(file).version)
    assert versions[0] == versions[2] != versions[1]


def test_numbers_are_exact_and_quoted_text_stays_text(tmp_path: Path) -> None:
    pack_file = tmp_path / "pack.yaml"
    pack_file.write_text(GOOD.replace("is: 800", "is: 0.29").replace("percent: 80", "percent: 87.55"), encoding="utf-8")
    layer = load_pack(pack_file).layers["basic"]
    assert layer.deductible is not None
    assert layer.deductible.standard.blocks[0].rows[1].amount == 29
    assert layer.percent is not None
    assert layer.percent.blocks[0].rows[0].amount[0][1] == 8_755  # type: ignore[index]


def test_both_schemas_are_valid_json_schema() -> None:
    for schema in (pack_schema(), case_schema()):
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_example_pack_of_the_page_loads_and_its_case_passes(tmp_path: Path) -> None:
    from yibao.benefits.case import load_case, run_case

    page = (Path(__file__).parents[2] / "docs" / "policy-pack.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```yaml\n")[1:]]
    (tmp_path / "yubei.yaml").write_text(blocks[0], encoding="utf-8")
    (tmp_path / "case.yaml").write_text(blocks[1], encoding="utf-8")
    assert run_case(load_case(tmp_path / "case.yaml")).differences == []


def test_every_fact_of_the_schema_stands_on_the_page() -> None:
    from yibao.benefits import FACTS

    page = (Path(__file__).parents[2] / "docs" / "policy-pack.md").read_text(encoding="utf-8")
    for name, fact in FACTS.items():
        assert f"`{name}`" in page, name
        for value in fact.values or ():
            assert f"`{value}`" in page, f"{name}: {value}"


def test_every_key_of_the_schema_stands_on_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "policy-pack.md").read_text(encoding="utf-8")
    schema = pack_schema()
    keys = {*schema["properties"], *schema["properties"]["layers"]["additionalProperties"]["properties"]}
    keys |= {*schema["$defs"]["adjust_row"]["properties"], *schema["$defs"]["block"]["properties"]}
    assert [key for key in sorted(keys) if f"`{key}" not in page and f"{key}:" not in page] == []
