"""Small packs and bills for the tests: write only the layers, pay one bill after another."""

import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from yibao.benefits import Facts, Line, Outcome, Pack, Visit, evaluate, load_pack

DAY = datetime.date(2024, 5, 20)


def pack_of(layers: str, *more: str, order: str = "") -> Pack:
    """A pack from the YAML of its layers (at no indent) and further top-level keys; one scheme for everybody."""
    names = order or ", ".join(line.partition(":")[0] for line in dedent(layers).splitlines() if line[:1].isalpha())
    head = "area: {code: '000000', name: 某市}\n"
    schemes = f"schemes: [{{name: 待遇, when: {{}}, layers: [{names}]}}]\n"
    body = "layers:\n" + "".join(f"  {line}\n" for line in dedent(layers).strip().splitlines())
    extra = "".join(dedent(text).strip() + "\n" for text in more)
    return load_text(head + (schemes if "schemes:" not in extra else "") + body + extra)


def load_text(text: str) -> Pack:
    """Load a pack from text, through a file as an author would."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "pack.yaml"
        file.write_text(text, encoding="utf-8")
        return load_pack(file)


def yuan(amount: float | int | str) -> int:
    """Yuan with at most two decimals → fen, for test literals only."""
    return round(float(amount) * 100)


class Person:
    """Pays bills of one person in order and carries the accumulators."""

    def __init__(self, pack: Pack, **facts: object) -> None:
        self.pack, self.facts = pack, facts
        self.accumulators: dict[str, int] = {}

    def pay(
        self, in_scope: float | str = 0, *, day: datetime.date = DAY, days: int = 0, stay: str = "",
        balances: dict[str, int] | None = None, lines: tuple[Line, ...] = (), portions: dict[str, int] | None = None,
        **facts: object,
    ) -> Outcome:  # fmt: skip
        """Settle a bill of `in_scope` yuan (and other portions in fen) and keep the accumulators."""
        known = Facts(**{"care": "inpatient", **self.facts, **facts})  # type: ignore[arg-type]
        visit = Visit(
            day=day, facts=known, lines=lines, days=days, stay=stay,
            portions={"in_scope": yuan(in_scope), **(portions or {})},
        )  # fmt: skip
        outcome = evaluate(self.pack, visit, self.accumulators, balances or {})
        for key, change in outcome.deltas.items():
            self.accumulators[key] = self.accumulators.get(key, 0) + change
        return outcome


def paid(outcome: Outcome) -> list[int]:
    """What each layer paid, in fen."""
    return [layer.paid for layer in outcome.layers]


def layer(outcome: Outcome, name: str):  # type: ignore[no-untyped-def]
    """The result of one layer by name."""
    return next(it for it in outcome.layers if it.name == name)
