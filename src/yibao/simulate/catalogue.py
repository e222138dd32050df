"""The made-up catalogue (三大目录) of a city: drugs, herbs, services, consumables, more than 20,000 codes.

Names of products come from `data/known_items.csv` (published, with one code each) and from catalogue.yaml. Codes that
are made up have the national shape: drugs end in makers from 99001 on, services have 99 after their chapter,
consumables are of class 99. A whole product has one class and one own share; packs differ in price.
"""

import numpy as np

from yibao.simulate.catalogue_plan import CataloguePlan
from yibao.simulate.catalogue_rows import Rows
from yibao.simulate.draws import Draws
from yibao.simulate.drugs import add_drugs, add_herbs
from yibao.simulate.model import Catalogue
from yibao.simulate.services import add_consumables, add_services


def draw_catalogue(plan: CataloguePlan, draws: Draws) -> Catalogue:
    """All items of the city, in the order of list types."""
    rows = Rows()
    add_drugs(rows, plan.drugs, draws.stream("drugs"))
    add_herbs(rows, plan.herbs, draws.stream("herbs"))
    add_services(rows, plan.services, draws.stream("services"))
    add_consumables(rows, plan.consumables, draws.stream("consumables"))
    return _table(rows)


def _table(rows: Rows) -> Catalogue:
    ints = {
        "list_type": np.int16, "charge_type": np.int8, "chrgitm_lv": np.int8, "own_share": np.int16,
        "own_share_resident": np.int16, "price": np.int64, "limit": np.int64, "limited_use": np.bool_,
        "sex": np.int8, "weight": np.float64,
    }  # fmt: skip
    return Catalogue(
        **{name: np.array(getattr(rows, name), dtype=kind) for name, kind in ints.items()},
        **{name: np.array(getattr(rows, name)) for name in ("code", "name", "group", "spec", "unit")},
    )
