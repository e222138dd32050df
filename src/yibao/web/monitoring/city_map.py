"""The map: schematic counties of areas/<city>/supervision/map.yaml, institutions as points. Drawn on the server as SVG.

The colour of a point is the place of its residual among all that are shown (not an amount: the largest hospital is not
the most conspicuous one). Shape says the same without colours: ▲ high, ▼ low, ● usual, □ not judged. Institutions on
one spot share a point; those without coordinates stand in a list.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import cos, radians
from typing import Any

import msgspec
import yaml

from yibao.core.config import AREAS
from yibao.core.money import divide_half_up
from yibao.supervision.monitoring.showing import Shown

WIDTH = 1000
MARGIN = 20
SPOT_DIGITS = 3
"""Of degrees: about a hundred metres."""
BANDS = ((9500, "far-high", "高出最多的 5%"), (8000, "high", "偏高"), (2000, "near", "居中"), (500, "low", "偏低"))
LOWEST = ("far-low", "低出最多的 5%")
SHAPES = {"high": "up", "low": "down", "usual": "round", "scored": "round"}


class County(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One county's outline: longitude and latitude of its corners."""

    code: str
    name: str
    outline: tuple[tuple[float, float], ...]


class Outlines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shapes of a city; `schematic` says that they are no surveyed boundaries."""

    area: dict[str, str]
    unverified: bool
    schematic: bool
    origin: str
    counties: tuple[County, ...]


@dataclass(frozen=True, slots=True)
class Point:
    """One spot: where, which shape and colour, and who stands there (the most conspicuous first)."""

    x: int
    y: int
    shape: str
    band: str
    names: tuple[str, ...]
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class CityMap:
    """Everything the template draws, in a box of WIDTH × height."""

    height: int
    counties: Sequence[tuple[str, str, int, int]]
    points: Sequence[Point]
    nowhere: Sequence[tuple[str, str]]
    schematic: bool

    @property
    def size(self) -> int:
        """Marks and names in per cent: a tall map is shown narrower, so they have to be larger."""
        return max(100, self.height // 10)


@cache
def outlines_of(admdvs: str) -> Outlines | None:
    """The shapes of a city; None when it has no file."""
    for file in sorted(AREAS.glob("*/supervision/map.yaml")):
        found = msgspec.convert(yaml.safe_load(file.read_text(encoding="utf-8")), Outlines)
        if found.area["code"][:4] == admdvs[:4]:
            return found
    return None


def city_map(
    outlines: Outlines | None, places: Sequence[Mapping[str, Any]], shown: Mapping[str, Shown], texts: Mapping[str, str]
) -> CityMap:
    """The map of the institutions that have something to show; `texts` say each one's number in words."""
    here = [place for place in places if place["fixmedins_code"] in shown]
    located = [place for place in here if place["lng"] is not None and place["lat"] is not None]
    corners = [corner for county in outlines.counties for corner in county.outline] if outlines else []
    frame = Frame([*corners, *((float(place["lng"]), float(place["lat"])) for place in located)])
    bands = bands_of(shown)
    spots: dict[tuple[float, float], list[Mapping[str, Any]]] = defaultdict(list)
    for place in located:
        spots[round(float(place["lng"]), SPOT_DIGITS), round(float(place["lat"]), SPOT_DIGITS)].append(place)
    points = [_point(frame, at, group, shown, bands, texts) for at, group in spots.items()]
    return CityMap(
        frame.height,
        [_county(frame, county) for county in outlines.counties] if outlines else [],
        sorted(points, key=lambda point: (point.shape != "none", point.band != "near")),
        [(p["fixmedins_code"], p["fixmedins_name"]) for p in here if p["lng"] is None or p["lat"] is None],
        outlines.schematic if outlines else False,
    )


class Frame:
    """From degrees to the box: a degree of longitude is shorter by the cosine of the latitude."""

    def __init__(self, corners: Sequence[tuple[float, float]]) -> None:
        lngs, lats = [lng for lng, _ in corners] or [0.0], [lat for _, lat in corners] or [0.0]
        self.west, self.north = min(lngs), max(lats)
        self.squeeze = cos(radians((min(lats) + max(lats)) / 2))
        wide = max((max(lngs) - self.west) * self.squeeze, 0.01)
        self.scale = (WIDTH - 2 * MARGIN) / wide
        self.height = int((self.north - min(lats)) * self.scale) + 2 * MARGIN

    def at(self, lng: float, lat: float) -> tuple[int, int]:
        """Where a place lies in the box."""
        across = (lng - self.west) * self.squeeze * self.scale
        return MARGIN + int(across), MARGIN + int((self.north - lat) * self.scale)


def bands_of(shown: Mapping[str, Shown]) -> dict[str, str]:
    """The band of each by the place of its residual (for scores: the score) among all; "none" when not judged.

    Those alike share the middle of their places: nine tenths with a score of 0 are not "the lowest 5 %".
    """
    judged = {code: _residual(one) for code, one in shown.items() if one.verdict in SHAPES}
    ordered, found = sorted(judged.values()), dict.fromkeys(shown, "none")
    for code, residual in judged.items():
        twice = bisect_left(ordered, residual) + bisect_right(ordered, residual) - 1
        found[code] = band_of(divide_half_up(twice * 5_000, len(ordered) - 1) if len(ordered) > 1 else 5_000)
    return found


def _residual(one: Shown) -> int:
    return one.value if one.z is None else one.z


def band_of(place: int) -> str:
    """The band of a place of 0 to 10,000 among all."""
    return next((name for least, name, _ in BANDS if place >= least), LOWEST[0])


def legend() -> list[tuple[str, str]]:
    """Bands from high to low with their words."""
    return [(name, text) for _, name, text in BANDS] + [LOWEST]


def _point(
    frame: Frame,
    at: tuple[float, float],
    group: list[Mapping[str, Any]],
    shown: Mapping[str, Shown],
    bands: Mapping[str, str],
    texts: Mapping[str, str],
) -> Point:
    first = max(group, key=lambda place: abs(_residual(shown[place["fixmedins_code"]])))
    code = first["fixmedins_code"]
    x, y = frame.at(*at)
    names = tuple(place["fixmedins_name"] for place in group)
    return Point(x, y, shape_of(shown[code].verdict, bands[code]), bands[code], names, code, texts[code])


def shape_of(verdict: str, band: str) -> str:
    """▲ ▼ beyond the usual, ▲ for the highest scores too; ● usual; "none" not judged."""
    return "up" if (verdict, band) == ("scored", "far-high") else SHAPES.get(verdict, "none")


def _county(frame: Frame, county: County) -> tuple[str, str, int, int]:
    """Name, points of the outline, and the middle for the label."""
    corners = [frame.at(*corner) for corner in county.outline]
    middle = [sum(values) // len(corners) for values in zip(*corners, strict=True)]
    return county.name, " ".join(f"{x},{y}" for x, y in corners), middle[0], middle[1]
