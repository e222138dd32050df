"""The lake of an audit as kinds see it: files that reach back far enough, opened once for all kinds that need them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yibao.supervision.audit.engines import Engine
from yibao.supervision.audit.files import LakeFile, paths_of, reach
from yibao.supervision.tables import TABLES

if TYPE_CHECKING:
    from yibao.supervision.lake import Lake


class Reader:
    """Lakes by how far they reach back from the fresh files."""

    def __init__(self, engine: Engine, lake: Path, files: Sequence[LakeFile], fresh: Sequence[LakeFile]) -> None:
        self.engine = engine
        self.lake = lake
        self.files = files
        self.fresh = fresh
        self._opened: dict[int, Lake] = {}

    def reaching(self, looks_back: int) -> "Lake":
        """The tables with all files that a kind which looks back so many days needs."""
        first = reach(self.fresh, looks_back)
        near = [one for one in self.files if one.month is None or first is None or one.month >= first]
        if len(near) not in self._opened:  # files are left out from the oldest on: their number tells which
            self._opened[len(near)] = self._open(near)
        return self._opened[len(near)]

    def _open(self, near: Sequence[LakeFile]) -> "Lake":
        from yibao.supervision.lake import Lake, has_cancellations, lake_of

        tables = {table: self.engine.read(paths_of(self.lake, near, table)) for table in TABLES.values()}
        cancelled = bool(self.engine.value(has_cancellations(tables[TABLES["bills"]])))
        plain = lake_of(tables, cancellations=cancelled)
        return Lake(**{name: self.engine.named(f"{name}_{len(near)}", getattr(plain, name)) for name in TABLES})
