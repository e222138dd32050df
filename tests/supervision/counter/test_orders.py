"""3101, 3102 and 3103 over the wire: what a doctor sees at the order, and who may let it pass."""

import dataclasses
from typing import Any

from tests.gateway.conftest import City
from tests.settlement.town import DRUG_A, DRUG_B, OWN_PAID
from tests.supervision.counter.conftest import Watched
from tests.supervision.counter.orders import LEVEL, POINTS, WOMEN_ONLY, asking, encounter, feedback, order, rulebooks
from yibao.supervision.counter import screening
from yibao.supervision.counter.rulebooks import merged
from yibao.supervision.kinds import all_kinds
from yibao.supervision.kinds.frequency_in_period import FrequencyInPeriod
from yibao.supervision.rulebook import Rule, Rulebook


async def warnings(city: City) -> list[Any]:
    async with city.town.database.connection() as connection:
        return list(await connection.fetch("select * from supervision.order_warning order by jr_id"))


async def first_code(city: City, infno: str, sent: Any, **changes: Any) -> str:
    reply = await city.hospital.call(infno, sent, **changes)
    assert reply["infcode"] == -1, reply
    return str(reply["output"]["faults"][0]["code"])


async def test_an_order_that_breaks_a_rule_is_answered_with_rule_reason_clause_and_amount(city: City) -> None:
    visit = encounter("V1", order("R1", DRUG_A, "30"), order("R2", OWN_PAID))
    (found,) = (await city.hospital.ok("3101", asking("w1", visit)))["result"]
    assert (found["rule_id"], found["rule_name"], found["sev_deg"]) == ("N05", "药品区分性别使用", "1")
    assert found["vola_evid"] == "条例第三十八条第五项"
    assert "妇科药性别不符" in found["vola_cont"]
    assert "须经高级职称医师批准" in found["vola_cont"]
    assert (found["patn_id"], found["mdtrt_id"], found["vola_amt"]) == ("w1", "V1", 30)
    (detail,) = found["judge_result_detail_dtos"]
    assert (detail["rx_id"], detail["vola_item_type"], detail["vola_amt"]) == ("R1", "1", 30)


async def test_a_clean_order_is_answered_with_nothing_and_leaves_nothing(city: City) -> None:
    assert await city.hospital.ok("3101", asking("w2", encounter("V1", order("R1", DRUG_A)))) == {"result": []}
    assert await warnings(city) == []


async def test_the_register_says_the_sex_of_a_person_whom_it_knows(city: City) -> None:
    asked = asking("w2", encounter("V1", order("R1", DRUG_A)), gend="1")
    assert (await city.hospital.ok("3101", asked))["result"] == []


async def test_a_person_whom_nobody_knows_is_checked_by_what_the_program_sends(city: City) -> None:
    visit = encounter("V1", order("R1", DRUG_A))
    assert len((await city.hospital.ok("3101", asking("nobody", visit)))["result"]) == 1
    assert (await city.hospital.ok("3101", asking("nobody", visit, gend="2")))["result"] == []


async def test_orders_given_before_are_seen_but_not_warned_of_again(city: City) -> None:
    visit = encounter("V1", order("R1", DRUG_A, current="0"), order("R2", OWN_PAID))
    assert (await city.hospital.ok("3101", asking("w1", visit)))["result"] == []


async def test_asking_twice_gives_the_same_number_and_keeps_one_warning(city: City) -> None:
    asked = asking("w1", encounter("V1", order("R1", DRUG_A)))
    first, second = [(await city.hospital.ok("3101", asked))["result"][0]["jr_id"] for _ in range(2)]
    assert first == second
    (kept,) = await warnings(city)
    assert (kept["asked"], kept["rule_id"], kept["rx_ids"], kept["refuses"]) == (2, "N05", ["R1", "RXR1"], True)


async def test_a_pharmacy_asks_before_it_sells(city: City) -> None:
    visit = encounter("V1", order("R1", DRUG_A), order("R2", DRUG_B), place=city.pharmacy.code, med_type="41")
    found = (await city.pharmacy.ok("3101", asking("w1", visit)))["result"]
    assert [row["rule_id"] for row in found] == ["N05"]  # pharmacies have no level


async def test_a_suspicious_order_goes_on_with_a_reason_only(city: City) -> None:
    visit = encounter("V1", order("R1", DRUG_B), place=city.county.code)
    (found,) = (await city.county.ok("3101", asking("w2", visit)))["result"]
    assert (found["rule_id"], found["sev_deg"]) == ("N11", "2")
    refused = await city.county.call("3103", feedback(found["jr_id"], reason=""))
    assert refused["output"]["faults"][0]["code"] == "V303"
    await city.county.ok("3103", feedback(found["jr_id"]), opter="D5")
    (kept,) = await warnings(city)
    assert (kept["dspo_way"], kept["dspo_way_rea"], kept["answered_by"]) == ("1", "病情需要", "D5")


