"""Profiles of rules (规则配置): which rules of the catalogue are in force in an area, with which values and points.

    book = load_rulebook("huaibei", "full", published)        # every covered rule
    book = load_rulebook("huaibei", "hard", published)        # those that may refuse at once
    book = await rulebook_from(connection, "huaibei", "full", day)   # with the imported knowledge

A profile is areas/<area>/supervision/<profile>.yaml, or the one of that name in data/profiles/. A value of a rule comes
from the point, else from the profile, else from the catalogue.
"""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import yaml

from yibao.core.config import AREAS, ConfigurationError
from yibao.core.database import Connection
from yibao.supervision.kinds import all_kinds
from yibao.supervision.kinds.kind import Point
from yibao.supervision.knowledge.built_in import built_in_points, trial_points
from yibao.supervision.knowledge.catalogue import Entry, Parameter, catalogue
from yibao.supervision.knowledge.doctors import doctor_status
from yibao.supervision.knowledge.local import with_local
from yibao.supervision.knowledge.mapping import fields_of
from yibao.supervision.knowledge.model import DoctorInterval, LocalCode, PublishedPoint
from yibao.supervision.knowledge.store import local_codes, stored_points
from yibao.supervision.model import Severity, Stage
from yibao.supervision.rulebook import Rule, Rulebook


class RuleSetting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a profile says of one rule; what it leaves out is as in the catalogue. `reference` dates its values."""

    refuses: bool = False
    severity: Severity | None = None
    stages: tuple[Stage, ...] | None = None
    clause: str | None = None
    reference: str = ""
    parameters: Mapping[str, Parameter] = {}
    rows: tuple[Mapping[str, Any], ...] | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One profile; `every` takes all covered rules of the catalogue, with `rules` for those that differ."""

    title: str
    every: bool = False
    rules: Mapping[str, RuleSetting | None] = {}
    without: Sequence[str] = ()
    trial_points: bool = False


def load_rulebook(
    area: str,
    profile: str,
    published: Sequence[PublishedPoint],
    day: date | None = None,
    *,
    doctor_status: Sequence[DoctorInterval] = (),
    local_codes: Sequence[LocalCode] = (),
) -> Rulebook:
    """The rules of a profile with their points; with `day` only the points in force on it.

    `ConfigurationError` for a profile that is not there or names a rule or value that does not exist.
    """
    chosen = read_profile(area, profile)
    points: defaultdict[str, list[Point]] = defaultdict(list)
    rules: list[Rule] = []
    by_title = _by_title([*published, *(trial_points() if chosen.trial_points else ())])
    for entry, setting in settings_of(chosen):
        rule = _rule(entry, setting)
        rules.append(rule)
        points[rule.kind] += _points_of(rule, entry, setting, by_title.get(rule.knowledge, ()))
    points["doctor_status"] += _doctors(rules, doctor_status)
    both = {kind: with_local(rows, local_codes) for kind, rows in points.items()}
    kept = {kind: [one for one in rows if day is None or one.in_force(day)] for kind, rows in both.items()}
    kept = {kind: rows for kind, rows in kept.items() if rows}
    return Rulebook(profile, version_of(rules, kept), rules, kept)


async def rulebook_from(connection: Connection, area: str, profile: str, day: date | None = None) -> Rulebook:
    """The same with the knowledge in the database; before the first import, with the points that come with yibao.

    Tens of thousands of points take half a second: it is done in a thread, so that a server goes on answering.
    """
    published = await stored_points(connection) or built_in_points()
    doctors, codes = await doctor_status(connection, area), await local_codes(connection, area)
    return await asyncio.to_thread(
        load_rulebook, area, profile, published, day, doctor_status=doctors, local_codes=codes
    )


def read_profile(area: str, name: str) -> Profile:
    """The area's profile of this name, else the national one."""
    own = AREAS / area / "supervision" / f"{name}.yaml"
    national = files("yibao.supervision").joinpath(f"data/profiles/{name}.yaml")
    if Path(area).name != area or not (AREAS / area).is_dir():
        known = ", ".join(sorted(one.name for one in AREAS.iterdir() if one.is_dir()))
        raise ConfigurationError(f"there is no city {area}: there are {known}")
    if Path(name).name != name or not (own.is_file() or national.is_file()):
        raise ConfigurationError(f"there is no profile of rules {name} for {area}: looked for {own}")
    text = own.read_text("utf-8") if own.is_file() else national.read_text("utf-8")
    try:
        return msgspec.convert(yaml.safe_load(text), Profile)
    except msgspec.ValidationError as fault:
        raise ConfigurationError(f"profile {name} of {area}: {fault}") from fault


