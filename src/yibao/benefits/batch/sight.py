"""What one pack sees of the kinds of a file: which are the same to it, and where it asks for the admission.

Two packs together tell more visits apart than each of them, and a scheme looks at few of the facts that its pack
looks at. So there are far fewer plans to resolve than kinds.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from yibao.benefits.batch.kinds import kind_columns, number_visits, ranked
from yibao.benefits.batch.probes import all_probes, decision_facts, probes_of
from yibao.benefits.batch.team import Team
from yibao.benefits.batch.visits import Array, Visits
from yibao.benefits.pack import Layer, Pack
from yibao.benefits.plan import scheme_for


@dataclass(frozen=True)
class Sight:
    """By kind: `alike` is equal where the pack sees no difference, `asks` whether the admission of the year matters,
    `counts` whether the visit is an admission."""

    alike: Array
    asks: Array
    counts: Array


def sight_of(visits: Visits, examples: Array, pack: Pack) -> Sight:
    """The kinds of the example visits in the eyes of one pack."""
    facts = [visits.facts_of(int(visit)) for visit in examples]
    counts = np.array([it.care in pack.admission_care for it in facts])
    if "admission" in decision_facts(pack):  # then not even the scheme is known yet
        alike = _numbers(visits, examples, pack, pack.layers.values(), whole=True)
        return Sight(alike, np.ones(len(examples), bool), counts)
    known = [it.by_name() for it in facts]
    schemes = [scheme_for(pack, it, visits.day_of(int(visit))) for it, visit in zip(known, examples, strict=True)]
    numbers = np.array(ranked([scheme and scheme.name for scheme in schemes]))
    alike, asks = np.zeros(len(examples), np.int64), np.zeros(len(examples), bool)
    for number in range(numbers.max() + 1):
        places = np.flatnonzero(numbers == number)
        scheme = schemes[places[0]]
        layers = [pack.layers[name] for name in scheme.layers] if scheme else []
        alike[places] = alike.max() + 1 + _numbers(visits, examples[places], pack, layers)
        asks[places] = "admission" in probes_of(pack, layers)
    return Sight(alike, asks, counts)


def admission_classes(pack: Pack, most: int) -> Array:
    """The class of each number of admission from 0 to `most`."""
    asked = all_probes([pack]).get("admission", [])
    return np.asarray(ranked([tuple(probe(number) for probe in asked) for number in range(most + 1)]), np.int64)


def _numbers(visits: Visits, examples: Array, pack: Pack, layers: Iterable[Layer], whole: bool = False) -> Array:
    """A number for each example, equal where these layers see no difference; `whole` also for the schemes."""
    probes = all_probes([pack]) if whole else probes_of(pack, layers)
    columns = [(codes[examples], digits) for codes, digits in kind_columns(visits, [pack], probes)]
    with Team(1) as team:
        return number_visits(columns, len(examples), team).number
