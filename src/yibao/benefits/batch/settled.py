"""What one pack makes of the visits of a file: the arrays between the computation and its report."""

from dataclasses import dataclass

from yibao.benefits.batch.visits import Array
from yibao.benefits.pack import Pack
from yibao.core.errors import Refusal


@dataclass(frozen=True)
class Settled:
    """What one pack pays: `fund` fen by record, `paid` fen by group and layer, `plans` used.

    `refused` by code: an example, and how many visits. `detail[visit][layer]` is what each layer of the pack did
    (`arithmetic.OUT_…`), when it was asked for.
    """

    pack: Pack
    fund: Array
    paid: Array
    refused: dict[str, tuple[Refusal, int]]
    plans: int
    detail: Array
