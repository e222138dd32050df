"""Seeded mutations of messages: what a broken program, a broken line or somebody with bad intentions may send."""

import copy
import json
import random
from typing import Any

JUNK: tuple[Any, ...] = (
    None, "", " ", "null", "NULL", 0, -1, 1, 2**31, 2**63, 2**70, 1e308, -1e308, 0.1 + 0.2, 1e-30, True, False, [],
    {}, [[]], [{}], {"data": {}}, "0", "-0", "1e5", "NaN", "Infinity", "9" * 17, "9" * 400, "x" * 41, "中" * 201,
    "\u0000", "\t\n", "'; drop table core.inbox; --", "%s", "${jndi:ldap://x}", "../../etc/passwd", "9999-12-31",
    "2024-02-30 10:00:00", "0001-01-01 00:00:00", "1900-01-01", "2999-12-31 23:59:59", "20240603", "\ud83d\ude00",
    "\ufeff", "\u202e", "H34060000001", "w1", "r1", "nobody", "310", "390", "11", "14", "41", "2101", "0000",
    [1, 2, 3], ["a"], {"a": {"b": {"c": []}}},
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a message, as a path of keys and positions."""
    found = [path] if path else []
    if isinstance(value, dict):
        for key in value:
            found += places(value[key], (*path, key))
    elif isinstance(value, list):
        for position, item in enumerate(value):
            found += places(item, (*path, position))
    return found


def mutated(message: dict[str, Any], rng: random.Random) -> bytes:
    """One to three changes of the structure, sometimes of the bytes too."""
    changed = copy.deepcopy(message)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        change(changed, rng)
    body = json.dumps(changed, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
    return broken(body, rng) if rng.random() < 0.15 else body


def change(message: dict[str, Any], rng: random.Random) -> None:
    """Remove, replace, repeat, move or rename one thing; the input is more likely to be hit than the envelope."""
    spots = places(message)
    inside = [spot for spot in spots if spot[0] == "input"]
    if not spots:
        return
    *way, last = rng.choice(inside if inside and rng.random() < 0.8 else spots)
    holder = message
    for step in way:
        holder = holder[step]
    kind = rng.random()
    if kind < 0.15:
        del holder[last]
    elif kind < 0.65:
        holder[last] = copy.deepcopy(rng.choice(JUNK))
    elif kind < 0.75 and isinstance(holder, list):
        holder.extend(copy.deepcopy([holder[last]] * rng.choice((1, 2, 30))))
    elif kind < 0.85 and isinstance(holder, dict):
        holder[rng.choice(("", "data", last.upper(), last.replace("_", ""), "x" * 300))] = holder.pop(last)
    elif isinstance(holder[last], str):
        holder[last] = tampered(holder[last], rng)
    else:
        holder[last] = [holder[last]]


def tampered(text: str, rng: random.Random) -> str:
    cut = rng.randrange(len(text) + 1)
    return text[:cut] + rng.choice(("", "\u0000", "中", "-", "9", " ", "\\", '"', text)) + text[cut:]


def broken(body: bytes, rng: random.Random) -> bytes:
    """Cut, flipped, doubled or mixed bytes."""
    cut = rng.randrange(len(body) or 1)
    return rng.choice(
        (
            body[:cut],
            body[:cut] + bytes([rng.randrange(256)]) + body[cut + 1 :],
            body + body,
            b"\xef\xbb\xbf" + body,
            body.decode("utf-8", "replace").encode("utf-16"),
            body[:cut] + b"[" * 2000 + body[cut:],
        )
    )
