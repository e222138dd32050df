"""Five of the heaviest kinds written by hand as DuckDB SQL: the baseline of their Ibis expressions.

Views `lines`, `visits`, `bills` are the lake's files, `points` the same points. Each gives the evidence of its kind
for a lake without refunds; that it counts the same is asserted where it is timed.
"""

REFUNDED = "refunded as (select distinct mdtrt_id, med_list_codg from lines where cnt < 0)"
GIVEN = """given as (
  select l.*, (l.cnt * 10000)::bigint as units from lines l anti join refunded r using (mdtrt_id, med_list_codg)
  where l.cnt > 0 and l.med_list_codg in (select code from points)
)"""

SQL = {
    "item_allowed": """
with hit as (
  select p.rule_id, p.kp_id, p.item, p.sex, p.age_from, p.age_below, p.days_below, p.insurance, p.level_from, p.care,
         l.bkkp_sn, l.setl_id, l.mdtrt_id, l.psn_no, l.fixmedins_code, l.bilg_dr_code, l.inscp_amt, l.med_type,
         l.fee_ocur_time::date as day
  from lines l join points p on p.code = l.med_list_codg
  where l.inscp_amt > 0 and l.fee_ocur_time::date between p.valid_from and p.valid_to
), seen as (
  select h.*, v.gend, v.hosp_lv, v.insutype, h.day - v.brdy as days,
         year(h.day) - year(v.brdy)
           - ((month(h.day), day(h.day)) < (month(v.brdy), day(v.brdy)))::bigint as age
  from hit h join visits v using (mdtrt_id)
)
select rule_id, kp_id, bkkp_sn as finding_key, setl_id, mdtrt_id, psn_no, fixmedins_code, bilg_dr_code, bkkp_sn,
       inscp_amt as amount, item, age, gend, hosp_lv, day::text as day_text,
       case when gend in ('1', '2') and gend <> sex then '性别不符' when age < age_from then '年龄低于下限'
            when age >= age_below then '年龄超过上限' when days >= days_below then '不是新生儿'
            when not list_contains(string_split(insurance, ' '), insutype) then '险种不符'
            when hosp_lv in ('1', '2', '3') and hosp_lv::bigint < level_from then '医疗机构级别不够'
            when not list_contains(string_split(care, ' '), med_type) then '就医方式不符' end as broken
from seen where broken is not null""",
    "exclusive_pair": f"""
with {REFUNDED}, stood as (
  select l.bkkp_sn, l.setl_id, l.mdtrt_id, l.psn_no, l.fixmedins_code, l.bilg_dr_code, l.inscp_amt, l.med_list_codg,
         l.fee_ocur_time, l.rx_drord_no, (l.cnt * 10000)::bigint as units
  from lines l anti join refunded r using (mdtrt_id, med_list_codg)
  where l.cnt > 0 and l.med_list_codg in (select code from points union select other from points)
), has as (select distinct psn_no, med_list_codg from stood), likely as (
  select p.*, a.psn_no from points p join has a on a.med_list_codg = p.code
  join has b on b.psn_no = a.psn_no and b.med_list_codg = p.other
), main as (
  select k.*, s.bkkp_sn as against, s.fee_ocur_time as main_at, s.mdtrt_id, s.fixmedins_code, s.rx_drord_no
  from stood s join likely k on k.psn_no = s.psn_no and k.code = s.med_list_codg
  where s.fee_ocur_time::date between k.valid_from and k.valid_to
), pair as (
  select m.rule_id, m.kp_id, m.item, m.other_item, m.window, m.against, m.main_at, m.code,
         s.bkkp_sn, s.setl_id, s.mdtrt_id, s.psn_no, s.fixmedins_code, s.bilg_dr_code, s.inscp_amt, s.units,
         s.fee_ocur_time
  from stood s join main m on m.psn_no = s.psn_no and m.other = s.med_list_codg and m.against <> s.bkkp_sn
  where s.inscp_amt > 0 and s.fee_ocur_time::date between m.valid_from and m.valid_to
    and case m.window
        when 'visit' then m.mdtrt_id = s.mdtrt_id
        when 'prescription' then m.mdtrt_id = s.mdtrt_id and m.rx_drord_no = s.rx_drord_no
        else m.fixmedins_code = s.fixmedins_code and case m.window
             when 'day' then m.main_at::date = s.fee_ocur_time::date
             when 'hour' then date_trunc('hour', m.main_at) = date_trunc('hour', s.fee_ocur_time)
             else abs(epoch(m.main_at) - epoch(s.fee_ocur_time)) < 21600 end end
)
select * from pair
qualify row_number() over (partition by rule_id, kp_id, bkkp_sn order by main_at, against, code) = 1""",
    "frequency_per_day": f"""
with {REFUNDED}, {GIVEN}, hit as (
  select p.*, g.bkkp_sn, g.setl_id, g.mdtrt_id, g.psn_no, g.fixmedins_code, g.bilg_dr_code, g.inscp_amt, g.units,
         g.fee_ocur_time, case when p.period = 'visit' then g.mdtrt_id else g.psn_no || '|' ||
           case when p.across = 1 then '' else g.fixmedins_code end || '|' || g.fee_ocur_time::date::text end as key
  from given g join points p on p.code = g.med_list_codg
  where g.inscp_amt > 0 and g.fee_ocur_time::date between p.valid_from and p.valid_to
), over as (
  select rule_id, kp_id, key, sum(units)::bigint as count, max(max_count) as top from hit
  group by all having sum(units) > max(max_count)
)
select h.*, o.count, least(o.count - o.top
         - (sum(h.units) over (partition by h.rule_id, h.kp_id, h.key order by h.fee_ocur_time desc, h.bkkp_sn desc
                               rows unbounded preceding) - h.units), h.units) as taken
from hit h join over o using (rule_id, kp_id, key) qualify taken > 0""",
    "treatment_days": f"""
with {REFUNDED}, {GIVEN}, hit as (
  select p.*, g.bkkp_sn, g.setl_id, g.mdtrt_id, g.psn_no, g.fixmedins_code, g.bilg_dr_code, g.inscp_amt, g.units,
         g.prd_days, g.fee_ocur_time::date as day,
         case p.period when 'visit' then g.mdtrt_id when 'year' then g.psn_no || '|' || year(g.fee_ocur_time)::text
              else g.psn_no end as key
  from given g join points p on p.code = g.med_list_codg
  where g.inscp_amt > 0 and g.fee_ocur_time::date between p.valid_from and p.valid_to
), days as (
  select rule_id, kp_id, key, any_value(period) as period, day, max(greatest(coalesce(prd_days, 0), 1)) as supply,
         max(max(max_days)) over whole as most, max(max(coalesce(gap_days, 1000000))) over whole as break_at
  from hit group by rule_id, kp_id, key, day window whole as (partition by rule_id, kp_id, key)
), apart as (
  select *, period = 'course' and day - lag(day + supply::int) over (partition by rule_id, kp_id, key order by day)
            > break_at as new from days
), course as (
  select *, sum(coalesce(new, false)::int) over (partition by rule_id, kp_id, key order by day) as course from apart
), used as (
  select *, sum(supply) over (partition by rule_id, kp_id, key, course order by day) as used from course
)
select h.*, u.used, u.most, u.course, least(u.used - u.most, u.supply) * h.units as part, u.supply * h.units as whole
from hit h join used u using (rule_id, kp_id, key, day) where u.used > u.most""",
    "frequent_visits": """
with v as (
  select v.mdtrt_id, v.psn_no, v.fixmedins_code, v.chfpdr_code, v.begntime::date as day,
         p.rule_id, p.kp_id, p.most, p.period
  from visits v join points p on v.begntime::date between p.valid_from and p.valid_to
  where len(list_filter(string_split(p.care, ' '), lambda one: starts_with(v.med_type, one))) > 0
    and not (v.dscg_maindiag_code <> '' and p.exempt is not null and
             len(list_filter(string_split(p.exempt, ' '), lambda one: starts_with(v.dscg_maindiag_code, one))) > 0)
), days as (select distinct rule_id, kp_id, psn_no, most, period, day from v), over as (
  select d.rule_id, d.kp_id, d.psn_no, d.day, count(*) as days
  from days d join days e using (rule_id, kp_id, psn_no)
  where e.day <= d.day and e.day > d.day - d.period::int
  group by d.rule_id, d.kp_id, d.psn_no, d.day having count(*) > any_value(d.most)
)
select v.*, o.days, b.setl_id, b.inscp_amt
from v join over o using (rule_id, kp_id, psn_no, day) join bills b using (mdtrt_id) where b.inscp_amt > 0""",
}
