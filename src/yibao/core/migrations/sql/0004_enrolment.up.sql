-- Enrolment: numbers of persons, households and employers; one active basic insurance; suspensions; national check.

-- Person numbers are area (6 digits) + 14 digits; those of other origin (taken over, demo) do not begin with 5.
create sequence population.person_no start with 50000000000001;
create sequence population.household_no start with 10000001;
create sequence population.employer_no start with 10000001;

create index household_head on population.household (head) where head is not null;
create index household_area on population.household (area text_pattern_ops);
create index person_merged on population.person (merged_into) where merged_into is not null;

-- Nobody has two active enrolments in a basic medical insurance (310 employee, 390 resident) at once. The actions
-- check the days too, under the lock of the person; this index holds whoever writes.
create unique index enrolment_active on population.enrolment (psn_no)
  where insutype in ('310', '390') and psn_insu_stas = '1' and enddate is null;

-- Days on which an enrolment was suspended and that are over: the enrolment itself has only the open suspension.
create table population.suspension (
  psn_insu_rlts_id  bigint not null references population.enrolment,
  paus_date         date not null,                -- first day without enrolment
  resu_date         date not null,                -- first day of enrolment again
  primary key (psn_insu_rlts_id, paus_date),
  check (resu_date >= paus_date)
);

-- Stub of the national check (全国参保信息核验): what other areas have reported about a person.
create table population.national_report (
  psn_cert_type            text not null,
  certno                   text not null,
  insu_admdvs              text not null,
  insutype                 text not null,
  psn_insu_stas            text not null check (psn_insu_stas in ('1', '2', '4')),
  begndate                 date not null,
  suspension_requested_at  timestamp,             -- Shanghai time
  upload_failed            boolean not null default false,   -- the other area has not sent its suspension
  primary key (psn_cert_type, certno, insu_admdvs, insutype)
);

-- Bills of a person by the days of care, cancelled ones left out: what merging and deaths ask of the settlements.
create function settlement.bills_of(p_psn_no text, p_first date, p_last date)
returns table (setl_id text, mdtrt_id text, fixmedins_code text, begndate date, enddate date, fund_pay_sumamt bigint)
language sql stable as $$
  select s.setl_id, s.mdtrt_id, s.fixmedins_code, s.begndate, s.enddate, s.fund_pay_sumamt
  from settlement.settlement s
  where s.psn_no = p_psn_no and s.init_setl_id is null and s.enddate >= p_first and s.begndate <= p_last
    and not exists (select 1 from settlement.settlement c where c.init_setl_id = s.setl_id)
  order by s.begndate, s.setl_id
$$;

-- Give the visits, bills and yearly totals of a duplicate record to the record that stays.
create function settlement.move_person(p_from text, p_to text) returns void language plpgsql as $$
begin
  update settlement.visit set psn_no = p_to where psn_no = p_from;
  update settlement.settlement set psn_no = p_to where psn_no = p_from;
  insert into settlement.accumulator (psn_no, year, totals)
    select p_to, year, totals from settlement.accumulator where psn_no = p_from
  on conflict (psn_no, year) do update set totals =
    (select coalesce(jsonb_object_agg(key, total), '{}') from (
       select key, sum(value::bigint)::bigint as total
       from (select * from jsonb_each_text(accumulator.totals) union all
             select * from jsonb_each_text(excluded.totals)) both_records
       group by key) added);
  delete from settlement.accumulator where psn_no = p_from;
end $$;
