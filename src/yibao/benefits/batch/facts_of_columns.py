"""From national columns to facts, money and days, by the same reading of codes as the counter (`benefits.national`)."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from yibao.benefits import national
from yibao.benefits.batch.columns import FACT_COLUMNS, Column
from yibao.benefits.batch.visits import EPOCH, Array, Source, Visits, VisitsError
from yibao.benefits.facts import FACTS, Facts

OLDEST = 150
LARGEST_AMOUNT = 10**13
"""One hundred billion yuan in fen: whatever is larger is no bill, and integers of 64 bits hold all sums below."""
PORTION_COLUMNS = {
    "full_self_pay": "fulamt_ownpay_amt", "over_limit": "overlmt_selfpay", "prepay": "preselfpay_amt",
    "in_scope": "inscp_amt",
}  # fmt: skip
YEAR = 512
PLACE = ("area", "filing", "referral_followed")


def visits_of(table: Any, extra_portions: Sequence[str], left_out: int, name: str) -> Visits:
    """Visits of a checked table in one chunk; `VisitsError` for values that mean nothing."""
    columns = _Columns(table, name)
    persons, numbers = columns.coded("psn_no")
    day, order = columns.days()
    first = int(day.min())
    med_types, care_of = columns.coded("med_type")
    portions = {portion: columns.fen(column) for portion, column in PORTION_COLUMNS.items()}
    portions |= {portion: columns.fen(portion) for portion in extra_portions}
    staying = np.array([national.is_stay(code) for code in care_of])[med_types]
    return Visits(
        persons, len(numbers), order, EPOCH + datetime.timedelta(days=first), _fixed(day - first, np.int32),
        columns.days_of_stay(day, staying), columns.stays(staying), columns.coded("dise_no")[0], portions,
        columns.sources(day, (med_types, care_of)), left_out, columns.sum_warnings(portions),
    )  # fmt: skip


class _Columns:
    """The columns of a table as codes and numbers."""

    def __init__(self, table: Any, name: str) -> None:
        self.table, self.name, self.names = table, name, set(table.column_names)
        self.length = len(table)

    def array(self, column: str) -> Any:
        """One column as one Arrow array."""
        chunked = self.table[column]
        return chunked.chunk(0) if chunked.num_chunks == 1 else chunked.combine_chunks()

    def coded(self, column: str) -> tuple[Array, list[str]]:
        """Codes and their texts; a missing column or empty value is the text ""."""
        if column not in self.names:
            return _fixed(np.zeros(self.length, np.int32), np.int32), [""]
        codes, values = self.encoded(column)
        return codes, ["" if value is None else str(value) for value in values]

    def encoded(self, column: str) -> tuple[Array, list[Any]]:
        """Codes and the values they stand for, `None` for empty ones."""
        array = self.array(column)
        coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        values, codes = coded.dictionary.to_pylist(), coded.indices
        if codes.null_count:
            codes, values = codes.fill_null(len(values)), [*values, None]
        return _fixed(codes.to_numpy(zero_copy_only=False), np.int32), values

    def fen(self, column: str) -> Array:
        """Amounts; a missing column or empty value is 0."""
        if column not in self.names:
            return _fixed(np.zeros(self.length, np.int64), np.int64)
        amounts = _fixed(_filled(self.array(column)), np.int64)
        if len(amounts) and max(int(amounts.max()), -int(amounts.min())) > LARGEST_AMOUNT:
            raise VisitsError(f"{self.name}: column {column} holds amounts above 100 billion yuan: is it in fen?")
        return amounts

    def days(self) -> tuple[Array, Array]:
        """The day of each visit (days after 1970-01-01), and what orders them in time."""
        ends = self.array("enddate") if "enddate" in self.names else self.array("setl_time")
        times = self.array("setl_time") if "setl_time" in self.names else ends
        day = (
            _days(ends) if not ends.null_count else _days(pc.coalesce(ends.cast(pa.date32()), times.cast(pa.date32())))
        )
        if times.null_count:
            times = pc.coalesce(times.cast(pa.timestamp("ms")), ends.cast(pa.timestamp("ms")))
        return day, _fixed(times.cast(pa.timestamp("ms"), safe=False).cast(pa.int64()).to_numpy(), np.int64)

    def days_of_stay(self, day: Array, staying: Array) -> Array:
        """Days in bed: discharge − admission, at least one; 0 outside a stay, as at the counter."""
        begin = self.array("begndate") if "begndate" in self.names else None
        lasted = np.ones(self.length, np.int64)
        if begin is not None:
            known = begin.is_valid().to_numpy(zero_copy_only=False)
            lasted = np.where(known, np.maximum(1, day - _days(begin)), 1)
        return _fixed(np.where(staying, lasted, 0), np.int32)

    def stays(self, staying: Array) -> Array:
        """Numbers of the stays that are settled in several bills (mid_setl_flag 1); empty when there are none."""
        if "mid_setl_flag" not in self.names:
            return _fixed(np.zeros(0, np.int32), np.int32)
        flags, flag_of = self.coded("mid_setl_flag")
        interim = np.array([text == "1" for text in flag_of])[flags] & staying
        if not interim.any():
            return _fixed(np.zeros(0, np.int32), np.int32)
        codes, texts = self.coded("mdtrt_id")
        several = np.zeros(len(texts), bool)
        several[codes[interim]] = True
        return _fixed(np.where(several[codes] & staying, codes + 1, 0), np.int32)

    def sources(self, day: Array, med_type: tuple[Array, list[str]]) -> list[Source]:
        """Every fact that some column tells."""
        found = [
            self.source("insutype", "insurance", national.insurance_of),
            self.source("psn_type", "status", national.status_of),
            self.source("hosp_lv", "level", lambda text: int(text) if text.isdigit() else 9),
            self.source("dise_no", "disease", str),
            self.source("gend", "sex", national.sex_of),
            self.source("ttp_pay_flag", "third_party", lambda text: text == "1"),
            Source(("care", "med_type"), med_type[0], [(national.care_of(text), text) for text in med_type[1]]),
            self.tags(), self.age(day), self.place(med_type),
            *(self.fact(column) for column in FACT_COLUMNS if column.name in self.names - set(PLACE)),
        ]  # fmt: skip
        return [source for source in found if source]

    def source(self, column: str, fact: str, meaning: Callable[[str], Any]) -> Source | None:
        """A fact that each text of a column means."""
        if column not in self.names:
            return None
        codes, texts = self.coded(column)
        return Source((fact,), codes, [(meaning(text),) for text in texts])

    def fact(self, column: Column) -> Source:
        """A fact in a column of its own name."""
        codes, values = self.encoded(column.name)
        return Source((column.name,), codes, [(self.fact_value(column.name, value),) for value in values])

    def fact_value(self, name: str, value: Any) -> Any:
        fact = FACTS[name]
        if value is None or (value == "" and fact.kind != "text"):
            return getattr(Facts(), name)
        if fact.kind == "flag":
            return value in (True, "1")
        if fact.kind == "choice" and value not in (fact.values or {}):
            known = ", ".join(fact.values or {})
            raise VisitsError(f"{self.name}: column {name} holds {value}, which is none of {known}")
        return value

    def tags(self) -> Source | None:
        """Identity tags: a list, or text joined by ; (also full-width)."""
        if "tags" not in self.names:
            return None
        array = self.array("tags")
        if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
            array = pc.binary_join(array.cast(pa.list_(pa.string())), ";")
        coded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
        codes, values = coded.indices, [_tag_set(text) for text in coded.dictionary.to_pylist()]
        if codes.null_count:
            codes, values = codes.fill_null(len(values)), [*values, frozenset()]
        return Source(("tags",), _fixed(codes.to_numpy(), np.int32), [(value,) for value in values])

    def age(self, day: Array) -> Source | None:
        """Completed years: the column age, or from the date of birth on the day of the visit."""
        if "age" in self.names:
            ages = _filled(self.array("age"), Facts().age)
        elif "brdy" in self.names:
            born = self.array("brdy")
            known = born.is_valid().to_numpy(zero_copy_only=False)
            ages = np.where(known, _years_between(_days(born), day), Facts().age)
        else:
            return None
        return Source(("age",), _fixed(np.clip(ages, 0, OLDEST), np.int32), [(age,) for age in range(OLDEST + 1)])

    def place(self, med_type: tuple[Array, list[str]]) -> Source | None:
        """Where the care was, whether it was filed, and so whether the referral rules were followed."""
        if not self.names & {"insu_admdvs", *PLACE[1:]}:
            return None
        insured, home = self.coded("insu_admdvs")
        treated, there = self.treated()
        parts = [
            (insured, home), (treated, there), (med_type[0], med_type[1]),
            *(self.encoded(name) if name in self.names else (insured[:0], [None]) for name in PLACE[1:]),
        ]  # fmt: skip
        codes, values = _combined(parts, self.length)
        return Source(PLACE, codes, [self.place_facts(*value) for value in values])

    def treated(self) -> tuple[Array, list[str]]:
        if "mdtrtarea" in self.names:
            return self.coded("mdtrtarea")
        codes, texts = self.coded("fixmedins_code")
        return codes, [text[1:7] if text[1:7].isdigit() else "" for text in texts]

    def place_facts(self, home: str, there: str, med_type: str, filing: Any, followed: Any) -> tuple[Any, ...]:
        area = national.area_between(home, there) if home and there else "local"
        if filing in (None, ""):
            filing = national.filing_without_record(area, med_type)
        filing = self.fact_value("filing", filing)
        known = area == "local" or filing != "none"
        return area, filing, known if followed in (None, "") else self.fact_value("referral_followed", followed)

    def sum_warnings(self, portions: dict[str, Array]) -> list[str]:
        """Rows whose parts do not add up to medfee_sumamt: the parts are used."""
        if "medfee_sumamt" not in self.names:
            return []
        wrong = np.count_nonzero(sum(portions[name] for name in PORTION_COLUMNS) != self.fen("medfee_sumamt"))
        text = f"{wrong:,} rows: the parts do not add up to medfee_sumamt; the sum of the parts is used"
        return [text] if wrong else []


def _combined(parts: Sequence[tuple[Array, list[Any]]], length: int) -> tuple[Array, list[tuple[Any, ...]]]:
    """One code for each combination of several columns that occurs, with the values of the columns."""
    codes = np.zeros(length, np.int64)
    values: list[tuple[Any, ...]] = [()]
    for part, texts in parts:
        known: dict[Any, int] = {}
        digits = np.array([known.setdefault(text, len(known)) for text in texts], np.int64)
        if len(known) > 1:
            codes = codes * len(known) + digits[part]
        values = [(*before, text) for before in values for text in known]
        if len(known) > 1:
            present = np.zeros(len(values), bool)
            present[codes] = True
            codes = (np.cumsum(present) - 1)[codes]
            values = [values[number] for number in np.flatnonzero(present)]
    return _fixed(codes, np.int32), values


def _tag_set(text: str) -> frozenset[str]:
    return frozenset(tag.strip() for tag in text.replace("；", ";").split(";") if tag.strip())


def _filled(array: Any, default: int = 0) -> Array:
    return (array.fill_null(default) if array.null_count else array).to_numpy(zero_copy_only=False)


def _days(array: Any) -> Array:
    """Dates or times as days after 1970-01-01, empty ones as 0."""
    return _filled(array.cast(pa.date32(), safe=False).cast(pa.int32())).astype(np.int64)


def _years_between(born: Array, day: Array) -> Array:
    """Completed years, as `core.dates.age_on`; days after 1970-01-01, looked up in a table."""
    first, last = int(min(born.min(), day.min())), int(max(born.max(), day.max()))
    number = _calendar_numbers(first, last)
    return (number[day - first] - number[born - first]) // YEAR


def _calendar_numbers(first: int, last: int) -> Array:
    """year × 512 + month × 32 + day of each day from `first` to `last`: anniversaries differ by multiples of 512."""
    dates = np.arange(first, last + 1).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    month = months.astype(np.int64)
    return month // 12 * YEAR + month % 12 * 32 + (dates - months).astype(np.int64)


def _fixed(array: Array, kind: Any) -> Array:
    """Contiguous, of one type and read only: one compilation serves every file."""
    fixed = np.ascontiguousarray(array, kind)
    fixed.flags.writeable = False
    return fixed
