"""Points that come with the platform, for a start without an import and for proofs.

built_in_points()   data/points/national.csv: published points of known items; own.csv: our own, with their source
trial_points()     data/points/trial.csv: made-up codes (TRIAL…) so that every rule can be proved; never in a city
"""

from functools import cache
from importlib.resources import as_file, files

from yibao.supervision.knowledge.model import PublishedPoint
from yibao.supervision.knowledge.reading import read_points


@cache
def built_in_points() -> tuple[PublishedPoint, ...]:
    """National and own points."""
    return (*_points("national.csv"), *_points("own.csv"))


@cache
def trial_points() -> tuple[PublishedPoint, ...]:
    """Points of made-up items: one or more for every rule that needs knowledge."""
    return _points("trial.csv")


def _points(name: str) -> tuple[PublishedPoint, ...]:
    with as_file(files("yibao.supervision").joinpath(f"data/points/{name}")) as path:
        return tuple(read_points(path))
