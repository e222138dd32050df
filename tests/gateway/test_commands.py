"""`yibao credential` gives an institution access and takes it away."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yibao.core.database import connect
from yibao.gateway.commands import credential_app
from yibao.gateway.credentials import read_credential

KEY = "00" * 32
CODE = "H34060000009"
INSTITUTION = """
insert into directory.institution
  (fixmedins_code, fixmedins_name, fixmedins_type, hosp_lv, level, admdvs, contract_from)
values ($1, '医院', '1', '2', 2, '340602', '2024-01-01')
"""


@pytest.fixture
def place(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    monkeypatch.setenv("YIBAO_KEY", KEY)
    monkeypatch.setenv("YIBAO_HOME", str(tmp_path))
    return database_url


def called(*arguments: str) -> object:
    done = CliRunner().invoke(credential_app, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_a_created_credential_opens_and_a_revoked_one_does_not(place: str) -> None:
    import asyncio

    async def with_institution() -> None:
        connection = await connect(place)
        await connection.execute(INSTITUTION, CODE)
        await connection.close()

    async def known(access_key: str) -> object:
        connection = await connect(place)
        try:
            return await read_credential(connection, bytes.fromhex(KEY), access_key)
        finally:
            await connection.close()

    asyncio.run(with_institution())
    made = called("create", CODE, "--require-digest")
    assert isinstance(made, dict)
    credential = asyncio.run(known(made["access_key"]))
    assert credential is not None
    assert (credential.secret, credential.require_digest) == (made["secret"], True)  # type: ignore[attr-defined]
    listed = called("list")
    assert isinstance(listed, list)
    assert [(row["access_key"], row["status"]) for row in listed] == [(made["access_key"], "active")]
    assert made["secret"] not in json.dumps(listed)
    called("revoke", made["access_key"])
    assert asyncio.run(known(made["access_key"])) is None
