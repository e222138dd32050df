"""One small city, built once and only read."""

import pytest

from yibao.simulate import City, build_city


@pytest.fixture(scope="session")
def small_city() -> City:
    return build_city("huaibei", 20_000, seed=7)
