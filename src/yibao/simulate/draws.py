"""Random numbers of a city: one independent stream per step, named, so that one step never disturbs another.

The same seed and name give the same numbers, whatever was drawn before and in whatever order steps run.
"""

from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from yibao.simulate.model import Ints

TEN_THOUSAND = 10_000


class Draws:
    """The streams of one seed."""

    def __init__(self, seed: int):
        self.seed = seed

    def stream(self, name: str, chunk: int = 0) -> np.random.Generator:
        """The stream of one step, or of one chunk of a step's work."""
        return np.random.default_rng([self.seed, crc32(name.encode()), chunk])


def pick(weights: Ints | NDArray[np.float64], count: int, draw: np.random.Generator) -> Ints:
    """`count` places in `weights`, each with its share of them."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = draw.random(count) * bounds[-1]
    places: Ints = np.minimum(np.searchsorted(bounds, drawn, side="right"), len(bounds) - 1)
    return places


def happens(share: Ints | int, count: int, draw: np.random.Generator, of: int = TEN_THOUSAND) -> NDArray[np.bool_]:
    """For each of `count` whether it happens, with `share` of `of`."""
    return draw.integers(0, of, count, dtype=np.int32) < share


def amounts(median: Any, spread: float, count: int, draw: np.random.Generator, least: int = 1) -> Ints:
    """Amounts in fen drawn around `median` fen, lognormal with `spread` of the logarithm, at least `least`.

    Chance is no money: the factor is a float, what is drawn with it is whole fen from here on.
    """
    drawn: Ints = np.maximum(least, np.rint(median * np.exp(draw.normal(0.0, spread, count)))).astype(np.int64)
    return drawn
