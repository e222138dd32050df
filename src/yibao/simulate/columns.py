"""From numpy to Arrow: texts that share a dictionary, numbered texts, decimals, days and times."""

from typing import Any

import numpy as np
import pyarrow as pa

from yibao.benefits.batch.compiling import compiled
from yibao.simulate.model import Ints


def shared(texts: Any, codes: Ints) -> Any:
    """`texts[code]` for each code as a dictionary column that holds only what occurs; a code below 0 is null."""
    codes = np.asarray(codes)
    present = np.zeros(len(texts) + 1, np.bool_)
    present[codes] = True
    place = (np.cumsum(present) - 1).astype(np.int32)
    present[-1] = False
    used = pa.array(np.asarray(texts)[np.flatnonzero(present)].tolist(), pa.string())
    mask = codes < 0
    return pa.DictionaryArray.from_arrays(pa.array(place[codes], mask=mask if mask.any() else None), used)


def constant(text: str | None, count: int) -> Any:
    """The same text for every row."""
    return shared([text or ""], np.full(count, -1 if text is None else 0))


def numbered(prefix: str, numbers: Ints, width: int) -> Any:
    """prefix + number with `width` digits, leading zeros kept."""
    head = np.frombuffer(prefix.encode(), np.uint8)
    size = len(head) + width
    content = np.empty((len(numbers), size), np.uint8)
    _write_digits(np.asarray(numbers, np.int64), np.array(head), width, content)
    offsets = np.arange(0, (len(numbers) + 1) * size, size, dtype=np.int64)
    texts = pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(offsets), pa.py_buffer(content))
    return texts.cast(pa.string())


@compiled
def _write_digits(numbers: Any, head: Any, width: int, content: Any) -> None:
    """content[row] = head, then the digits of a number."""
    for row in range(len(numbers)):
        rest = numbers[row]
        for k in range(len(head)):
            content[row][k] = head[k]
        for k in range(width):
            content[row][len(head) + width - 1 - k] = 48 + rest % 10
            rest //= 10


def decimals(units: Ints, empty: Any = None) -> Any:
    """decimal(16, 4) from integers of ten-thousandths; `empty` marks rows without a value."""
    pairs = np.empty((len(units), 2), np.int64)
    pairs[:, 0], pairs[:, 1] = units, units >> 63
    valid = None
    if empty is not None and empty.any():
        valid = pa.py_buffer(np.packbits(~empty, bitorder="little"))
    return pa.Array.from_buffers(pa.decimal128(16, 4), len(units), [valid, pa.py_buffer(pairs)])


def dates(days: Ints) -> Any:
    """Days since 1970-01-01 as dates; days below 0 are null (`births` keeps them)."""
    days = np.asarray(days)
    return pa.array(days.astype(np.int32), pa.int32(), mask=days < 0).cast(pa.date32())


def births(days: Ints) -> Any:
    """Days since 1970-01-01 as dates, also before that day."""
    return pa.array(np.asarray(days).astype(np.int32), pa.int32()).cast(pa.date32())


def times(days: Ints, seconds: Ints) -> Any:
    """Day and second of the day as a local time without zone."""
    return pa.array(np.asarray(days, np.int64) * 86_400 + seconds).cast(pa.timestamp("s"))
