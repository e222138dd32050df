"""SQL of the queries 5101–5206 and 5301–5304 and of reconciliation: rows with national names, nothing is written.

An institution sees the visits, lines and settlements of its own; what belongs to the person (chronic filings,
accumulators, drugs for chronic diseases) any contracted institution may ask for.
"""

DEPARTMENTS = """
select dept_codg as hosp_dept_codg, dept_name as hosp_dept_name, caty from directory.department
where fixmedins_code = $1 order by dept_codg
"""
DOCTORS = """
select dr_codg as prac_psn_no, dr_codg as prac_psn_code, dr_name as prac_psn_name, prac_psn_type, '1' as hi_dr_flag,
  valid_from as begntime, valid_to as endtime
from directory.doctor
where fixmedins_code = $1 and ($2 = '' or prac_psn_type = $2) and ($3 = '' or dr_name = $3)
  and ($4 = '' or dr_codg = $4)
order by dr_codg
"""
VISITS = """
select v.*, p.psn_cert_type, p.certno, p.psn_name, p.gend, p.naty, p.brdy, p.tel, p.die_date,
  v.insu_admdvs as insu_optins, v.dise_no as dise_codg, v.chfpdr_code as atddr_no,
  case when v.status = 'admitted' then '1' else '0' end as inhosp_stas,
  case when v.endtime is null then null else greatest(1, v.endtime::date - v.begntime::date) end as ipt_days
from settlement.visit v join population.person p using (psn_no)
where v.fixmedins_code = $1 and v.psn_no = $2 and ($3 = '' or v.mdtrt_id = $3)
  and ($4 = '' or v.med_type = $4) and v.begntime >= $5 and v.begntime <= $6 and v.status <> 'cancelled'
order by v.begntime, v.mdtrt_id limit 1000
"""
IN_BED = """
select v.mdtrt_id, v.psn_no, p.psn_cert_type, p.certno, p.psn_name, p.gend, p.brdy, v.insutype,
  v.begntime::date as begndate, v.med_type, v.ipt_otp_no,
  case when left(v.insu_admdvs, 4) = left(v.mdtrtarea_admvs, 4) then '0' else '1' end as out_flag
from settlement.visit v join population.person p using (psn_no)
where v.fixmedins_code = $1 and ($2 = '' or v.psn_no = $2) and v.begntime >= $3 and v.begntime <= $4
  and v.status = 'admitted'
order by v.begntime limit 1000
"""
DIAGNOSES = """
select d.*, d.details->>'adm_cond' as adm_cond, v.psn_no,
  concat_ws('-', d.mdtrt_id, d.stage, d.diag_type, d.diag_srt_no) as diag_info_id
from settlement.diagnosis d join settlement.visit v using (mdtrt_id)
where d.mdtrt_id = $1 and v.psn_no = $2 and v.fixmedins_code = $3 and d.vali_flag = '1'
order by d.stage, d.diag_type, d.diag_srt_no
"""
SETTLEMENTS = """
select s.*, i.fixmedins_name, i.hosp_lv as hosp_lv_code, i.admdvs
from settlement.settlement s join directory.institution i using (fixmedins_code)
where s.fixmedins_code = $1 and s.psn_no = $2 and s.mdtrt_id = $3 and ($4 = '' or s.setl_id = $4)
order by s.created_at desc limit 1
"""
LINES = """
select f.*, v.med_type, i.item_name as hilist_name, i.list_type, i.spec, i.dosage_form as dosform_name,
  i.bas_medn_flag, i.hi_nego_drug_flag, i.chld_medc_flag, i.drt_reim_flag, v.psn_no, v.fixmedins_code, o.fixmedins_name
from settlement.fee_line f join settlement.visit v using (mdtrt_id)
  join directory.institution o on o.fixmedins_code = v.fixmedins_code
  left join lateral (
    select * from directory.item i where i.area = left(v.insu_admdvs, 4) || '00' and i.med_list_codg = f.med_list_codg
    and i.valid_from <= f.fee_ocur_time::date order by i.valid_from desc limit 1) i on true
"""
LINES_OF_VISIT = f"""{LINES}
where v.fixmedins_code = $1 and v.psn_no = $2 and f.mdtrt_id = $3 and not f.cancelled
order by f.bkkp_sn limit 5000
"""
LINES_OF_SETTLEMENT = f"""{LINES}
where v.fixmedins_code = $1 and v.psn_no = $2 and f.mdtrt_id = $3 and f.setl_id = $4
order by f.bkkp_sn limit 5000
"""
CHRONIC_LINES = f"""{LINES}
where v.psn_no = $1 and v.med_type = '14' and f.fee_ocur_time >= $2 and f.fee_ocur_time <= $3
  and f.setl_id is not null and not f.cancelled
order by f.fee_ocur_time, f.bkkp_sn limit 5000
"""
RECONCILIATION = """
select count(*) as bills, coalesce(sum(medfee_sumamt), 0)::bigint as medfee_sumamt,
  coalesce(sum(fund_pay_sumamt), 0)::bigint as fund_pay_sumamt, coalesce(sum(acct_pay), 0)::bigint as acct_pay,
  coalesce(sum(cash_payamt), 0)::bigint as cash_payamt
from settlement.settlement
where fixmedins_code = $1 and setl_time >= $2::date and setl_time < $3::date + 1
  and ($4 = '' or insutype = $4) and ($5 = '' or clr_type = $5) and ($6 = '' or refd_setl_flag = $6)
"""
BILLS = """
select setl_id, mdtrt_id, psn_no, medins_setl_id as msgid, medfee_sumamt, fund_pay_sumamt, acct_pay, refd_setl_flag
from settlement.settlement
where fixmedins_code = $1 and setl_time >= $2::date and setl_time < $3::date + 1
  and ($4 = '' or clr_type = $4) and ($5 = '' or refd_setl_flag = $5)
order by setl_id
"""
