"""The page of one bill and the list of bills."""

import re

import httpx

from tests.web.city import OLD_MAN, OLD_MAN_CERTIFICATE, PHARMACY, City
from yibao.core.database import Database
from yibao.settlement.queries import find_bill
from yibao.web.statement import Statement, statement_of
from yibao.web.wording import yuan


async def read(city: City, name: str) -> Statement:
    database: Database = city.services.database
    async with database.connection() as connection:
        view = await find_bill(connection, city.bills[name])
    assert view is not None
    return statement_of(view, {"resident_year": "年度限额"})


async def test_a_bill_shows_who_where_when_and_every_payer(clerk: httpx.AsyncClient, city: City) -> None:
    text = (await clerk.get(f"/bills/{city.bills['stay']}")).text
    for words in (
        "张德厚",
        "淮北市人民医院",
        "普通住院",
        "9 天",
        "居民医保统筹",
        "居民大病保险",
        "医疗救助",
        "现金支付",
    ):
        assert words in text, words


async def test_the_certificate_number_never_leaves_the_server_whole(clerk: httpx.AsyncClient, city: City) -> None:
    text = (await clerk.get(f"/bills/{city.bills['stay']}")).text
    assert OLD_MAN_CERTIFICATE not in text
    assert "340602**********13" in text


async def test_payers_add_up_to_the_bill_and_their_slices_to_the_whole_bar(city: City) -> None:
    for name in city.bills:
        statement = await read(city, name)
        assert sum(payer.amount for payer in statement.payers) == statement.bill.medfee_sumamt
        assert sum(payer.share for payer in statement.payers) == 10_000
        assert sum(payer.rounded_share for payer in statement.payers) == 100


async def test_lines_are_grouped_by_class_and_their_subtotals_add_up(city: City) -> None:
    statement = await read(city, "stay")
    assert [(group.title, len(group.lines)) for group in statement.groups] == [
        ("甲类", 12), ("乙类", 7), ("丙类（自费）", 1),
    ]  # fmt: skip
    assert sum(group.total for group in statement.groups) == statement.bill.medfee_sumamt
    for group in statement.groups:
        assert group.total == group.full_self_pay + group.over_limit + group.prepay + group.in_scope


async def test_each_layer_is_shown_with_its_arithmetic_and_its_clause(clerk: httpx.AsyncClient, city: City) -> None:
    statement = await read(city, "stay")
    basic = statement.steps[0]
    assert basic.title == "居民医保统筹"
    assert basic.base_total - sum(cut.amount for cut in basic.cuts) == sum(part.amount for part in basic.segments)
    assert basic.paid == sum(part.pay for part in basic.segments)
    assert all(source.reference for source in basic.sources)
    text = (await clerk.get(f"/bills/{city.bills['stay']}")).text
    assert f"{yuan(basic.segments[0].amount)} × 70%" in text
    assert "未核原文" in text


async def test_what_the_layers_paid_is_what_the_funds_and_accounts_paid(city: City) -> None:
    for name in ("stay", "pharmacy", "cancelled"):
        statement = await read(city, name)
        assert sum(step.paid for step in statement.steps) == statement.bill.fund_pay_sumamt + statement.bill.acct_pay


async def test_a_layer_that_paid_nothing_says_why(city: City) -> None:
    pharmacy = await read(city, "pharmacy")
    assert (pharmacy.steps[0].paid, pharmacy.steps[0].why_nothing) == (0, "起付线标准 200.00，未达到")


async def test_all_four_identities_hold_on_every_bill(city: City) -> None:
    for name in city.bills:
        checks = (await read(city, name)).checks
        assert [check.holds for check in checks] == [True] * 4, name


async def test_the_year_is_shown_as_it_stood_after_this_bill_not_as_it_stands_today(city: City) -> None:
    first, second = await read(city, "pharmacy"), await read(city, "cancelled")
    totals = [{total.title: total for total in bill.year_totals}["职工门诊统筹 起付线已付"] for bill in (first, second)]
    assert totals[0].after == totals[0].added
    assert totals[1].after == totals[0].after + totals[1].added


