-- Entitlement: coverage decides; transfers, retirement, maternity allowance.

-- What an earlier system decided with `benefits_from` is taken over as coverage.
insert into population.coverage (psn_no, psn_insu_rlts_id, insutype, state, begndate, enddate, reason, origin)
select psn_no, psn_insu_rlts_id, insutype, 'waiting', begndate, least(last, benefits_from - 1), 'waiting', 'taken_over'
from population.enrolment, lateral (select least(enddate, case when psn_insu_stas = '2' then paus_date - 1 end) as last) l
where benefits_from > begndate and psn_insu_stas in ('1', '2', '4') and (psn_insu_stas <> '2' or paus_date > begndate)
union all
select psn_no, psn_insu_rlts_id, insutype, 'covered', greatest(begndate, benefits_from), last, 'taken_over', 'taken_over'
from population.enrolment, lateral (select least(enddate, case when psn_insu_stas = '2' then paus_date - 1 end) as last) l
where psn_insu_stas in ('1', '2', '4') and (psn_insu_stas <> '2' or paus_date is not null)
  and (last is null or last >= greatest(begndate, benefits_from));
alter table population.enrolment drop column benefits_from;

alter table population.person add column insured_since date;  -- first day of the unbroken years of insurance 连续参保

alter table population.family_link
  add column consent_by   text not null default '',   -- psn_no of the payer, who agreed
  add column consent_at   timestamptz,
  add column consent_way  text not null default '',   -- online, counter, paper
  add column year_limit   bigint;                     -- most that this payer pays for this relative in a year, fen

create table population.transfer (                -- 转移接续: a person's insurance moving between areas
  transfer_no   text primary key,
  direction     text not null check (direction in ('in', 'out')),
  psn_no        text not null references population.person,
  insutype      text not null,
  other_admdvs  text not null,                    -- the area it comes from or goes to
  state         text not null check (state in ('requested', 'sent', 'received', 'merged', 'refused')),
  requested_on  date not null,
  due_on        date not null,                    -- last working day of the term
  finished_on   date,
  balance       bigint not null default 0,        -- of the personal account, moves with the person
  certificate   jsonb not null default '{}',      -- 参保凭证 as sent or received
  digest        text not null default '',
  reason        text not null default '',
  created_at    timestamptz not null default now()
);
create index transfer_psn on population.transfer (psn_no);
create index transfer_open on population.transfer (due_on) where state in ('requested', 'sent', 'received');
create unique index transfer_once on population.transfer (psn_no, insutype, direction)
  where state in ('requested', 'sent', 'received');
create sequence population.transfer_no start with 10000001;

create table settlement.maternity_proposal (      -- 生育津贴拨付建议: made from settled deliveries, without an application
  mdtrt_id      text primary key references settlement.visit,
  setl_id       text not null references settlement.settlement,
  psn_no        text not null references population.person,
  emp_no        text references population.employer,
  payee         text not null check (payee in ('employer', 'person')),
  delivered_on  date not null,
  delivery      text not null,                    -- natural, caesarean … as the policy says
  fetuses       smallint not null,
  days          integer not null,
  monthly_wage  bigint not null,                  -- employer's average of last year, fen
  amount        bigint not null,
  status        text not null default 'proposed' check (status in ('proposed', 'withdrawn', 'paid')),
  reason        text not null default '',
  proposed_at   timestamptz not null default now()
);
create index visit_delivery on settlement.visit (begntime) where matn_type in ('1', '2', '3', '4', '5', '6');
create index maternity_proposal_open on settlement.maternity_proposal (emp_no, delivered_on) where status = 'proposed';

create table population.deemed_service (          -- 视同缴费年限: months that count without contributions
  psn_no      text not null references population.person,
  begndate    date not null,
  months      integer not null check (months > 0),
  basis       text not null,                      -- the document that recognises it
  noted_by    text not null,
  noted_at    timestamptz not null default now(),
  primary key (psn_no, begndate)
);

create table population.insured_elsewhere (       -- days insured in another area, from merged certificates
  psn_no       text not null references population.person,
  insutype     text not null,
  begndate     date not null,
  enddate      date not null,
  months       integer not null check (months >= 0),
  transfer_no  text not null references population.transfer,
  primary key (psn_no, insutype, begndate)
);

