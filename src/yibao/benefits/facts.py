"""The facts (事实) a policy may look at: who, where, which care. One fixed vocabulary for every city.

A pack's `when:` may use exactly these keys; the schema, the documentation table and the condition compiler
are all derived from `FACTS`. Money never stands here: what depends on money is decided in the layers.
"""

from dataclasses import dataclass
from typing import Any, Literal

import msgspec

Kind = Literal["choice", "number", "flag", "text", "tags"]


@dataclass(frozen=True)
class Fact:
    """One fact: its Chinese label, its kind, the values of a choice with their Chinese labels, the numbers if few."""

    label: str
    kind: Kind
    values: dict[str, str] | None = None
    numbers: tuple[int, ...] = ()


INSURANCE = {"employee": "职工基本医疗保险 310", "resident": "城乡居民基本医疗保险 390", "cadre": "离休人员 340"}
STATUS = {
    "working": "在职", "retired": "退休", "flexible": "灵活就业", "unemployed": "失业", "newborn": "新生儿",
    "child": "学龄前儿童", "student": "学生", "adult": "成年居民", "elderly": "老年居民", "cadre": "离休",
}  # fmt: skip
CARE = {
    "outpatient": "普通门诊", "emergency": "急诊", "emergency_rescue": "急诊抢救", "pharmacy": "定点药店购药",
    "chronic": "门诊慢特病", "two_diseases": "门诊两病", "negotiated_drug": "特药购药（双通道、单独支付）",
    "single_disease_outpatient": "门诊单病种", "cancer_screening": "癌症筛查",
    "inpatient": "住院", "single_disease_inpatient": "单病种住院", "rehabilitation": "康复治疗住院",
    "psychiatric_inpatient": "精神病住院", "chemotherapy_inpatient": "放化疗住院", "newborn_rescue": "新生儿抢救",
    "day_surgery": "日间手术", "home_bed": "家庭病床", "accident_inpatient": "外伤住院",
    "accident_outpatient": "意外伤害门诊", "maternity_outpatient": "生育门诊", "maternity_inpatient": "生育住院",
}  # fmt: skip
INSTITUTION = {"community": "社区、乡镇基层机构", "county": "县属", "city": "市属", "province": "省属"}
AREA = {"local": "本地", "in_province": "省内异地", "out_of_province": "跨省异地"}
FILING = {
    "none": "未备案", "referral": "转诊备案", "long_stay_resident": "异地长期居住备案",
    "temporary": "自助临时外出备案", "emergency": "异地急诊抢救",
}  # fmt: skip
TRANSFER = {"none": "非转院", "up": "由低级别转入", "down": "由高级别转入", "same": "同级转入"}
DELIVERY = {
    "none": "无", "natural": "正常产", "assisted": "助娩产", "caesarean": "剖宫产", "difficult": "难产",
    "abortion": "流产", "induced": "引产", "prenatal": "产前检查",
}  # fmt: skip

FACTS: dict[str, Fact] = {
    "insurance": Fact("险种", "choice", INSURANCE),
    "status": Fact("人员类别", "choice", STATUS),
    "level": Fact("医院等级（1 一级、2 二级、3 三级、9 无等级）", "number", numbers=(1, 2, 3, 9)),
    "institution": Fact("机构隶属", "choice", INSTITUTION),
    "care": Fact("医疗类别", "choice", CARE),
    "med_type": Fact("医疗类别原码（国家字典 med_type）", "text"),
    "disease": Fact("病种编码 dise_no", "text"),
    "disease_count": Fact("认定的慢特病病种数", "number"),
    "tags": Fact("身份标识，满足其一即可", "tags"),
    "age": Fact("年龄（周岁）", "number"),
    "sex": Fact("性别", "choice", {"male": "男", "female": "女"}),
    "admission": Fact("年内第几次住院", "number"),
    "area": Fact("就医地", "choice", AREA),
    "filing": Fact("异地就医备案", "choice", FILING),
    "transfer": Fact("转院方向", "choice", TRANSFER),
    "previous_level": Fact("转出医院等级（0 不明）", "number", numbers=(0, 1, 2, 3, 9)),
    "referral_followed": Fact("规范转诊", "flag"),
    "insured_years": Fact("连续参保年数", "number"),
    "zero_claim_years": Fact("连续零报销年数", "number"),
    "civil_servant": Fact("公务员", "flag"),
    "delivery": Fact("生育类别", "choice", DELIVERY),
    "fetuses": Fact("胎儿数", "number"),
    "third_party": Fact("有第三方责任", "flag"),
    "unlawful": Fact("违法行为所致", "flag"),
    "deliberate": Fact("本人故意所致", "flag"),
    "carried_over": Fact("年末结清后的续住院", "flag"),
}

KNOWN_TAGS = (
    "特困", "孤儿", "低保", "返贫致贫", "低保边缘", "脱贫不稳定", "边缘易致贫", "突发严重困难",
    "监测对象", "支出型困难", "稳定脱贫", "重度残疾", "优抚对象",
)  # fmt: skip

CARE_OF_MED_TYPE = {
    "11": "outpatient", "12": "outpatient", "13": "emergency", "1301": "emergency_rescue",
    "1103": "cancer_screening", "14": "chronic", "18": "negotiated_drug", "21": "inpatient", "2101": "inpatient",
    "2102": "single_disease_inpatient", "26": "single_disease_inpatient", "2105": "rehabilitation",
    "2106": "maternity_inpatient", "2107": "maternity_inpatient", "2109": "newborn_rescue",
    "2111": "chemotherapy_inpatient", "210303": "psychiatric_inpatient", "21303": "psychiatric_inpatient",
    "22": "accident_inpatient", "23": "inpatient", "24": "inpatient", "28": "day_surgery", "41": "pharmacy",
    "51": "maternity_outpatient", "52": "maternity_inpatient", "71": "home_bed", "93": "pharmacy",
    "9901": "two_diseases", "990101": "single_disease_outpatient", "9903": "accident_outpatient",
    "9904": "negotiated_drug",
}  # fmt: skip
"""Raw med_type (Hunan 1.1.27 and Jiangxi 1.0 dictionaries) → `care`; 99 (local extension) has no meaning of its own."""


class Facts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The facts of one visit. Fields are the keys of `FACTS`; the defaults are "nothing special".

    `admission` 0 means: take it from the accumulator (admissions so far this year, plus this one when the care
    counts as an admission).
    """

    insurance: str = "resident"
    status: str = "adult"
    level: int = 9
    institution: str = "city"
    care: str = "inpatient"
    med_type: str = ""
    disease: str = ""
    disease_count: int = 0
    tags: frozenset[str] = frozenset()
    age: int = 40
    sex: str = "male"
    admission: int = 0
    area: str = "local"
    filing: str = "none"
    transfer: str = "none"
    previous_level: int = 0
    referral_followed: bool = True
    insured_years: int = 0
    zero_claim_years: int = 0
    civil_servant: bool = False
    delivery: str = "none"
    fetuses: int = 1
    third_party: bool = False
    unlawful: bool = False
    deliberate: bool = False
    carried_over: bool = False

    def by_name(self) -> dict[str, Any]:
        """What conditions ask: the value of each fact."""
        return msgspec.structs.asdict(self)
