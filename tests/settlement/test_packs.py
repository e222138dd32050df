"""The policy packs of a server."""

from pathlib import Path

import pytest

from yibao.benefits.book import PackBook
from yibao.core.config import ConfigurationError
from yibao.core.errors import Refused


def test_a_server_without_any_policy_pack_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="YIBAO_AREAS"):
        PackBook.load(tmp_path)


def test_an_area_without_a_pack_on_this_platform_is_refused_with_what_to_do() -> None:
    with pytest.raises(Refused, match="S001"):
        PackBook({}).pack_of("110000")
