"""Chart of accounts (会计科目) of the medical-insurance funds.

Account codes are yibao's own words; the numbers of the social-insurance fund accounting system are mapped when the
statutory books are made. One expense account per fund, one payable per institution (party), one liability per
personal account (party).
"""

from dataclasses import dataclass

from yibao.core.database import Connection, connect


@dataclass(frozen=True, slots=True)
class Account:
    """One account: `fund` it belongs to; `kind` asset, liability, income, expense or net."""

    code: str
    title: str
    fund: str
    kind: str


CHART = (
    Account("employee_pooled.benefits", "职工基本医疗保险统筹基金待遇支出", "employee_pooled", "expense"),
    Account("resident.benefits", "城乡居民基本医疗保险基金待遇支出", "resident", "expense"),
    Account("serious_illness.benefits", "城乡居民大病保险支出", "serious_illness", "expense"),
    Account("large_amount.benefits", "职工大额医疗费用补助支出", "large_amount", "expense"),
    Account("civil_servant.benefits", "公务员医疗补助支出", "civil_servant", "expense"),
    Account("enterprise.benefits", "企业补充医疗保险支出", "enterprise", "expense"),
    Account("disabled_soldiers.benefits", "伤残人员医疗保障基金支出", "disabled_soldiers", "expense"),
    Account("medical_aid.benefits", "医疗救助基金支出", "medical_aid", "expense"),
    Account("maternity.benefits", "生育保险待遇支出", "maternity", "expense"),
    Account("other.benefits", "其他基金支出", "other", "expense"),
    Account("personal_account.balances", "参保人个人账户余额", "personal_account", "liability"),
    Account("personal_account.contributions", "个人账户划入", "personal_account", "income"),
    Account("institutions.payable", "应付定点医药机构款", "clearing", "liability"),
    Account("resident.contributions", "城乡居民基本医疗保险个人缴费收入", "resident", "income"),
    Account("resident.fiscal_subsidies", "城乡居民基本医疗保险财政补助收入", "resident", "income"),
    Account("medical_aid.premium_subsidies", "医疗救助资助参保支出", "medical_aid", "expense"),
    Account("fiscal.receivable", "应收财政补助款", "clearing", "asset"),
    Account("employee_pooled.contributions", "职工基本医疗保险统筹基金缴费收入", "employee_pooled", "income"),
    Account("employee_pooled.late_fees", "职工基本医疗保险滞纳金收入", "employee_pooled", "income"),
    Account("employee_pooled.account_transfers", "统筹基金划入退休人员个人账户", "employee_pooled", "expense"),
    Account("large_amount.contributions", "职工大额医疗费用补助保费收入", "large_amount", "income"),
    Account("channels.receivable", "应收缴费渠道款", "clearing", "asset"),
    Account("income_account.cash", "收入户存款", "clearing", "asset"),
    Account("unallocated.receipts", "暂收待确认缴费款", "clearing", "liability"),
    Account("transfers.receivable", "应收转入个人账户资金", "clearing", "asset"),
    Account("transfers.payable", "应付转出个人账户资金", "clearing", "liability"),
    Account("contributions.refundable", "应退保费", "clearing", "liability"),
)

INSTALL = """
insert into ledger.account (code, title, fund, kind)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
on conflict (code) do update set title = excluded.title
"""


async def install_chart(connection: Connection) -> None:
    """Write the chart into the database; may be repeated."""
    await connection.execute(
        INSTALL,
        [a.code for a in CHART],
        [a.title for a in CHART],
        [a.fund for a in CHART],
        [a.kind for a in CHART],
    )


async def install_chart_at(url: str) -> None:
    """The same on a connection of its own: what `yibao up` and `yibao migrate` do, so that a new version's accounts are
    there before anything is booked on them.
    """
    connection = await connect(url)
    try:
        await install_chart(connection)
    finally:
        await connection.close()
