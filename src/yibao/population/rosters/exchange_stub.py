"""A department as the exchange sees it (部门端模拟), for trying an installation and for tests.

    department = DepartmentStub(root, "340600", "civil_affairs")
    department.put(content, "低保名册.xlsx", as_of)     its next file into the inbox, with its manifest
    department.fetch()                                 everything in the outbox, checked and acknowledged

It keeps its numbers by what lies in the folders, as a real department keeps them in its own system.
"""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from yibao.core.crypto import sm3_hex
from yibao.population.rosters.exchange import Manifest
from yibao.population.rosters.exchange_folders import Acknowledgement
from yibao.population.rosters.receiving import Mode


@dataclass(frozen=True, slots=True)
class DepartmentStub:
    """One department at its end of the folders."""

    root: Path
    admdvs: str
    code: str

    @property
    def folder(self) -> Path:
        """The department's own folder, with inbox and outbox seen from the bureau."""
        return self.root / self.code

    def put(
        self, content: bytes, file_name: str, as_of: date, mode: Mode = "full", sequence: int | None = None
    ) -> Manifest:
        """Put a file and its manifest into the inbox; `sequence` None takes the next number."""
        inbox = self.folder / "inbox"
        inbox.mkdir(parents=True, exist_ok=True)
        manifest = Manifest(
            admdvs=self.admdvs,
            department=self.code,
            sequence=sequence or self._next_number(),
            kind="roster",
            file_name=file_name,
            sm3=sm3_hex(content),
            mode=mode,
            as_of=as_of,
        )
        (inbox / file_name).write_bytes(content)
        (inbox / f"{manifest.sequence}.manifest.json").write_bytes(msgspec.json.encode(manifest))
        return manifest

    def fetch(self) -> list[tuple[str, bytes]]:
        """Kind and content of every file in the outbox; each is checked, acknowledged and taken away."""
        found = []
        outbox = self.folder / "outbox"
        for path in sorted(outbox.glob("*.manifest.json"), key=lambda path: int(path.name.split(".")[0])):
            told: dict[str, Any] = json.loads(path.read_bytes())
            file = outbox / told["file_name"]
            content = file.read_bytes()
            if sm3_hex(content) != told["sm3"]:
                raise ValueError(f"{file}: SM3 differs from its manifest")
            acknowledgement = Acknowledgement(told["sequence"], told["sm3"])
            (self.folder / "inbox" / f"{told['sequence']}.ack.json").write_bytes(msgspec.json.encode(acknowledgement))
            found.append((told["kind"], content))
            file.unlink()
            path.unlink()
        return found

    def _next_number(self) -> int:
        """One more than the highest number that lies in the folders it may look into; quarantined ones are free."""
        names = [path.name for place in ("inbox", "done") for path in (self.folder / place).glob("*.manifest.json")]
        return 1 + max((int(name.split(".")[0]) for name in names), default=0)
