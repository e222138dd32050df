"""Services and consumables of the made-up catalogue, see `yibao.simulate.catalogue`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass
