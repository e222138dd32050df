"""Knowledge in the database: what a batch changes, all or nothing, local codes, doctors' points."""

from datetime import date
from typing import Any

import pytest

from yibao.core.database import Connection
from yibao.core.errors import Refused
from yibao.supervision.knowledge import doctors, store
from yibao.supervision.knowledge.doctors import Entry, intervals, terms_of
from yibao.supervision.knowledge.model import LocalCode, PublishedPoint
from yibao.supervision.profiles import rulebook_from


def point(kp_id: str = "K1", **other: Any) -> PublishedPoint:
    values = {
        "rule": "药品区分性别使用", "item_name": "甲片", "codes": ("XA0001",), "params": {"sex": "女"}, "batch": "1",
        **other,
    }  # fmt: skip
    return PublishedPoint(kp_id=kp_id, **values)


REVISED = point("K2", codes=("XA0001", "XA0002"), batch="2026-01-revision", valid_from=date(2026, 1, 28))


async def test_what_was_imported_is_read_as_it_was(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    assert await store.stored_points(connection) == [point()]


async def test_importing_again_changes_nothing(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    before = await store.knowledge_version(connection)
    found = await store.import_points(connection, [point()], "a.csv")
    assert (found.new, found.changed, found.replaced, found.unchanged) == ([], [], [], 1)
    assert await store.knowledge_version(connection) == before


async def test_a_difference_is_shown_and_nothing_written(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    found = await store.compare(connection, [REVISED])
    assert [one.kp_id for one in found.new] == ["K2"]
    (change,) = found.replaced
    assert (change.after.kp_id, change.codes_added, change.codes_removed, change.params_changed) == (
        "K2", ["XA0002"], [], False,
    )  # fmt: skip
    assert await store.stored_points(connection) == [point()]


async def test_a_later_batch_ends_the_point_it_replaces(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    await store.import_points(connection, [REVISED], "b.csv")
    old, new = await store.stored_points(connection)
    assert (old.valid_to, new.valid_from) == (date(2026, 1, 27), date(2026, 1, 28))


async def test_a_corrected_row_is_a_change_in_place(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    found = await store.import_points(connection, [point(params={"sex": "男"})], "a.csv")
    assert [one.params_changed for one in found.changed] == [True]
    assert (await store.stored_points(connection))[0].params == {"sex": "男"}


async def test_a_replacement_without_a_later_first_day_is_refused(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    with pytest.raises(Refused) as caught:
        await store.import_points(connection, [point("K2", batch="18")], "b.csv")
    assert [one.code for one in caught.value.refusals] == ["V107"]


async def test_every_change_gives_another_version(connection: Connection) -> None:
    versions = [await store.knowledge_version(connection)]
    await store.import_points(connection, [point()], "a.csv")
    versions.append(await store.knowledge_version(connection))
    await store.write_local_codes(connection, "huaibei", [LocalCode("XA0001", "HB1")], [""])
    versions.append(await store.knowledge_version(connection))
    await doctors.add_points(connection, "huaibei", "D1", 9, date(2026, 3, 2), "淮医保决〔2026〕1号", "")
    versions.append(await store.knowledge_version(connection))
    assert len(set(versions)) == 4


async def test_a_rulebook_takes_imported_points_local_codes_and_doctors(connection: Connection) -> None:
    await store.import_points(connection, [point()], "a.csv")
    await store.write_local_codes(connection, "huaibei", [LocalCode("XA0001", "HB1")], ["甲"])
    await doctors.add_points(connection, "huaibei", "D1", 12, date(2026, 3, 2), "决1", "")
    book = await rulebook_from(connection, "huaibei", "full", date(2026, 3, 3))
    assert sorted(one.code for one in book.points("item_allowed") if one.rule_id == "N67") == ["HB1", "XA0001"]
    (doctor,) = book.points("doctor_status")
    assert (doctor.doctor, doctor.status, doctor.valid_to) == ("D1", "终止医保支付资格", date(2029, 3, 1))
    other = await rulebook_from(connection, "suizhou", "full", date(2026, 3, 3))
    assert [one.code for one in other.points("item_allowed") if one.rule_id == "N67"] == ["XA0001"]


async def test_before_the_first_import_the_built_in_points_count(connection: Connection) -> None:
    book = await rulebook_from(connection, "huaibei", "hard")
    assert len(book.points("item_allowed").all) > 1000


async def test_a_decision_gives_points_once(connection: Connection) -> None:
    await doctors.add_points(connection, "huaibei", "D1", 3, date(2026, 3, 2), "决1", "")
    with pytest.raises(Refused) as caught:
        await doctors.add_points(connection, "huaibei", "D1", 3, date(2026, 3, 2), "决1", "")
    assert [one.code for one in caught.value.refusals] == ["V111"]


@pytest.mark.parametrize("points", [0, 13])
async def test_points_are_one_to_twelve(connection: Connection, points: int) -> None:
    with pytest.raises(Refused) as caught:
        await doctors.add_points(connection, "huaibei", "D1", points, date(2026, 3, 2), "决1", "")
    assert [one.code for one in caught.value.refusals] == ["V110"]


async def test_revoked_points_never_counted(connection: Connection) -> None:
    await doctors.add_points(connection, "huaibei", "D1", 9, date(2026, 3, 2), "决1", "")
    assert len(await doctors.doctor_status(connection, "huaibei")) == 1
    await doctors.revoke_points(connection, "huaibei", "D1", "决1", date(2026, 4, 1), "决2")
    assert await doctors.doctor_status(connection, "huaibei") == []
    with pytest.raises(Refused) as caught:
        await doctors.revoke_points(connection, "huaibei", "D1", "决1", date(2026, 4, 1), "决3")
    assert [one.code for one in caught.value.refusals] == ["V112"]


def entry(points: int, day: str, decision: str = "决") -> Entry:
    return Entry("D1", points, date.fromisoformat(day), decision + day)


def test_eight_points_change_nothing() -> None:
    assert intervals([entry(8, "2026-03-02")], terms_of("huaibei")) == []


def test_nine_points_of_one_year_suspend_from_the_decision_on() -> None:
    (found,) = intervals([entry(5, "2026-03-02"), entry(4, "2026-05-10")], terms_of("huaibei"))
    assert (found.begins, found.ends, found.reason) == (date(2026, 5, 10), date(2026, 6, 9), "暂停医保支付资格")


def test_points_begin_anew_with_the_year() -> None:
    assert intervals([entry(5, "2026-12-31"), entry(4, "2027-01-01")], terms_of("huaibei")) == []


def test_twelve_points_together_end_the_right_for_a_year() -> None:
    found = intervals([entry(9, "2026-03-02"), entry(3, "2026-05-10")], terms_of("huaibei"))
    assert [(one.reason, one.ends) for one in found] == [
        ("暂停医保支付资格", date(2026, 4, 1)), ("终止医保支付资格", date(2027, 5, 9)),
    ]  # fmt: skip


def test_twelve_points_at_once_end_it_for_three_years() -> None:
    (found,) = intervals([entry(12, "2026-03-02")], terms_of("huaibei"))
    assert found.ends == date(2029, 3, 1)
