"""`build_city`: the whole city without its year of care, drawn from `areas/<area>/city/*.yaml`."""

from pathlib import Path

from yibao.core.config import AREAS
from yibao.simulate.catalogue import draw_catalogue
from yibao.simulate.catalogue_plan import CataloguePlan
from yibao.simulate.divisions import draw_divisions
from yibao.simulate.draws import Draws
from yibao.simulate.model import City
from yibao.simulate.people import draw_people
from yibao.simulate.places import draw_places
from yibao.simulate.places_plan import PlacePlan
from yibao.simulate.plan import PeoplePlan, city_folder, read_plan


def build_city(
    area: str, people: int, seed: int = 1, scale: float = 1.0, year: int | None = None, areas: Path = AREAS
) -> City:
    """The city of `area` with `people` × `scale` persons in `year` (default: the year of its distributions).

    Divisions, institutions and the catalogue are the same at every scale. Deterministic: the same arguments give the
    same city. Raises `ConfigurationError` when the area has no distributions or a faulty one.
    """
    folder = city_folder(area, areas)
    plan, draws = read_plan(PeoplePlan, folder / "people.yaml"), Draws(seed)
    year = year or plan.year
    divisions = draw_divisions(plan, draws)
    persons, employers = draw_people(plan, divisions, max(1, round(people * scale)), year, draws)
    return City(
        area=area,
        code=plan.code,
        year=year,
        seed=seed,
        divisions=divisions,
        people=persons,
        employers=employers,
        places=draw_places(read_plan(PlacePlan, folder / "places.yaml"), plan.names, divisions, plan.code, draws),
        catalogue=draw_catalogue(read_plan(CataloguePlan, folder / "catalogue.yaml"), draws),
    )
