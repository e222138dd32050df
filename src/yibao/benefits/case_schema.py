"""The JSON Schema of a case file (算例): bills of one person with what must come out, or a small calculation."""

from yibao.benefits.facts import FACTS, Fact
from yibao.benefits.schema import Schema, flag, integer, listing, number, one_of, record, text

_DAY = {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def case_schema() -> Schema:
    """JSON Schema (2020-12) of a case file."""
    source: Schema = {"type": ["string", "object"], "description": "来源"}
    pack: Schema = {
        "type": ["string", "object"], "properties": {"inline": {"type": "object"}}, "required": ["inline"],
        "additionalProperties": False, "description": "政策包：相对路径，或 {inline: …}",
    }  # fmt: skip
    body = record("一个算例", ("title", "pack"), {
        "title": text("一句话说明"), "source": source, "note": text("说明"), "pack": pack,
        "accumulators": _amounts("此前累计（元；住院次数为数）"), "visits": listing(_visit(), "同一人的账单，依次"),
        "calculate": {
            "type": ["array", "object"], "items": _calculation(), **{key: item for key, item in _calculation().items()
            if key != "type"},
        },
    })  # fmt: skip
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "yibao policy case"}
    return {**head, **body, "oneOf": [{"required": ["visits"]}, {"required": ["calculate"]}]}


def _amounts(meaning: str) -> Schema:
    return {"type": "object", "additionalProperties": {"type": "number"}, "description": meaning}


def _facts() -> Schema:
    return record("事实", (), {name: _fact(fact) for name, fact in FACTS.items()})


def _fact(fact: Fact) -> Schema:
    match fact.kind:
        case "flag":
            return flag(fact.label)
        case "number":
            return integer(fact.label)
        case "tags":
            return listing({"type": "string"}, fact.label, 0)
    return one_of(fact.label, *fact.values) if fact.values else text(fact.label)


def _line() -> Schema:
    return record("一条费用明细", ("amount",), {
        "amount": number("金额（元）", None), "quantity": number("数量", None), "class": one_of("等级", *"甲乙丙"),
        "self_pay_percent": number("先行自付 %", 0, 100), "price_limit": number("单价上限（元）"),
        "restricted": flag("限制使用"), "approved": flag("已审批"), "charge_type": text("收费类别"),
        "mark": text("标记"), "date": text("发生日", **_DAY), "name": text("名称"),
    })  # fmt: skip


def _published() -> Schema:
    item = record("来源印出的数", ("of", "value"), {
        "of": text("哪个结果"), "value": number("印出的值", None), "precision": number("精度"),
        "wrong": text("印错了什么"),
    })  # fmt: skip
    return listing(item, "来源印出的数")


def _visit() -> Schema:
    expect = {
        "type": "object", "description": "应得结果",
        "properties": {"refusal": text("拒付代码"), "explanation": listing({"type": "string"}, "说明中的文字")},
        "additionalProperties": {"type": "number"},
    }  # fmt: skip
    return record("一张账单", ("date",), {
        "date": text("结算、出院日", **_DAY), "begin": text("入院日", **_DAY), "days": integer("住院天数"),
        "facts": _facts(), "portions": _amounts("已分类的份额（元）"), "lines": listing(_line(), "费用明细"),
        "stay": text("中途结算的住院号"), "balances": _amounts("账户余额（元）"), "expect": expect,
        "published": _published(), "note": text("说明"), "fresh": flag("另一人：累计清零"),
    })  # fmt: skip


def _calculation() -> Schema:
    given = record("已知", (), {
        "average_monthly_wage": number("单位上年度月均工资（元）"), "days": integer("天数"), "facts": _facts(),
        "date": text("日期", **_DAY), "break_years": integer("断保年数"), "repaired_years": integer("修复年数"),
        "admitted": text("入院日", **_DAY), "discharged": text("出院日", **_DAY),
    })  # fmt: skip
    return record("一项计算", ("rule", "expect"), {
        "rule": one_of("哪条规则", "maternity_allowance", "premium", "financing", "waiting", "year"), "given": given,
        "expect": _amounts("应得结果"), "published": _published(), "note": text("说明"),
    })  # fmt: skip
