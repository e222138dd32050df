"""`yibao enrol` runs a bureau's desk without pages."""

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from yibao.core import dates
from yibao.population.enrolment.commands import enrol_app
from yibao.population.enrolment.employers import check_character
from yibao.population.identity import identity_number

Run = Callable[..., Any]
MOTHER, FATHER = (identity_number("340600", date(1990, 1, 1), n) for n in (2, 1))
FIRST_SEVENTEEN = "91340600MA2N0000X"


@pytest.fixture
def run(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setattr(dates, "now", lambda: datetime(2024, 6, 1, 9, 0, 0))

    def run(*words: str, code: int = 0) -> Any:
        done = CliRunner().invoke(enrol_app, list(words), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout) if done.stdout.strip() else done.stderr

    return run


def test_a_life_at_the_desk_from_registration_to_death(run: Run) -> None:
    mother = run("register", MOTHER, "测试甲", "--area", "340600")["psn_no"]
    assert "P111" in run("register", MOTHER, "测试甲", "--area", "340600", code=1)
    number = run("start", mother, "resident", "15", "--area", "340600", "--day", "2024-01-01")["psn_insu_rlts_id"]
    run("suspend", str(number), "--day", "2024-03-01")
    run("resume", str(number), "--day", "2024-04-01")
    child = run("newborn", mother, "O340000001", "2024-05-20", "1", "--area", "340600")
    assert (child["psn_name"], child["covered_from"]) == ("测试甲之子", "2024-05-20")
    run("certificate", mother, "16", "E1234567")
    stopped = run("death", mother, "2024-05-30", "--source", "公安")["stopped"]
    assert stopped["enrolment"] == [str(number)]
    kinds = [event["kind"] for event in run("timeline", mother)]
    assert kinds == [
        "died",
        "ended",
        "certificate_added",
        "household_joined",
        "resumed",
        "suspended",
        "enrolled",
        "registered",
    ]


def test_an_employee_comes_from_another_city_and_leaves(run: Run) -> None:
    uscc = FIRST_SEVENTEEN + check_character(FIRST_SEVENTEEN)
    emp_no = run("employer", uscc, "测试公司", "--area", "340600", "--day", "2020-01-01")["emp_no"]
    psn_no = run("register", FATHER, "测试乙", "--area", "340600")["psn_no"]
    enrol = ("start", psn_no, "employee", "11", "--area", "340600", "--emp-no", emp_no, "--reason", "hired")
    run("elsewhere", FATHER, "320100", "--begun", "2020-01-01")
    assert "P171" in run(*enrol, code=1)
    run("elsewhere", FATHER, "320100", "--suspended")
    assert "2024-06-01 15:00:00" in run(*enrol, code=1)


def test_two_records_of_one_person_become_one(run: Run) -> None:
    kept = run("register", MOTHER, "测试甲", "--area", "340600")["psn_no"]
    passport = (
        "register",
        "E1234567",
        "测试甲",
        "--area",
        "340600",
        "--kind",
        "16",
        "--sex",
        "2",
        "--born",
        "1990-01-01",
    )
    assert "P116" in run(*passport, code=1)
    double = run(*passport, "--confirmed")["psn_no"]
    assert run("merge", double, kept)["survivor"] == kept


def test_a_table_with_a_fault_is_answered_and_loads_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "persons.csv"
    head, good = "证件号码,姓名,险种,参保身份,人员类别,参保日期", f"{MOTHER},测试甲,310,退休,12,2024-01-01"
    file.write_text(f"{head}\n{good}\n340600198002290019,测试乙,,,,\n", encoding="utf-8")
    assert run("import", str(file), "--area", "340600", code=1)["faults"]["3"][0]["code"] == "P101"
    file.write_text(f"{head}\n{good}\n", encoding="utf-8")
    assert run("import", str(file), "--area", "340600")["enrolled"] == 1
    assert run("import", str(file), "--area", "340600")["known"] == 1


def test_a_household_is_founded_joined_and_handed_on(run: Run) -> None:
    mother, father = (
        run("register", certno, name, "--area", "340600")["psn_no"]
        for certno, name in ((MOTHER, "测试甲"), (FATHER, "测试乙"))
    )
    household = run("household", father)["household_no"]
    assert "P133" in run("join", household, mother, "xx", code=1)
    run("join", household, mother, "12")
    assert "P134" in run("leave", father, code=1)
    run("head", household, mother)
    run("leave", father)
    assert run("timeline", father)[0]["kind"] == "household_left"


def test_an_employer_closes_when_nobody_works_there_any_more(run: Run) -> None:
    uscc = FIRST_SEVENTEEN + check_character(FIRST_SEVENTEEN)
    worker = run("register", FATHER, "测试乙", "--area", "340600")["psn_no"]
    emp_no = run("employer", uscc, "测试单位", "--area", "340600", "--day", "2020-01-01")["emp_no"]
    number = run("start", worker, "employee", "11", "--area", "340600", "--emp-no", emp_no, "--day", "2024-01-01")
    assert "P145" in run("close-employer", emp_no, "--reason", "注销", code=1)
    run("suspend", str(number["psn_insu_rlts_id"]), "--day", "2024-05-01", "--reason", "left_employer")
    run("close-employer", emp_no, "--reason", "注销")
    assert "P144" in run("close-employer", emp_no, "--reason", "注销", code=1)
