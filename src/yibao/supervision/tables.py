"""Names of the lake's tables for the records of `model`."""

TABLES = {
    "persons": "psn_info_d", "institutions": "fixmedins_d", "visits": "mdtrt_d", "bills": "setl_d",
    "lines": "fee_list_d", "diagnoses": "setl_list_diag_d", "operations": "setl_list_oprn_d",
}  # fmt: skip
