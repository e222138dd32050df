"""Divisions, institutions, doctors, catalogue and schools of a made-up city into the database.

Limits that do not differ by level are written once for all levels, own shares of residents only where they differ.
"""

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from yibao.core.database import Connection
from yibao.simulate.copying import constant, copy
from yibao.simulate.model import LEVELS, Catalogue, City, Ints, Places

SINCE = np.datetime64("2020-01-01")
VERSION = "20200101001"
TOWN = 4
KNOWN_DIVISIONS = "select code from directory.division"
KNOWN_ITEMS = "select med_list_codg from directory.item where area = $1"


async def load_places(connection: Connection, city: City) -> int:
    """Everything that is no person; returns how many catalogue items. What the area's catalogue has already stays."""
    await _load_divisions(connection, city)
    await _load_institutions(connection, city.places)
    towns = np.flatnonzero(city.divisions.level == TOWN)
    await copy(
        connection,
        "population.school",
        {
            "school_no": [school_no(city, int(place)) for place in towns],
            "name": [f"{city.divisions.name[place]}仿真学校" for place in towns],
            "area": city.divisions.code[towns],
        },
    )
    known = {row["med_list_codg"] for row in await connection.fetch(KNOWN_ITEMS, city.code)}
    new = np.array([code not in known for code in city.catalogue.code])
    return await copy(connection, "directory.item", _items(city.catalogue, city.code, np.flatnonzero(new)))


def school_no(city: City, town: int) -> str:
    """The made-up school of a town."""
    return f"S{city.divisions.code[town]}"


async def _load_divisions(connection: Connection, city: City) -> None:
    """Those that are not there already; county and city may be known."""
    known = {row["code"] for row in await connection.fetch(KNOWN_DIVISIONS)}
    divisions = city.divisions
    new = np.array([code not in known for code in divisions.code])
    parents = [str(divisions.code[parent]) if parent >= 0 else None for parent in divisions.parent[new]]
    columns = {"code": divisions.code[new], "parent": pa.array(parents, pa.string()), "name": divisions.name[new]}
    await copy(connection, "directory.division", columns | {"level": divisions.level[new]})


async def _load_institutions(connection: Connection, places: Places) -> None:
    count = len(places)
    await copy(
        connection,
        "directory.institution",
        {
            "fixmedins_code": places.code,
            "fixmedins_name": places.name,
            "fixmedins_type": places.kind.astype(str),
            "hosp_lv": places.hosp_lv,
            "level": places.level,
            "grade": places.grade,
            "admdvs": places.admdvs,
            "public_flag": places.public,
            "contract_from": constant(SINCE.item(), count),
            "lng": places.lng,
            "lat": places.lat,
            "beds": places.beds,
        },
    )
    departments = {
        "fixmedins_code": places.code[places.dept_place],
        "dept_codg": places.dept_codg,
        "dept_name": places.dept_name,
        "caty": places.dept_codg,
    }
    await copy(connection, "directory.department", departments)
    doctors = {
        "dr_codg": places.dr_code,
        "dr_name": places.dr_name,
        "fixmedins_code": places.code[places.dr_place],
        "dept_codg": places.dept_codg[places.dr_dept],
        "valid_from": constant(SINCE.item(), len(places.dr_code)),
    }
    await copy(connection, "directory.doctor", doctors)


def _items(catalogue: Catalogue, area: str, places: Ints) -> dict[str, Any]:
    """Rows of directory.item."""
    count, own = len(places), catalogue.own_share[places]
    return {
        "area": constant(area, count),
        "med_list_codg": catalogue.code[places],
        "valid_from": constant(SINCE.item(), count),
        "list_type": catalogue.list_type[places].astype(str),
        "item_name": catalogue.name[places],
        "med_chrgitm_type": np.char.zfill(catalogue.charge_type[places].astype(str), 2),
        "chrgitm_lv": np.char.zfill(catalogue.chrgitm_lv[places].astype(str), 2),
        "selfpay_prop": own,
        "selfpay_prop_by_insutype": [
            _json({"390": resident} if resident != employee else {})
            for employee, resident in zip(own.tolist(), catalogue.own_share_resident[places].tolist(), strict=True)
        ],
        "pric_uplmt": [_json(_limits(row)) for row in catalogue.limit[places].tolist()],
        "lmt_used_flag": np.where(catalogue.limited_use[places], "1", "0"),
        "spec": catalogue.spec[places],
        "unit": catalogue.unit[places],
        "version": constant(VERSION, count),
    }


def _limits(row: list[int]) -> dict[str, int]:
    """Limits by level, millionths of a yuan."""
    if row[0] < 0:
        return {}
    return (
        {"*": row[0]} if len(set(row)) == 1 else {str(level): limit for level, limit in zip(LEVELS, row, strict=True)}
    )


def _json(value: dict[str, int]) -> str:
    return msgspec.json.encode(value).decode()
