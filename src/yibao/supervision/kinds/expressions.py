"""Pieces of column expressions that kinds share. Ibis tables in, Ibis tables out; nothing here is engine-specific."""

from typing import Any


def with_points(lines: Any, points: Any) -> Any:
    """Lines joined with the points of their item that are in force on the day of the line.

    Points keep their names; columns of both are never the same except those of `Point`, which lines do not have.
    """
    joined = lines.join(points, lines.med_list_codg == points.code)
    day = joined.fee_ocur_time.date()
    return joined.filter((day >= joined.valid_from) & (day <= joined.valid_to))


def insured(lines: Any) -> Any:
    """Lines of which something went into the insured fees: what a person pays whole is no matter of the fund."""
    return lines.filter(lines.inscp_amt > 0)
