"""How far a share lies from its peers."""

from yibao.supervision.counter.under_review import Reviewed, distance, twice_median, with_distances


def reviewed(drugs: int, level: int = 3) -> Reviewed:
    shares = {"drugs": drugs, "tests": 5_000, "consumables": 0}
    return Reviewed(
        fixmedins_code="H", fixmedins_name="", level=level, dept="", dept_name="", doctor="", dr_name="", patients=1,
        lines=1, fees=1, insured=1, suspect=0, refused=0, approved=0, shares=shares,
    )  # fmt: skip


def test_the_distance_is_the_robust_z_in_tenths() -> None:
    rows = [reviewed(drugs) for drugs in (3_000, 3_100, 3_200, 3_300, 6_000)]
    # median 3,200, deviations 200 100 0 100 2,800: median 100; 0.6745 × 2,800 ÷ 100 = 18.886
    assert distance(rows[4], rows, "drugs") == 189
    assert distance(rows[0], rows, "drugs") == -13
    assert [row.is_outlier for row in with_distances(rows)] == [False, False, False, False, True]


def test_fewer_than_five_peers_or_equal_ones_are_not_compared() -> None:
    assert distance(reviewed(1), [reviewed(1)] * 4, "drugs") is None
    assert distance(reviewed(9), [reviewed(1)] * 5, "drugs") is None


def test_hospitals_are_compared_with_their_own_level() -> None:
    rows = [reviewed(drugs) for drugs in (3_000, 3_100, 3_200, 3_300)] + [reviewed(9_000, level=1)]
    assert with_distances(rows)[4].distances["drugs"] is None


def test_twice_the_median_is_a_whole_number() -> None:
    assert (twice_median([1, 2, 4]), twice_median([1, 2, 5, 9])) == (4, 7)
