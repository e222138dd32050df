"""Read YAML with exact numbers and remember where everything stood.

`read_documents` turns files into plain values (text, `int`, `Decimal`, `bool`, `None`, lists, dicts) and a map
from each path to its `file:line`, so that every later problem can point at the place. Only `true`/`false`, plain
decimal numbers and `null` are special; dates stay text; `yes`, `no` and `on` are just words.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Where = tuple[str | int, ...]
INTEGER, DECIMAL = re.compile(r"[-+]?\d+"), re.compile(r"[-+]?\d+\.\d+")
WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Problem:
    """One fault of a pack or case: where (file, line, key) and what, in words."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.key}: {self.message}"


class PackError(ValueError):
    """A pack or case that cannot be used; `problems` lists every fault found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass
class Document:
    """What was read, and the place of each path in it."""

    data: Any
    places: dict[Where, tuple[str, int]] = field(default_factory=dict)

    def problem(self, path: Where, message: str) -> Problem:
        """A problem at the path, or at the nearest enclosing place that is known."""
        known = path
        while known not in self.places and known:
            known = known[:-1]
        file, line = self.places.get(known, ("?", 1))
        return Problem(file, line, dotted(path), message)


def dotted(path: Where) -> str:
    """`layers.basic.caps[0].limit`"""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "(document)"


def read_documents(path: Path) -> Document:
    """Read one file, or the YAML files of a folder as one document (their top-level keys are put together)."""
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    if not files:
        raise PackError([Problem(str(path), 1, "(folder)", "no .yaml file in this folder")])
    whole = read_document(files[0])
    for file in files[1:]:
        more = read_document(file)
        twice = [key for key in more.data if key in whole.data]
        if twice:
            raise PackError([more.problem((key,), "stands in two files of this folder") for key in twice])
        whole.data |= more.data
        whole.places |= {where: place for where, place in more.places.items() if where}
    return whole


def read_document(file: Path) -> Document:
    """Read one YAML file; `PackError` when it is missing or is no YAML mapping."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise PackError([Problem(str(file), 1, "(file)", f"cannot be read: {error}")]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PackError([Problem(str(file), line, "(syntax)", f"no YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise PackError([Problem(str(file), 1, "(syntax)", f"no YAML: {error}")]) from error
    if not isinstance(root, yaml.MappingNode):
        raise PackError([Problem(str(file), 1, "(document)", "must be a mapping of keys")])
    reader = _Reader(str(file))
    document = Document(reader.value(root, ()), reader.places)
    if reader.problems:
        raise PackError(reader.problems)
    return document


class _Reader:
    """Walks the nodes of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[Where, tuple[str, int]] = {}
        self.problems: list[Problem] = []

    def value(self, node: yaml.Node, path: Where) -> Any:
        self.places.setdefault(path, (self.file, node.start_mark.line + 1))
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        own: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key == "<<" and isinstance(value_node, yaml.MappingNode):
                found = self.mapping(value_node, path) | found
                continue
            line = key_node.start_mark.line + 1
            if key in own:
                self.problems.append(Problem(self.file, line, dotted((*path, key)), "stands twice"))
            own.add(key)
            self.places[(*path, key)] = (self.file, line)
            found[key] = self.value(value_node, (*path, key))
        return found


def scalar(node: yaml.Node) -> Any:
    """Quoted text stays text; plain words become numbers, truth values, nothing or text."""
    text = str(node.value)
    if getattr(node, "style", None):
        return text
    if INTEGER.fullmatch(text):
        return int(text)
    if DECIMAL.fullmatch(text):
        return Decimal(text)
    return WORDS.get(text, text)
