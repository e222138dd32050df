"""Kinds of rules (规则种类): one file each, with what it looks for, its exemptions, and both executions.

kind.Kind            what every file defines as KIND
all_kinds()          every kind by its name; a new file is found by itself
"""

import importlib
import pkgutil
from functools import cache

from yibao.supervision.kinds.kind import Kind

NOT_A_KIND = {"kind", "expressions"}


@cache
def all_kinds() -> dict[str, Kind]:
    """Every kind by name, in the order of names."""
    names = sorted(one.name for one in pkgutil.iter_modules(__path__) if one.name not in NOT_A_KIND)
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names if not name.startswith("_")]
    return {module.KIND.name: module.KIND for module in modules}