create table population.transfer_message (        -- what went to other areas and what came from them about transfers
  message_no    bigint generated always as identity primary key,
  transfer_no   text not null references population.transfer,
  other_admdvs  text not null,
  way           text not null check (way in ('out', 'in')),    -- out: from here, in: from there
  kind          text not null check (kind in ('ask', 'certificate', 'merged', 'refused')),
  day           date not null,
  content       text not null default '',         -- the certificate file, or why refused
  handled_on    date,                             -- by who got it
  answer        text not null default ''          -- refusal code and text, when it could not be taken
);
create index transfer_message_open on population.transfer_message (way, day) where handled_on is null;
create index transfer_message_transfer on population.transfer_message (transfer_no);

-- Everything about a person that decides a bill on one day, null when there is no such person: `coverages` are those
-- within a year of the day, `due` what is unpaid, given only when no enrolment covers the day. Volatile: called
-- after lock_persons, in the same statement too, it reads what the transaction waited for.
create or replace function population.care_facts(p_psn_no text, p_on date) returns jsonb language plpgsql volatile as $$
declare
  facts   jsonb;
  rows    jsonb;
  covered boolean;
begin
  select jsonb_agg(jsonb_build_object(
           'psn_insu_rlts_id', v.psn_insu_rlts_id, 'insutype', v.insutype, 'state', v.state, 'begndate', v.begndate,
           'enddate', v.enddate, 'reason', v.reason, 'clause', v.clause, 'origin', v.origin) order by v.begndate),
         bool_or(v.state = 'covered' and v.begndate <= p_on and (v.enddate is null or v.enddate >= p_on))
  into rows, covered from population.coverage v
  where v.psn_no = p_psn_no and v.begndate <= p_on + 366 and (v.enddate is null or v.enddate >= p_on - 366);
  select jsonb_build_object(
    'person', to_jsonb(p),
    'enrolments', coalesce((select jsonb_agg(to_jsonb(e) order by e.begndate desc, e.psn_insu_rlts_id desc)
                            from population.enrolment e where e.psn_no = p_psn_no), '[]'),
    'coverages', coalesce(rows, '[]'),
    'tags', coalesce((select jsonb_agg(to_jsonb(t) order by t.tag) from population.identity_tag t
                      where t.psn_no = p_psn_no and t.begntime <= p_on
                        and (t.endtime is null or t.endtime >= p_on)), '[]'),
    'account', (select to_jsonb(a) from population.account a where a.psn_no = p_psn_no),
    'family', coalesce((select jsonb_agg(jsonb_build_object(
                                 'payer', l.payer, 'seq', l.seq, 'relation', l.relation,
                                 'balance', case when l.year_limit is null then a.balance else least(a.balance,
                                   greatest(0, l.year_limit + (
                                     select coalesce(sum(m.amount), 0) from population.account_movement m
                                     where m.psn_no = l.payer and m.beneficiary = l.beneficiary
                                       and m.at >= date_trunc('year', p_on::timestamp)
                                       and m.at < date_trunc('year', p_on::timestamp) + interval '1 year'))) end,
                                 'frozen', a.frozen) order by l.seq, l.payer)
                        from population.family_link l join population.account a on a.psn_no = l.payer
                        where l.beneficiary = p_psn_no and l.begndate <= p_on
                          and (l.enddate is null or l.enddate >= p_on)), '[]'),
    'filings', coalesce((select jsonb_agg(to_jsonb(f) order by f.begndate desc, f.trt_dcla_detl_sn desc)
                         from population.filing f
                         where f.psn_no = p_psn_no and f.status = 'active' and f.begndate <= p_on
                           and (f.enddate is null or f.enddate >= p_on)), '[]'))
  into facts from population.person p where p.psn_no = p_psn_no;
  if facts is not null and covered is not true then
    facts := facts || jsonb_build_object('due', coalesce((
      select jsonb_agg(jsonb_build_object('insutype', c.insutype, 'period_from', c.period_from,
                                          'amount', c.personal + c.employer + c.interest) order by c.period_from)
      from population.contribution c
      where c.psn_no = p_psn_no and c.status = 'due' and c.period_from <= p_on), '[]'));
  end if;
  return facts;
end $$;
