"""The JSON Schema of a policy pack and of a case file: the vocabulary an author may use, with its meaning.

`yibao policy schema` prints it, `pack_schema()` validates every pack. Keywords of JSON Schema apply by type
(`items` to lists, `pattern` to text), so one key may take a number, a name or a list without `anyOf`, and every
message can name the exact key that is wrong.
"""

from typing import Any

from yibao.benefits.facts import CARE, FACTS, Fact

Schema = dict[str, Any]

FUND_COLUMNS = (
    "hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "hifdm_pay", "maf_pay", "oth_pay",
    "acct_pay", "acct_mulaid_pay",
)  # fmt: skip
STANDARD_PORTIONS = ("full_self_pay", "over_limit", "prepay", "in_scope")
PARTS = ("paid", "deductible", "copay", "over_cap", "pay_first")
"""What a layer makes of its base, in the order of the portion numbers of `arithmetic`."""
PERIODS = ("visit", "month", "year")


def text(meaning: str, **more: Any) -> Schema:
    """A text."""
    return {"type": "string", "description": meaning, **more}


def one_of(meaning: str, *values: Any) -> Schema:
    """One of these values."""
    return {"enum": list(values), "description": meaning}


def number(meaning: str, low: int | None = 0, high: int | None = None) -> Schema:
    """A number between `low` and `high`, both inclusive; None: no bound."""
    bounds = {"minimum": low} if low is not None else {}
    return {"type": "number", "description": meaning, **bounds, **({"maximum": high} if high is not None else {})}


def integer(meaning: str, low: int = 0) -> Schema:
    """A whole number from `low` on."""
    return {"type": "integer", "minimum": low, "description": meaning}


def flag(meaning: str) -> Schema:
    """true or false."""
    return {"type": "boolean", "description": meaning}


def listing(items: Schema, meaning: str, at_least: int = 1) -> Schema:
    """A list of `items`."""
    return {"type": "array", "items": items, "minItems": at_least, "description": meaning}


def record(meaning: str, required: tuple[str, ...], properties: dict[str, Schema]) -> Schema:
    """A mapping with exactly these keys, the `required` ones always."""
    return {
        "type": "object", "description": meaning, "properties": properties, "required": list(required),
        "additionalProperties": False,
    }  # fmt: skip


def table(items: Schema, meaning: str) -> Schema:
    """Names of the author's own choice → `items`."""
    names = {"pattern": "^[a-z][a-z0-9_]*$"}
    return {"type": "object", "propertyNames": names, "additionalProperties": items, "description": meaning}


def ref(name: str) -> Schema:
    """A definition under `$defs`."""
    return {"$ref": f"#/$defs/{name}"}


def fact_schema(fact: Fact) -> Schema:
    """What may stand after one key of `when`: a value, a list of values, `{not: …}`, or a range for numbers."""
    if fact.kind == "flag":
        return flag(fact.label)
    scalar: Schema = {"type": "integer"} if fact.kind == "number" else {"type": "string"}
    if fact.values:
        scalar = {"type": "string", "pattern": "^(" + "|".join(fact.values) + ")$"}
    if fact.numbers:  # `enum` would hold for lists and ranges too
        scalar |= {"if": {"type": "integer"}, "then": {"enum": list(fact.numbers)}}
    several = {"items": scalar, "minItems": 1}
    inner: dict[str, Schema] = {"not": {**scalar, **several, "type": [scalar["type"], "array"]}}
    if fact.kind == "number":
        inner |= {word: {"type": "integer"} for word in ("at_least", "at_most", "above", "below")}
    if fact.kind == "tags":
        inner |= {"all": {"type": "array", **several}}
    return {
        **scalar, **several, "type": [scalar["type"], "array", "object"], "description": fact.label,
        "properties": inner, "additionalProperties": False, "minProperties": 1,
    }  # fmt: skip


def when_schema(extra: dict[str, Schema] | None = None) -> Schema:
    """A condition over the facts, and `extra` ones."""
    properties = {name: fact_schema(fact) for name, fact in FACTS.items()} | (extra or {})
    return record("条件：所有列出的事实都满足", (), properties)


def line_facts() -> dict[str, Schema]:
    """What a classification row may ask of a fee line, beside the facts of the visit."""
    texts = {"type": ["string", "array"], "items": {"type": "string"}, "minItems": 1}
    return {
        "class": {**texts, "pattern": "^(甲|乙|丙)$", "items": {"enum": [*"甲乙丙"]}, "description": "收费项目等级"},
        "restricted": flag("限制使用范围的项目"),
        "approved": flag("限制用药经医院审批"),
        "charge_type": {**texts, "description": "医疗收费项目类别 med_chrgitm_type"},
        "mark": {**texts, "description": "目录给该项目的标记，如 高值耗材、放宽项目"},
    }


