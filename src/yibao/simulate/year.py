"""A whole year of a city's care (一年的就医): drawn, billed, settled and written, piece by piece.

`build_year` is the entry. A piece is `PIECE` people with everything that happens to them, so memory stays bounded,
pieces are independent, and the lake is the same for any number of processes.
"""

import gc
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from yibao.benefits import load_pack
from yibao.benefits.pack import Pack
from yibao.core.config import AREAS
from yibao.simulate.bills import Billing, billing_of
from yibao.simulate.care import joined, possible
from yibao.simulate.diagnoses import diagnoses_of
from yibao.simulate.draws import Draws
from yibao.simulate.illness import CarePlan, care_plan
from yibao.simulate.inpatient import Inpatient, all_care
from yibao.simulate.lake import write, write_piece
from yibao.simulate.lines import Items, bill_lines, items_of
from yibao.simulate.model import City
from yibao.simulate.outpatient import Outpatient
from yibao.simulate.patients import mark_chronic, patients_of
from yibao.simulate.providers import Providers, doctors_of, providers_of, usual_of
from yibao.simulate.seasons import Calendar
from yibao.simulate.settling import settled
from yibao.simulate.tables import Piece, institution_table

PIECE = 25_000
"""People of one piece: some 260,000 visits and two million lines, about a gigabyte at work."""
Progress = Callable[[int, int], None]
"""Called with how many people are done, and of how many."""


@dataclass(frozen=True)
class Workshop:
    """What every piece needs, made once."""

    city: City
    plan: CarePlan
    providers: Providers
    billing: Billing
    items: Items
    pack: Pack
    calendar: Calendar
    draws: Draws

    def piece(self, number: int) -> Piece:
        """All about one piece of people."""
        low = number * PIECE
        high = min(low + PIECE, len(self.city.people))
        draw, plan, providers = self.draws.stream("year of care", number), self.plan, self.providers
        patients = patients_of(self.city, plan, low, high, draw)
        usual = usual_of(patients, providers, draw)
        visits = Outpatient(plan, patients, providers, usual, self.calendar, draw)
        stays = Inpatient(plan, patients, providers, usual, self.calendar, draw)
        care = possible(joined(all_care(visits, stays)), patients)
        lines = bill_lines(care, patients, providers, self.billing, self.items, draw)
        diagnoses = diagnoses_of(care, patients, plan, draw)
        doctor = doctors_of(care.place, visits.departments()[care.disease], providers, draw)
        bills = settled(self.pack, care, lines, patients, providers, plan, self.calendar)
        return Piece(
            number, self.calendar.year, self.pack.version, plan, patients, providers, self.city.catalogue, care,
            lines, bills, diagnoses, doctor,
        )  # fmt: skip


def workshop_of(city: City, year: int, areas: Path = AREAS) -> Workshop:
    """Read the distributions and the policy pack of the city, and give its people their chronic diseases."""
    plan, draws = care_plan(city.area, areas), Draws(city.seed)
    mark_chronic(city, plan, draws)
    return Workshop(
        city, plan, providers_of(city, plan), billing_of(plan.folder, plan, city.catalogue), items_of(city.catalogue),
        load_pack(areas / city.area / "benefits"), Calendar(year), draws,
    )  # fmt: skip


def build_year(
    city: City, year: int, to: Path, progress: Progress = lambda done, of: None, processes: int = 0
) -> dict[str, int]:
    """Write the lake of one year to the folder `to`, which must be new or empty; returns counts of what was written.

    `processes` 0 means one per core. `FileExistsError` when the folder holds something.
    """
    if to.exists() and any(to.iterdir()):
        raise FileExistsError(f"{to} is not empty: name a new folder for the lake")
    shop = workshop_of(city, year)
    write(institution_table(shop.providers), to / "fixmedins_d" / "part-00000.parquet")
    total, counts = len(city.people), {"people": len(city.people), "visits": 0, "lines": 0}
    pieces, done = -(-total // PIECE), 0
    for visits, lines in _written(shop, to, pieces, min(processes or os.cpu_count() or 1, pieces)):
        counts["visits"] += visits
        counts["lines"] += lines
        done = min(done + PIECE, total)
        progress(done, total)
    about = {"area": city.area, "year": year, "seed": city.seed, **counts}
    (to / "about.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    return counts


def _written(shop: Workshop, to: Path, pieces: int, processes: int) -> Iterator[tuple[int, int]]:
    """Visits and lines of each piece, as they are written."""
    if processes <= 1:
        for number in range(pieces):
            yield _write(shop, to, number)
        return
    global _SHOP
    _SHOP = shop  # handed on by fork: two million people need not be copied
    gc.freeze()
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        yield from pool.imap_unordered(partial(_write_forked, to), range(pieces))
    _SHOP = None


_SHOP: Any = None


def _write_forked(to: Path, number: int) -> tuple[int, int]:
    return _write(_SHOP, to, number)


def _write(shop: Workshop, to: Path, number: int) -> tuple[int, int]:
    piece = shop.piece(number)
    write_piece(piece, shop.calendar, to)
    return len(piece.care), len(piece.lines.rows)
