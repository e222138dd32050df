"""Identity numbers of GB 11643."""

from datetime import date

import pytest

from yibao.population.identity import birth_date, check_digit, identity_number, is_identity_number, normalised, sex

STANDARD_EXAMPLE = "11010519491231002X"  # the example of GB 11643-1999


def test_check_digit_of_the_standards_example_is_x() -> None:
    assert check_digit(STANDARD_EXAMPLE[:17]) == "X"


def test_the_standards_example_is_valid_in_small_letters_too() -> None:
    assert is_identity_number(STANDARD_EXAMPLE.lower())


def test_a_number_typed_in_full_width_characters_is_the_same_number() -> None:
    assert normalised(" １１０１０５１９４９１２３１００２ｘ ") == STANDARD_EXAMPLE
    assert is_identity_number("１１０１０５１９４９１２３１００２ｘ")


@pytest.mark.parametrize("place", range(17))
def test_every_single_wrong_digit_is_found(place: int) -> None:
    digit = str((int(STANDARD_EXAMPLE[place]) + 1) % 10)
    assert not is_identity_number(STANDARD_EXAMPLE[:place] + digit + STANDARD_EXAMPLE[place + 1 :])


def test_a_number_with_an_impossible_birth_date_is_refused() -> None:
    first = "34060019990230001"
    assert not is_identity_number(first + check_digit(first))


def test_a_composed_number_tells_birth_date_and_sex() -> None:
    number = identity_number("340600", date(1980, 2, 29), 124)
    assert is_identity_number(number)
    assert (birth_date(number), sex(number)) == (date(1980, 2, 29), "2")