def dated(properties: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    """A block that holds for a period, with its source, and these keys."""
    return record("一段时期内有效的规定", required, {
        **period(), "source": text("sources 中的名字"), "clause": text("条款"), "unverified": flag("未核原文"),
        "note": text("说明"), **properties,
    })  # fmt: skip


def value_definitions() -> dict[str, Schema]:
    """`value` and what it is made of: dated blocks of decision rows and adjustments."""
    segment = record("一段", ("percent",), {"to": number("上限（元），最后一段不写"), "percent": number("%", 0, 100)})
    share = {
        "percent_of_total": number("总费用的 %", 0, 100), "at_least": number("不低于（元）"),
        "at_most": number("不高于（元）"),
    }  # fmt: skip
    answer = {
        "type": ["number", "string", "array", "object"], "minimum": 0, "pattern": "^(none|unlimited)$",
        "items": segment, "minItems": 1, "properties": share, "required": ["percent_of_total"],
        "additionalProperties": False, "description": "金额（元）、比例（%）、分段、none、unlimited 或总费用的一定比例",
    }  # fmt: skip
    row = record("一行：条件成立即取此值，先到先得", ("is",), {"when": ref("when"), "is": answer})
    adjust = record("调整：条件成立的各行依次执行", (), {
        "when": ref("when"), "add": number("加（元）"), "minus": number("减（元）"),
        "add_points": number("加百分点"), "minus_points": number("减百分点"), "factor": number("乘以系数", 0, 10),
        "each": one_of("按该事实逐次计", *[name for name, fact in FACTS.items() if fact.kind == "number"]),
        "after": integer("从超过该数起计"), "every": integer("每几计一次", 1),
        "at_least": number("调整后不低于（元或 %）"), "at_most": number("调整后不高于（元或 %）"),
        "at_most_of_original": number("调整后不高于原值的 %"), "none": flag("免除（归零）"),
        "unlimited": flag("不设限"),
    })  # fmt: skip
    block = dated({"is": answer, "rows": listing(row, "决定行"), "adjust": listing(adjust, "调整行")})
    value = {
        "type": ["number", "string", "array"], "minimum": 0, "items": ref("block"), "minItems": 1,
        "description": "数、parameters 中的名字，或带日期的规定列表",
    }  # fmt: skip
    return {"block": block, "value": value, "adjust_row": adjust}


def deductible_schema() -> Schema:
    """起付线: a value, or a record around it."""
    how = ("full", "difference", "none")
    transfer = record("转院时的起付线", (), {
        word: one_of(meaning, *how) for word, meaning in (("up", "上转"), ("down", "下转"), ("same", "同级"))
    })  # fmt: skip
    properties = {
        "standard": ref("value"), "period": one_of("按次、按月累计或按年累计", *PERIODS),
        "pool": text("与同名池共用累计"), "yearly_limit": ref("value"), "transfer": transfer,
        "again_every_days": integer("住院每满若干天重新计一次", 1),
    }  # fmt: skip
    return {
        "type": ["number", "string", "array", "object"], "minimum": 0, "items": ref("block"),
        "properties": properties, "required": ["standard"], "additionalProperties": False, "description": "起付线",
    }  # fmt: skip


def cap_schema() -> Schema:
    """封顶线."""
    return record("封顶线", ("limit",), {
        "limit": ref("value"), "counts": one_of("封什么", "payment", "fees", "fees_with_deductible"),
        "period": one_of("期间", "visit", "day", "month", "year"), "pool": text("与同名池共用"),
        "by_disease": flag("按病种分别计"), "overflow": one_of("超封顶的口径", "fees", "payment"),
    })  # fmt: skip


def period() -> dict[str, Schema]:
    """First and last day of a rule that began or ended; absent: always."""
    date = {"pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    return {"from": text("起始日（含），缺省为一直有效", **date), "to": text("截止日（含）", **date)}


def layer_schema() -> Schema:
    """One layer of benefit (一层待遇)."""
    first = record("先行自付", ("percent",), {
        "percent": ref("value"), "before_deductible": flag("在扣起付线之前，缺省 true"),
    })  # fmt: skip
    fund = record("记入哪个基金、结算单哪一列", ("type", "column"), {
        "type": text("基金支付类型 fund_pay_type"), "column": one_of("国家列名", *FUND_COLUMNS),
    })  # fmt: skip
    return record("一层待遇", ("title", "base"), {
        "title": text("名称"), "when": ref("when"), **period(),
        "base": listing({"type": "string"}, "基数：哪些份额"), "fund": fund, "pay_first": first,
        "deductible": deductible_schema(), "percent": ref("value"), "fixed": ref("value"),
        "measured": one_of("分段界限按总额还是按超出起付线的部分", "gross", "excess"),
        "within": one_of("分段按次还是按年累计", "visit", "year"),
        "less": one_of("按年累计时减去：此前记录的应付，或按今日规定重算的此前应付", "recorded", "recomputed"),
        "caps": listing(cap_schema(), "封顶线"), "account": text("个人账户名：own、family 等"),
    })  # fmt: skip


def classification_schema() -> Schema:
    """Rows that send fee lines, or their in-policy part, to a portion."""
    row = record("费用明细的一条分类规定", (), {
        "when": when_schema(line_facts()), "all_to": text("全部归入该份额"), "into": text("政策范围内部分归入该份额"),
        "prepay_percent": number("先行自付 %，代替明细自带的比例", 0, 100),
    })  # fmt: skip
    return listing(dated({"rows": listing(row, "先到先得")}, ("rows",)), "费用分类")


def other_rules() -> dict[str, Schema]:
    """The parts of a pack that are not settlement layers."""
    return {
        "maternity_allowance": record("生育津贴", ("days",), {
            "days": ref("value"), "days_per_month": integer("每月天数", 1),
            "order": one_of("先除后乘还是先乘后除", "daily_first", "multiply_first"),
        }),
        "premium": record("参保缴费与资助", ("personal",), {
            "personal": ref("value"), "fiscal": ref("value"), "subsidy_percent": ref("value"),
        }),
        "waiting": record("待遇等待期（月）", ("fixed",), {
            "fixed": integer("固定月数"), "per_break_year": integer("每断保一年加"),
            "repaired_per_year": integer("每多缴一年修复"), "long_break_years": integer("长期断保的年数"),
            "long_break_floor": integer("长期断保修复后不少于"),
        }),
        "family_account": record("家庭共济的顺序", (), {
            "order": one_of("顺序", "as_bound", "largest_balance_first"), "one_only": flag("一次只用一个账户"),
        }),
    }  # fmt: skip


def pack_schema() -> Schema:
    """JSON Schema (2020-12) of a policy pack."""
    source = record("来源文件", ("title",), {
        "title": text("文件名、文号"), "url": text("地址"), "grade": one_of("等级，C、D 为未核", "A", "B", "C", "D"),
        "note": text("说明"),
    })  # fmt: skip
    refusal = record("不予支付的情形", ("code", "when", "message"), {
        "code": text("代码"), "when": ref("when"), "message": text("给医院和参保人的话"), "source": text("来源"),
        "clause": text("条款"),
    })  # fmt: skip
    scheme = record("一类待遇", ("name", "when", "layers"), {
        "name": text("政策名称"), "when": ref("when"), **period(), "layers": listing({"type": "string"}, "依次的各层"),
    })  # fmt: skip
    crossing = record("跨年住院", (), {
        "crossing": one_of("按出院年度整体计，或按费用发生年度拆分", "discharge", "split"),
        "deductible_in": one_of("拆分时起付线计入哪一年", "first", "last"),
    })  # fmt: skip
    portions: Schema = {
        "type": ["object", "array"], "items": {"type": "string"}, "additionalProperties": {"type": "string"},
        "description": "本地另设的份额：名字 → 名称",
    }  # fmt: skip
    parameter = record("参数", ("values",), {"title": text("名称"), "values": listing(ref("block"), "按时期")})
    body = record("一个统筹区的待遇政策", ("area", "schemes", "layers"), {
        "area": record("统筹区", ("code", "name"), {"code": text("行政区划代码"), "name": text("名称")}),
        "version": text("版本"), "note": text("说明"), "tags": listing({"type": "string"}, "除通用标识外的身份标识", 0),
        "sources": table(source, "来源"), "year": crossing,
        "cancellation": one_of("撤销一笔已被后续结算依赖的结算", "refuse_with_list", "recompute"),
        "admission_care": listing({"enum": list(CARE)}, "哪些医疗类别计住院次数"),
        "refusals": listing(refusal, "不予支付", 0), "portions": portions,
        "classification": classification_schema(),
        "parameters": table(parameter, "参数"),
        "layers": table(layer_schema(), "各层待遇"), "schemes": listing(scheme, "待遇清单，先到先得", 0),
        **other_rules(),
    })  # fmt: skip
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "yibao policy pack"}
    return {**head, **body, "$defs": {"when": when_schema(), **value_definitions()}}
