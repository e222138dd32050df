"""Institutions (定点医药机构) and catalogue items (目录项目) as immutable records."""

from datetime import date

import msgspec

EVERY_LEVEL = "*"


class Institution(msgspec.Struct, frozen=True):
    """A contracted hospital (H…) or pharmacy (P…); `level` is the policy's 1, 2, 3, or 9 for none."""

    fixmedins_code: str
    fixmedins_name: str
    fixmedins_type: str
    hosp_lv: str
    level: int
    grade: str
    admdvs: str
    contract_from: date
    contract_to: date | None = None
    status: str = "active"
    suspended_from: date | None = None
    suspended_to: date | None = None
    uscc: str = ""
    public_flag: bool = True
    beds: int = 0

    def suspended_on(self, day: date) -> bool:
        """Whether the agreement is suspended (中止) on `day`; without dates, until further notice."""
        if self.status != "suspended" and self.suspended_from is None:
            return False
        after_start = self.suspended_from is None or self.suspended_from <= day
        return after_start and (self.suspended_to is None or day <= self.suspended_to)


class Item(msgspec.Struct, frozen=True):
    """One catalogue row of one area and period.

    `selfpay_prop` basis points; prices in `pric_uplmt` are millionths of a yuan by policy level, "*" for all.
    """

    area: str
    med_list_codg: str
    valid_from: date
    list_type: str
    item_name: str
    med_chrgitm_type: str
    chrgitm_lv: str
    selfpay_prop: int
    version: str
    valid_to: date | None = None
    selfpay_prop_by_insutype: dict[str, int] = {}
    pric_uplmt: dict[str, int] = {}
    lmt_used_flag: str = "0"
    limit_text: str = ""
    bas_medn_flag: str = "0"
    hi_nego_drug_flag: str = "0"
    chld_medc_flag: str = "0"
    drt_reim_flag: str = "0"
    spec: str = ""
    unit: str = ""
    dosage_form: str = ""
    manufacturer: str = ""
    approval_no: str = ""

    def valid_on(self, day: date) -> bool:
        """Whether the row is in force on `day`, both ends inclusive."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def self_pay_ratio(self, insutype: str) -> int:
        """Own share before the policy (先行自付), basis points, for one insurance type."""
        return self.selfpay_prop_by_insutype.get(insutype, self.selfpay_prop)

    def price_limit(self, level: int) -> int | None:
        """Price limit (限价) at an institution of `level`, millionths of a yuan; None without a limit."""
        return self.pric_uplmt.get(str(level), self.pric_uplmt.get(EVERY_LEVEL))
