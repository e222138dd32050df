-- Everything about a person that decides a bill on one day, null when there is no such person. Volatile: called
-- after lock_persons, in the same statement too, it reads what the transaction waited for.
create or replace function population.care_facts(p_psn_no text, p_on date) returns jsonb language plpgsql volatile as $$
declare
  facts jsonb;
begin
  select jsonb_build_object(
    'person', to_jsonb(p),
    'enrolments', coalesce((select jsonb_agg(to_jsonb(e) order by e.begndate desc, e.psn_insu_rlts_id desc)
                            from population.enrolment e where e.psn_no = p_psn_no), '[]'),
    'tags', coalesce((select jsonb_agg(to_jsonb(t) order by t.tag) from population.identity_tag t
                      where t.psn_no = p_psn_no and t.begntime <= p_on
                        and (t.endtime is null or t.endtime >= p_on)), '[]'),
    'account', (select to_jsonb(a) from population.account a where a.psn_no = p_psn_no),
    'family', coalesce((select jsonb_agg(jsonb_build_object(
                                 'payer', l.payer, 'seq', l.seq, 'relation', l.relation,
                                 'balance', a.balance, 'frozen', a.frozen) order by l.seq, l.payer)
                        from population.family_link l join population.account a on a.psn_no = l.payer
                        where l.beneficiary = p_psn_no and l.begndate <= p_on
                          and (l.enddate is null or l.enddate >= p_on)), '[]'),
    'filings', coalesce((select jsonb_agg(to_jsonb(f) order by f.begndate desc, f.trt_dcla_detl_sn desc)
                         from population.filing f
                         where f.psn_no = p_psn_no and f.status = 'active' and f.begndate <= p_on
                           and (f.enddate is null or f.enddate >= p_on)), '[]'))
  into facts from population.person p where p.psn_no = p_psn_no;
  return facts;
end $$;

drop table settlement.maternity_proposal;
drop index settlement.visit_delivery;
drop table population.transfer_message;
drop table population.insured_elsewhere;
drop table population.deemed_service;
drop sequence population.transfer_no;
drop table population.transfer;
alter table population.family_link
  drop column consent_by, drop column consent_at, drop column consent_way, drop column year_limit;
alter table population.person drop column insured_since;
alter table population.enrolment add column benefits_from date;
update population.enrolment e set benefits_from = coalesce(
  (select min(v.begndate) from population.coverage v
   where v.psn_insu_rlts_id = e.psn_insu_rlts_id and v.psn_no = e.psn_no and v.state = 'covered'), e.begndate);
alter table population.enrolment alter column benefits_from set not null;
delete from population.coverage where origin = 'taken_over';