def settings_of(profile: Profile) -> list[tuple[Entry, RuleSetting]]:
    """The catalogue's entries of a profile, each with what the profile says of it."""
    known = catalogue()
    named = [rule_id for rule_id in (*profile.rules, *profile.without) if rule_id not in known]
    if named:
        raise ConfigurationError(f"profile {profile.title} names rules that are not in the catalogue: {named}")
    chosen = [one for one in known.values() if one.covered and (profile.every or one.rule_id in profile.rules)]
    kept = [one for one in chosen if one.rule_id not in profile.without]
    return [(one, profile.rules.get(one.rule_id) or RuleSetting()) for one in kept]


def _rule(entry: Entry, setting: RuleSetting) -> Rule:
    parameters = {**entry.parameters, **setting.parameters}
    references = dict.fromkeys((setting.reference, *(one.reference for one in parameters.values())))
    return Rule(
        rule_id=entry.rule_id, name=entry.name, kind=entry.kind, severity=setting.severity or entry.severity,
        stages=frozenset(setting.stages or entry.stages), clause=setting.clause or entry.clause,
        parameters={name: one.value for name, one in parameters.items()}, knowledge=entry.knowledge,
        exemptions=entry.exemptions or all_kinds()[entry.kind].exemptions, refuses=setting.refuses,
        reference="；".join(filter(None, references)), unverified=any(one.unverified for one in parameters.values()),
    )  # fmt: skip


def _by_title(published: Iterable[PublishedPoint]) -> dict[str, list[PublishedPoint]]:
    found: dict[str, list[PublishedPoint]] = defaultdict(list)
    for one in published:
        found[one.rule].append(one)
    return found


def _points_of(rule: Rule, entry: Entry, setting: RuleSetting, published: Sequence[PublishedPoint]) -> list[Point]:
    """The points of one rule: those of the catalogue or the profile, and of what is published for it."""
    kind = all_kinds()[rule.kind]
    rows = setting.rows if setting.rows is not None else () if rule.knowledge else entry.rows
    points = [kind.point(rule_id=rule.rule_id, **_fitting(rule, {**rule.parameters, **row})) for row in rows]
    for one in published:
        for fields in fields_of(one, rule.kind, rule.parameters):
            known = {"kp_id": one.kp_id, "item": one.item_name, "valid_from": one.valid_from, "valid_to": one.valid_to}
            points.append(kind.point(rule_id=rule.rule_id, **_fitting(rule, {**known, **fields})))
    return points


def _doctors(rules: Sequence[Rule], intervals: Sequence[DoctorInterval]) -> list[Point]:
    """Points of doctors who may not prescribe, for each rule about that."""
    point = all_kinds()["doctor_status"].point
    return [
        point(
            rule_id=rule.rule_id, kp_id=one.decision, valid_from=one.begins, valid_to=one.ends,
            **_fitting(rule, {**rule.parameters, "doctor": one.dr_codg, "status": one.reason}),
        )
        for rule in rules if rule.kind == "doctor_status" for one in intervals
    ]  # fmt: skip


def _fitting(rule: Rule, values: Mapping[str, Any]) -> Mapping[str, Any]:
    names = set(all_kinds()[rule.kind].columns)
    unknown = sorted(set(values) - names)
    if unknown:
        raise ConfigurationError(f"rule {rule.rule_id}: {rule.kind} has no point field {', '.join(unknown)}")
    return values


def version_of(rules: Sequence[Rule], points: Mapping[str, Sequence[Point]]) -> str:
    """Twelve hexadecimal digits that change with any rule, value or point."""
    digest = hashlib.sha256()
    for rule in sorted(rules, key=lambda one: one.rule_id):
        digest.update(repr((rule.rule_id, rule.kind, rule.severity, sorted(rule.stages), rule.refuses)).encode())
    for kind in sorted(points):
        digest.update("\n".join(sorted(map(repr, points[kind]))).encode())
    return digest.hexdigest()[:12]
