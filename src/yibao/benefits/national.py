"""From national codes to the facts of a policy: one reading for the counter and for the batch."""

from yibao.benefits.facts import CARE_OF_MED_TYPE

INSURANCE_OF = {"310": "employee", "390": "resident", "391": "resident", "340": "cadre"}
"""insutype (险种类型) → insurance."""
STATUS_OF = {
    "11": "working", "12": "retired", "13": "cadre", "1401": "newborn", "1402": "child", "1403": "student",
    "1404": "student", "1405": "child", "15": "adult", "16": "elderly", "17": "adult", "18": "adult",
    "116003": "unemployed",
}  # fmt: skip
"""psn_type (人员类别, national dictionary) → status; the longest prefix counts."""
STAY_PREFIXES = ("21", "22", "23", "24", "26", "52")


def insurance_of(insutype: str) -> str:
    """Insurance of an insutype; an unknown code counts as resident."""
    return INSURANCE_OF.get(insutype, "resident")


def status_of(psn_type: str) -> str:
    """Status of a psn_type; an unknown code counts as working, the common case of code 99."""
    for length in range(len(psn_type), 1, -1):
        if psn_type[:length] in STATUS_OF:
            return STATUS_OF[psn_type[:length]]
    return "working"


def care_of(med_type: str) -> str:
    """Care of a med_type; an unknown code counts as an ordinary outpatient visit."""
    return CARE_OF_MED_TYPE.get(med_type, "outpatient")


def sex_of(gend: str) -> str:
    """Sex of a gend (1 male, 2 female); anything else counts as male, the default of the facts."""
    return "female" if gend == "2" else "male"


def is_stay(med_type: str) -> bool:
    """Whether a care type is a stay in bed."""
    return med_type.startswith(STAY_PREFIXES)


def area_between(insured: str, treated: str) -> str:
    """Where the care is seen from the area of enrolment: same city, same province, or neither (admdvs codes)."""
    if insured[:4] == treated[:4]:
        return "local"
    return "in_province" if insured[:2] == treated[:2] else "out_of_province"


def filing_without_record(area: str, med_type: str) -> str:
    """The filing of a visit that none was made for: emergency care away needs none (异地急诊抢救视同备案)."""
    return "emergency" if area != "local" and med_type in ("13", "1301") else "none"