async def test_a_refused_order_goes_on_only_when_a_senior_doctor_says_so(city: City) -> None:
    (found,) = (await city.hospital.ok("3101", asking("w1", encounter("V1", order("R1", DRUG_A)))))["result"]
    assert await first_code(city, "3103", feedback(found["jr_id"]), opter="D1") == "V304"  # known, but no senior
    assert await first_code(city, "3103", feedback(found["jr_id"]), opter="0001") == "V304"
    await city.hospital.ok("3103", feedback(found["jr_id"]), opter="D9")
    (kept,) = await warnings(city)
    assert (kept["approved_by"], kept["approved_reason"]) == ("D9", "病情需要")


async def test_a_refused_order_may_be_changed_by_anybody(city: City) -> None:
    (found,) = (await city.hospital.ok("3101", asking("w1", encounter("V1", order("R1", DRUG_A)))))["result"]
    await city.hospital.ok("3103", feedback(found["jr_id"], way="2", reason=""))
    (kept,) = await warnings(city)
    assert (kept["dspo_way"], kept["approved_by"]) == ("2", None)


async def test_only_the_institution_that_was_warned_may_answer_and_only_as_the_interface_says(city: City) -> None:
    (found,) = (await city.hospital.ok("3101", asking("w1", encounter("V1", order("R1", DRUG_A)))))["result"]
    assert await first_code(city, "3103", feedback("unknown")) == "V301"
    assert await first_code(city, "3103", feedback(found["jr_id"], way="7")) == "V302"
    reply = await city.county.call("3103", feedback(found["jr_id"], way="2"))
    assert reply["output"]["faults"][0]["code"] == "V301"


WEEKLY = Rule(
    "N22", "限定频次", "frequency_in_period", "violation", frozenset({"before", "during"}), "目录", refuses=True
)
ONCE_A_WEEK = FrequencyInPeriod(
    rule_id="N22", kp_id="K3", code=DRUG_A, item="周药", max_count=10_000, window_days=7, across=1
)


async def test_what_was_given_at_another_institution_last_week_counts(watched: Watched) -> None:
    city = watched(rulebooks([WEEKLY], {"frequency_in_period": [ONCE_A_WEEK]}))
    ask = asking("w1", encounter("V1", order("R1", DRUG_A)))
    assert (await city.hospital.ok("3101", ask))["result"] == []
    await city.town.buy("w1", "20")
    (found,) = (await city.hospital.ok("3101", ask))["result"]
    assert found["rule_id"] == "N22"


async def test_lines_uploaded_during_the_stay_count_once_beside_their_orders(watched: Watched) -> None:
    city = watched(rulebooks([WEEKLY], {"frequency_in_period": [ONCE_A_WEEK]}))
    stay = await city.town.admit("w1", insutype="310")
    await city.town.upload("w1", stay, city.town.line(DRUG_A, "30", rx_drord_no="RXR1"))
    same = encounter(stay, order("R1", DRUG_A, current="0"), med_type="2101")
    assert (await city.hospital.ok("3102", asking("w1", same)))["result"] == []
    more = encounter(stay, order("R1", DRUG_A, current="0"), order("R2", DRUG_A), med_type="2101")
    (found,) = (await city.hospital.ok("3102", asking("w1", more)))["result"]
    assert [row["rx_id"] for row in found["judge_result_detail_dtos"]] == ["R2"]
    (kept,) = await warnings(city)
    assert kept["stage"] == "during"


async def test_a_rule_that_fails_does_not_stop_the_others(watched: Watched, monkeypatch: Any) -> None:
    def fails(case: Any, points: Any) -> Any:
        raise KeyError("M1")

    kinds = dict(all_kinds())
    kinds["frequency_in_period"] = dataclasses.replace(kinds["frequency_in_period"], at_counter=fails)
    monkeypatch.setattr(screening, "all_kinds", lambda: kinds)
    city = watched(rulebooks([WEEKLY, WOMEN_ONLY], {**POINTS, "frequency_in_period": [ONCE_A_WEEK]}))
    found = (await city.hospital.ok("3101", asking("w1", encounter("V1", order("R1", DRUG_A)))))["result"]
    assert [row["rule_id"] for row in found] == ["N05"]


def test_where_both_profiles_have_a_rule_the_hard_one_counts() -> None:
    soft = Rule("N05", "药品区分性别使用", "item_allowed", "suspect", WOMEN_ONLY.stages, "")
    both = merged(Rulebook("full", "a", [soft, LEVEL], POINTS), Rulebook("hard", "b", [WOMEN_ONLY], POINTS))
    assert both.rules["N05"].refuses
    assert sorted(point.rule_id for point in both.points("item_allowed")) == ["N05", "N11", "N11"]
