"""How amounts, counts and identities are written for people."""

from yibao.web.wording import masked_certificate, name_of, percent, price, scaled, yuan


def test_amounts_have_thousands_separators_two_decimals_and_a_real_minus() -> None:
    assert [yuan(fen) for fen in (0, 5, 123_456_789, -16_40)] == ["0.00", "0.05", "1,234,567.89", "−16.40"]


def test_ratios_are_percent_without_useless_zeros() -> None:
    assert [percent(ratio) for ratio in (0, 5000, 8750, 9999, 10_000)] == ["0%", "50%", "87.5%", "99.99%", "100%"]


def test_counts_and_prices_keep_every_decimal_they_have_and_no_more() -> None:
    assert [scaled(count, 4) for count in (10_000, 25_000, 1, -10_000)] == ["1", "2.5", "0.0001", "−1"]
    assert [scaled(times, 0) for times in (0, 10, -1)] == ["0", "10", "−1"]
    assert [price(one) for one in (12_000_000, 123_450_000, 1_234_567)] == ["12.00", "123.45", "1.234567"]


def test_a_certificate_number_shows_its_area_and_its_end_only() -> None:
    assert masked_certificate("340602194903120013") == "340602**********13"
    assert masked_certificate("E1234567") == "******67"
    assert masked_certificate("1") == "1"


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert (name_of("med_type", "2101"), name_of("med_type", "ZZ"), name_of("no_table", "1")) == ("普通住院", "ZZ", "1")
