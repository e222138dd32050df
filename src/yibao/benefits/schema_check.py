"""Schema faults in the words of a policy author: unknown key with the known ones, wrong value with the allowed ones."""

from collections.abc import Iterator
from typing import Any

import jsonschema

from yibao.benefits.document import Document, Problem

TYPES = {
    "number": "a number", "integer": "a whole number", "string": "text", "array": "a list", "object": "a mapping",
    "boolean": "true or false",
}  # fmt: skip


def schema_problems(validator: jsonschema.Draft202012Validator, document: Document) -> list[Problem]:
    """Every fault of the document against the schema, in the order of the file."""
    found = [problem for error in validator.iter_errors(document.data) for problem in _explain(error, document)]
    return sorted(dict.fromkeys(found), key=lambda problem: (problem.file, problem.line))


def _explain(error: Any, document: Document) -> Iterator[Problem]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        for key in error.instance:
            if key not in known:
                yield document.problem((*path, key), f"unknown key; known here: {', '.join(known)}")
    elif error.validator == "required":
        missing = error.message.split("'")[1]
        yield document.problem(path, f"the key `{missing}` is missing")
    else:
        yield document.problem(path, _message(error))


def _message(error: Any) -> str:
    wanted = error.validator_value
    match error.validator:
        case "type":
            names = [wanted] if isinstance(wanted, str) else wanted
            return f"{_shown(error.instance)} must be {' or '.join(TYPES[name] for name in names)}"
        case "enum":
            return f"{_shown(error.instance)} must be one of {', '.join(map(str, wanted))}"
        case "pattern" if wanted.startswith("^("):
            return f"{_shown(error.instance)} must be one of {wanted[2:-2].replace('|', ', ')}"
        case "pattern":
            return f"{_shown(error.instance)} does not have the form {wanted}"
        case "minimum" | "maximum":
            return f"{error.instance} must be {'at least' if error.validator == 'minimum' else 'at most'} {wanted}"
        case "minItems" | "minProperties":
            return "must not be empty"
    return str(error.message)


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"`{value}`"
