"""A city that never existed, with true proportions (仿真城市): its people and places, then a year of their care.

`build_city` draws the city from `areas/<city>/city/*.yaml`; `yibao city build` writes it, with a year of bills, as
lake tables, and loads it into the database. Nothing in it is a real person, institution or item.
"""

from yibao.simulate.city import build_city
from yibao.simulate.model import Catalogue, City, Divisions, Employers, People, Places

__all__ = ["Catalogue", "City", "Divisions", "Employers", "People", "Places", "build_city"]
