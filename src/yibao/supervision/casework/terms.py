"""Terms of a city's casework (处理期限), in working days: areas/<city>/supervision/casework.yaml."""

from datetime import date
from functools import cache

from yibao.core.config import AREAS
from yibao.core.errors import Refusal, Refused
from yibao.population.rules import Rules, load_rules
from yibao.population.working_days import after_working_days


@cache
def _cities() -> dict[str, Rules]:
    folders = sorted(file.parents[1] for file in AREAS.glob("*/supervision/casework.yaml"))
    return {rules.area_code[:4]: rules for rules in (load_rules(one, "supervision/casework.yaml") for one in folders)}


def terms_of(admdvs: str) -> Rules:
    """The parameters of the city of an area code; `Refused` V440 where the city has none."""
    found = _cities().get(admdvs[:4])
    if found is None:
        text = f"统筹区{admdvs}没有疑点处理的期限"
        raise Refused(Refusal("V440", text, "请在地区规则的supervision/casework.yaml中补充", "admdvs"))
    return found


def has_terms(admdvs: str) -> bool:
    """Whether findings of institutions of this area are dealt with here."""
    return admdvs[:4] in _cities()


def due(admdvs: str, name: str, day: date) -> date:
    """The last day of the term `name` that begins after `day`."""
    days: int = terms_of(admdvs).on(name, day)
    return after_working_days(day, days)