async def test_a_cancelled_bill_and_its_negative_point_at_each_other(clerk: httpx.AsyncClient, city: City) -> None:
    cancelled = (await clerk.get(f"/bills/{city.bills['cancelled']}")).text
    negative = (await clerk.get(f"/bills/{city.bills['negative']}")).text
    assert "已撤销，结算单作废" in cancelled
    assert f'href="/bills/{city.bills["negative"]}"' in cancelled
    assert "红冲" in negative
    assert f'href="/bills/{city.bills["cancelled"]}"' in negative


async def test_bills_are_found_by_number_person_certificate_institution_and_day(
    clerk: httpx.AsyncClient, city: City
) -> None:
    today = f"{(await read(city, 'stay')).bill.setl_time:%Y-%m-%d}"
    everything = {city.bills[name] for name in city.bills}
    pharmacy = everything - {city.bills["stay"]}
    for query, expected in (
        ("", everything),
        (f"setl_id={city.bills['stay']}", {city.bills["stay"]}),
        (f"psn_no={OLD_MAN}", {city.bills["stay"]}),
        (f"psn_no={OLD_MAN_CERTIFICATE}", {city.bills["stay"]}),
        (f"fixmedins_code={PHARMACY}", pharmacy),
        (f"from={today}&to={today}", everything),
        ("to=2020-01-01", set()),
    ):
        text = (await clerk.get(f"/bills?{query}")).text
        assert set(re.findall(r'href="/bills/(\d+)"', text)) == expected, query


async def test_a_day_that_is_no_day_is_explained_and_harms_nothing(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.get("/bills?from=yesterday&page=-1")
    assert answer.status_code == 200
    assert "日期请按 年-月-日 填写" in answer.text


async def test_large_type_is_remembered_on_every_page(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/display/large?next=/verify-bill")
    assert answer.headers["location"] == "/verify-bill"
    for path in ("/", "/login", "/verify-bill", "/nowhere"):
        assert '<html lang="zh-Hans" class="large">' in (await visitor.get(path)).text, path
    await visitor.get("/display/normal")
    assert 'class="large"' not in (await visitor.get("/")).text


async def test_pages_load_nothing_from_elsewhere(clerk: httpx.AsyncClient, city: City) -> None:
    for path in ("/", "/login", "/bills", f"/bills/{city.bills['stay']}", "/verify-bill"):
        answer = await clerk.get(path)
        assert re.findall(r'(?:src|href)="(?:https?:)?//', answer.text) == [], path
        assert "<script" not in answer.text
        assert answer.headers.get_list("content-security-policy")[0].startswith("default-src 'self'")
        assert len(answer.headers.get_list("content-security-policy")) == 1


async def test_personal_pages_are_not_kept_by_caches(clerk: httpx.AsyncClient, city: City) -> None:
    for path in ("/bills", f"/bills/{city.bills['stay']}", f"/bills/{city.bills['stay']}.pdf"):
        assert (await clerk.get(path)).headers["cache-control"] == "no-store", path


NONSENSE = ("%00", "a%00b", "%F0%9F%98%80", "%C3%28", "..%2F..%2Fetc", "'%20or%201=1--", "1" * 3000, "٣", "0001-01-01")


async def test_nonsense_in_addresses_is_never_a_fault_of_ours(clerk: httpx.AsyncClient, city: City) -> None:
    for text in NONSENSE:
        assert (await clerk.get(f"/bills/{text}")).status_code == 404, text
        assert (await clerk.get(f"/bills/{text}.pdf")).status_code == 404, text
        assert (await clerk.get(f"/verify-bill?code={text}")).status_code == 200, text
        for name in ("setl_id", "psn_no", "fixmedins_code", "from", "to", "page", "unknown"):
            assert (await clerk.get(f"/bills?{name}={text}")).status_code == 200, (name, text)
    assert (await clerk.get("/bills?from=0001-01-01&to=9999-12-31")).status_code == 200
