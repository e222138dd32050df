"""`yibao city` as people call it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from yibao.core.config import ConfigurationError
from yibao.core.database import connect
from yibao.simulate.commands import city_app, read_about

BUILD = ("build", "--area", "huaibei", "--people", "60000", "--scale", "0.01", "--year", "2021", "--seed", "4")


def run(*arguments: str):
    return CliRunner().invoke(city_app, list(arguments), catch_exceptions=False)


@pytest.fixture(scope="module")
def lake(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("city") / "lake"
    assert run(*BUILD, "--to", str(folder), "--processes", "1").exit_code == 0
    return folder


def test_a_lake_says_which_city_it_is_of(lake):
    about = read_about(lake)
    assert (about.area, about.year, about.seed, about.people) == ("huaibei", 2021, 4, 600)
    assert about.visits > 1_000


def test_a_folder_that_is_no_lake_is_refused(tmp_path):
    with pytest.raises(ConfigurationError, match="is no lake of yibao city build"):
        read_about(tmp_path)


def test_an_existing_lake_is_not_written_over(lake):
    with pytest.raises(ConfigurationError, match="is not empty"):
        run(*BUILD, "--to", str(lake))


async def counted(url: str) -> tuple[int, int]:
    connection = await connect(url)
    try:
        persons = await connection.fetchval("select count(*) from population.person")
        return int(persons), int(await connection.fetchval("select count(*) from settlement.settlement"))
    finally:
        await connection.close()


def test_a_lake_is_loaded_once(lake, database_url, monkeypatch):
    import asyncio

    monkeypatch.setenv("YIBAO_DATABASE_URL", database_url)
    assert run("load", str(lake), "--months", "1").exit_code == 0
    persons, bills = asyncio.run(counted(database_url))
    assert persons == 600
    assert 200 < bills < read_about(lake).visits / 6
    with pytest.raises(ConfigurationError, match="holds a made-up city already"):
        run("load", str(lake))
