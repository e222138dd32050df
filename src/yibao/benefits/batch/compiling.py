"""Compiles plain Python to machine code (Numba), the counter's own arithmetic among it.

`register_jitable` tells Numba that compiled code may call these functions; they stay the plain functions that the
counter calls, and the counter never imports Numba. Compiled code is kept on disk between runs, in a folder named by
a fingerprint of every source it was made from: a change of the arithmetic can never meet an old compilation.
"""

import functools
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
from numba.core import config
from numba.extending import register_jitable

from yibao.benefits import arithmetic
from yibao.core import money

SHARED = (
    money.divide_half_up, money.share_of, arithmetic.base_of, arithmetic.empty_base, arithmetic.relabel,
    arithmetic.room, arithmetic.cut_fees, arithmetic.take_deductible, arithmetic.due_before, arithmetic.due_between,
    arithmetic.pay_segments, arithmetic.fees_reaching, arithmetic.stop_at_caps, arithmetic.count_caps,
    arithmetic.split_base, arithmetic.walk_layers,
)  # fmt: skip
OPTIONS: dict[str, Any] = {"_nrt": False, "error_model": "numpy", "forceinline": True}
"""What made the loops five times faster: no counting of references to arrays (so loops cannot make arrays), every
function in one piece with its caller, and no test for division by zero, which the arithmetic cannot do."""
for _function in SHARED:
    register_jitable(**OPTIONS)(_function)


def compiled(function: Callable[..., Any]) -> Any:
    """The function as machine code that runs without the interpreter's lock; made at its first call, then kept."""
    settings: Any = config
    folder, before = cache_folder(), settings.CACHE_DIR
    settings.CACHE_DIR = str(folder or "")
    try:
        return numba.njit(nogil=True, cache=folder is not None, **OPTIONS)(function)
    finally:
        settings.CACHE_DIR = before


@functools.cache
def cache_folder() -> Path | None:
    """Where compiled code is kept: under YIBAO_CACHE, XDG_CACHE_HOME or ~/.cache, the first that is set.

    `None` when nothing can be written there: then the code is compiled anew in each run, some ten seconds.
    """
    named = os.environ.get("YIBAO_CACHE") or os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(named).expanduser() / "yibao" / _fingerprint()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _fingerprint() -> str:
    here, counter = Path(__file__).parent, Path(__file__).parent.parent
    sources = [here / "kernel.py", here / "sorting.py", counter / "arithmetic.py", Path(str(money.__file__))]
    content = b"".join(source.read_bytes() for source in sources) + numba.__version__.encode()
    return hashlib.sha256(content + repr(OPTIONS).encode()).hexdigest()[:16]
