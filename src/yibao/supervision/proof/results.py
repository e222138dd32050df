"""What an audit made of the examples, by rule (注入验证结果), and the report of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yibao.supervision.proof.injection import Expected
from yibao.supervision.rulebook import Rulebook

SUBJECTS = """
select distinct rule_id, severity, psn_no, fixmedins_code, bilg_dr_code
from read_parquet('{files}')
"""


@dataclass(frozen=True, slots=True)
class Result:
    """One rule: violations injected and found, look-alikes injected and hit by it or by another definite violation."""

    rule_id: str
    name: str
    kind: str
    severity: str
    injected: int
    found: int
    alike: int
    hit: int
    hit_by_others: int
    missed: tuple[str, ...] = ()
    wrongly_hit: tuple[str, ...] = ()

    @property
    def proved(self) -> bool:
        """Everything found and nothing clean hit."""
        return 0 < self.injected == self.found and not self.hit and not self.hit_by_others


def results_of(out: Path, expected: Sequence[Expected], rulebook: Rulebook) -> list[Result]:
    """The results by rule, from the findings in OUT/audit_finding."""
    by_rule, definite = subjects_of(out)
    found = []
    for one in expected:
        mine = by_rule[one.rule_id]
        missed = tuple(subject for subject in one.violations if subject not in mine)
        hit = tuple(subject for subject in one.clean if subject in mine)
        others = {subject: definite[subject] - {one.rule_id} for subject in one.clean if subject in definite}
        others = {subject: rules for subject, rules in others.items() if rules}
        found.append(Result(
            one.rule_id, rulebook.rules[one.rule_id].name, one.kind, one.severity, len(one.violations),
            len(one.violations) - len(missed), len(one.clean), len(hit), len(others), missed,
            (*hit, *(f"{subject}: {' '.join(sorted(rules))}" for subject, rules in others.items())),
        ))  # fmt: skip
    return sorted(found, key=lambda one: (one.rule_id[0], one.rule_id))


def subjects_of(out: Path) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Persons, institutions and doctors in the findings of each rule; rules of severity violation by who is in them.

    A finding is an institution's or a doctor's only where it names no person.
    """
    import duckdb

    by_rule: dict[str, set[str]] = defaultdict(set)
    definite: dict[str, set[str]] = defaultdict(set)
    with duckdb.connect() as connection:
        files = out / "audit_finding" / "*.parquet"
        for rule_id, severity, person, place, doctor in connection.execute(SUBJECTS.format(files=files)).fetchall():
            by_rule[rule_id] |= {person, place, doctor}
            if severity == "violation":
                definite[person or place or doctor].add(rule_id)
    return by_rule, definite


def report(results: Sequence[Result], *, lake: str, rules: str, engine: str, seconds: float) -> str:
    """The proof as a page in Markdown."""
    kinds = {one.kind for one in results}
    proved = sum(one.proved for one in results)
    sums = f"{sum(one.injected for one in results):,} violations, {sum(one.alike for one in results):,} look-alikes"
    head = f"""# Proof of the rules

Known violations and look-alikes (`supervision/examples`, one module for each kind) were put into a simulated lake
({lake}) and audited with `yibao audit prove`, profile {rules}, engine {engine}:
{len(results)} rules of {len(kinds)} kinds, {sums}; the audit took {seconds:.0f} s.
{proved} rules found every violation and hit no look-alike. Items that another rule of severity violation limits too
are left out where the rule has others: a look-alike of the one would not be clean for the other. "Hit by others"
counts look-alikes of which another rule of severity violation says something.

| rule | name | kind | severity | violations | found | look-alikes | hit | hit by others |
|---|---|---|---|--:|--:|--:|--:|--:|
"""
    return head + "".join(
        f"| {one.rule_id} | {one.name} | {one.kind} | {one.severity} | {one.injected} | {one.found} | {one.alike} "
        f"| {one.hit} | {one.hit_by_others} |\n"
        for one in results
    )
