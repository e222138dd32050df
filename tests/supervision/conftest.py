"""Spark on this machine, once for all tests that compare engines."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from yibao.supervision.audit.engines import Limits, engine_of


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An engine on Spark; without Java there is none."""
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17, which this machine does not have")
    pytest.importorskip("pyspark")
    scratch: Path = tmp_path_factory.mktemp("spark")
    with engine_of("spark", Limits(memory="1GB"), scratch) as engine:
        engine.backend._session.conf.set("spark.sql.shuffle.partitions", "1")
        yield engine
