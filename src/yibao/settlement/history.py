"""A person's care of the last time as others look at it (就诊历史): visits, their diagnoses, and chosen lines.

One statement; each part comes as JSON text of objects with the names of the lake, for whoever decodes it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from yibao.benefits.national import STAY_PREFIXES
from yibao.core.database import Connection

HISTORY = """
with seen as materialized (
  select v.*, p.gend, p.brdy from settlement.visit v join population.person p using (psn_no)
  where v.psn_no = $1 and v.status <> 'cancelled' and (v.begntime >= $2 or v.endtime is null or v.endtime >= $2)
)
select
  (select json_build_object('psn_no', psn_no, 'gend', gend, 'brdy', brdy, 'die_date', die_date)
   from population.person where psn_no = $1)::text as person,
  (select coalesce(json_agg(json_build_object('mdtrt_id', mdtrt_id, 'psn_no', psn_no, 'gend', gend, 'brdy', brdy,
     'age', greatest(extract(year from age(begntime, brdy))::int, 0), 'insutype', insutype,
     'fixmedins_code', fixmedins_code, 'hosp_lv', hosp_lv::text, 'med_type', med_type, 'begntime', begntime,
     'endtime', endtime, 'adm_dept_codg', adm_dept_codg, 'chfpdr_code', chfpdr_code,
     'dscg_maindiag_code', dscg_maindiag_code, 'dscg_way', dscg_way, 'dise_no', dise_no,
     'ipt_days', case when left(med_type, 2) = any($5::text[])
                      then greatest(1, coalesce(endtime::date, $6::date) - begntime::date) else 0 end,
     'ttp_pay_flag', ttp_pay_flag)), '[]') from seen)::text as visits,
  (select coalesce(json_agg(json_build_object('bkkp_sn', '#历史' || f.bkkp_sn, 'mdtrt_id', f.mdtrt_id,
     'setl_id', coalesce(f.setl_id, 'open' || f.mdtrt_id), 'psn_no', s.psn_no, 'fixmedins_code', s.fixmedins_code,
     'med_type', s.med_type, 'fee_ocur_time', f.fee_ocur_time, 'med_list_codg', f.med_list_codg,
     'med_chrgitm_type', f.med_chrgitm_type, 'chrgitm_lv', f.chrgitm_lv, 'cnt', f.cnt, 'pric', f.pric,
     'det_item_fee_sumamt', f.det_item_fee_sumamt, 'inscp_amt', f.inscp_amt, 'rx_drord_no', f.rx_drord_no,
     'medins_list_codg', f.medins_list_codg, 'pric_uplmt_amt', f.pric_uplmt_amt, 'selfpay_prop', f.selfpay_prop,
     'fulamt_ownpay_amt', f.fulamt_ownpay_amt, 'overlmt_selfpay', f.overlmt_selfpay,
     'preselfpay_amt', f.preselfpay_amt, 'bilg_dept_codg', f.bilg_dept_codg, 'bilg_dr_code', f.bilg_dr_code,
     'lmt_used_flag', f.lmt_used_flag, 'hosp_appr_flag', f.hosp_appr_flag,
     'prd_days', coalesce(f.prd_days, 0) / 100)), '[]')
   from seen s join settlement.fee_line f using (mdtrt_id)
   where not f.cancelled and ($3::text[] is null or f.mdtrt_id = $4 or f.med_list_codg = any($3)))::text as lines,
  (select coalesce(json_agg(json_build_object('setl_id', 'open' || mdtrt_id, 'mdtrt_id', mdtrt_id,
     'psn_no', psn_no, 'diag_code', diag_code, 'maindiag_flag', maindiag_flag, 'diag_type', diag_type)), '[]')
   from (select distinct d.mdtrt_id, s.psn_no, d.diag_code, d.maindiag_flag, d.diag_type
         from seen s join settlement.diagnosis d using (mdtrt_id) where d.vali_flag = '1') d)::text as diagnoses
"""


class History(NamedTuple):
    """JSON texts: the person (None when unknown), and arrays of visits, lines and diagnoses.

    Numbers of lines begin with #历史: before what comes now, as no number of a program does. `setl_id` of a line that
    is not settled yet is "open" and the visit's number.
    """

    person: str | None
    visits: str
    lines: str
    diagnoses: str


async def person_history(
    connection: Connection, psn_no: str, since: datetime, now: datetime, codes: Sequence[str] | None, mdtrt_id: str = ""
) -> History:
    """Visits since a time, their lines of the item `codes` (None: all) and every line of the visit `mdtrt_id`."""
    chosen = None if codes is None else list(codes)
    row = await connection.fetchrow(HISTORY, psn_no, since, chosen, mdtrt_id, list(STAY_PREFIXES), now.date())
    return History(row["person"], row["visits"], row["lines"], row["diagnoses"])
