"""`yibao user` makes users of the pages, bound to what exists."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from yibao.core.database import Database, connect
from yibao.web.accounts import Visitor, check_password
from yibao.web.user_commands import user_app


@pytest.fixture
def place(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))

    async def with_village() -> None:
        connection = await connect(database_url)
        await connection.execute("insert into directory.division values ('340621101201', null, '示例村', 5)")
        await connection.close()

    asyncio.run(with_village())
    return database_url


def called(*arguments: str) -> Result:
    return CliRunner().invoke(user_app, list(arguments))


def signed_in(url: str, name: str, password: str) -> Visitor | None:
    async def check() -> Visitor | None:
        database = await Database.open(url)
        try:
            return await check_password(database, name, password)
        finally:
            await database.close()

    return asyncio.run(check())


def test_a_user_signs_in_with_the_password_that_was_printed_once_until_he_is_removed(place: str) -> None:
    made = json.loads(
        called("create", "li", "李征缴", "--role", "collector", "--bound-to", "340621101201", "--generate").stdout
    )
    found = signed_in(place, "li", made["password"])
    assert found is not None
    assert (found.role, found.area) == ("collector", "340621101201")
    assert made["password"] not in called("list").stdout
    assert called("remove", "li").exit_code == 0
    assert signed_in(place, "li", made["password"]) is None


def test_a_department_belongs_to_its_city(place: str) -> None:
    department = ("create", "mz", "民政局", "--role", "department", "--bound-to", "civil_affairs", "--generate")
    made = json.loads(called(*department, "--city", "340600").stdout)
    found = signed_in(place, "mz", made["password"])
    assert found is not None
    assert (found.department, found.area) == ("civil_affairs", "340600")
    assert "P801" in called(*department[:6], "no_such_office", "--city", "340600", "--generate").stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--role", "king", "--generate"), "W612"),
        (("--role", "employer", "--generate"), "W613"),
        (("--role", "leader", "--bound-to", "340600", "--generate"), "W613"),
        (("--role", "insured", "--bound-to", "nobody", "--generate"), "W614"),
    ],
)
def test_what_does_not_fit_is_refused_and_nobody_is_made(place: str, arguments: tuple[str, ...], code: str) -> None:
    done = called("create", "x", "某人", *arguments)
    assert (done.exit_code, code in done.stderr) == (1, True)
    assert json.loads(called("list").stdout) == []


def test_a_short_password_is_refused(place: str) -> None:
    done = CliRunner().invoke(user_app, ["create", "zhang", "张", "--role", "clerk"], input="short\n")
    assert (done.exit_code, "W615" in done.stderr) == (1, True)


def test_removing_nobody_is_told(place: str) -> None:
    assert "W611" in called("remove", "nobody").stderr
