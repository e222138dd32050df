"""The policy packs of this installation by city: what the counter and the premium desk ask for an area's pack."""

from collections.abc import Iterator
from pathlib import Path

from yibao.benefits.document import PackError
from yibao.benefits.pack import Pack
from yibao.benefits.reading import load_pack
from yibao.core.config import AREAS, ConfigurationError
from yibao.core.errors import Refusal, Refused


class PackBook:
    """The policy packs by pooling area (统筹区): the first four digits of admdvs name a city."""

    def __init__(self, packs: dict[str, Pack]) -> None:
        self._packs = {code[:4]: pack for code, pack in packs.items()}

    @classmethod
    def load(cls, areas: Path = AREAS) -> "PackBook":
        """Every pack under `areas`/<city>/benefits; `ConfigurationError` without any or with a faulty one."""
        folders = pack_folders(areas)
        if not folders:
            raise ConfigurationError(f"no policy pack below {areas}: name the folder of the cities in YIBAO_AREAS")
        try:
            packs = [load_pack(folder) for folder in folders]
        except PackError as error:
            raise ConfigurationError(str(error)) from error
        return cls({pack.area_code: pack for pack in packs})

    def __iter__(self) -> Iterator[Pack]:
        return iter(self._packs.values())

    def pack_of(self, insu_admdvs: str) -> Pack:
        """The pack of the area of enrolment; `Refused` S001 when this platform has none."""
        pack = self._packs.get(insu_admdvs[:4])
        if pack is None:
            raise Refused(
                Refusal(
                    "S001",
                    f"参保地 {insu_admdvs} 的待遇政策未在本平台运行",
                    "请核对参保地医保区划，或请参保地经办机构接入",
                    "insuplc_admdvs",
                )
            )
        return pack


def pack_folders(areas: Path) -> list[Path]:
    """Folders of packs below `areas`, in the order of their names."""
    return sorted(path for path in areas.glob("*/benefits") if path.is_dir())
