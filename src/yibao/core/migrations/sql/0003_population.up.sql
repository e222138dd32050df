-- The whole population: divisions, identity, households, employers, events, coverage, contributions.
-- What several rooms of the population area share; each room's own tables are in the migrations after this one.
-- Amounts: bigint fen. Periods: first and last day, both inclusive.

create table directory.division (                 -- 行政区划: province, city, county, town, village
  code    text primary key,                       -- 2, 4, 6, 9 or 12 digits
  parent  text references directory.division,
  name    text not null,
  level   smallint not null check (level between 1 and 5)
);
create index division_parent on directory.division (parent);

create table population.household (               -- 户
  household_no  text primary key,
  head          text,                             -- psn_no of the householder 户主
  area          text not null default ''          -- division code of the village
);

create table population.employer (                -- 参保单位
  emp_no     text primary key,
  uscc       text unique,                         -- unified social credit code 统一社会信用代码
  emp_name   text not null,
  insu_admdvs text not null,
  begndate   date not null,
  enddate    date,
  details    jsonb not null default '{}'
);

alter table population.person
  add column hsreg_area    text not null default '',   -- division code of the household register 户籍地
  add column live_area     text not null default '',   -- division code of the dwelling 居住地
  add column household_no  text references population.household,
  add column hshd_relation text not null default '',   -- dictionary patn_rlts: what the person is to the householder
  add column merged_into   text references population.person;  -- this record was a duplicate of that one
create index person_household on population.person (household_no) where household_no is not null;
create index person_live_area on population.person (live_area text_pattern_ops, psn_no);
create index person_name_birth on population.person (psn_name, brdy);

create table population.certificate (             -- further certificates of a person; the first stands in person
  psn_cert_type  text not null,
  certno         text not null,
  psn_no         text not null references population.person,
  primary key (psn_cert_type, certno)
);
create index certificate_psn on population.certificate (psn_no);

alter table population.enrolment
  add column category text not null default '' check (category in ('', 'resident', 'employee', 'flexible', 'retired')),
  add column emp_no   text references population.employer;
create index enrolment_employer on population.enrolment (emp_no) where emp_no is not null;

-- What happened to a person, in order; never changed or removed. State tables follow from it.
create table population.event (
  event_id   bigint generated always as identity primary key,
  psn_no     text not null references population.person,
  kind       text not null,                       -- enrolled, suspended, resumed, ended, paid, tagged, died, merged …
  effective  date not null,
  at         timestamptz not null default now(),
  actor      text not null,                       -- user, institution, department or 'yibao'
  reason     text not null default '',
  details    jsonb not null default '{}'
);
create index event_psn on population.event (psn_no, event_id);

-- Days on which an enrolment pays, and days of waiting: follows from events and contributions.
create table population.coverage (                -- 待遇享受期
  psn_no            text not null references population.person,
  psn_insu_rlts_id  bigint not null references population.enrolment,
  insutype          text not null,
  state             text not null check (state in ('covered', 'waiting')),
  begndate          date not null,
  enddate           date,
  reason            text not null,                -- paid, back_paid, newborn, retired, waiting … see docs/population.md
  clause            text not null default '',
  origin            text not null default 'computed' check (origin in ('computed', 'taken_over')),
  primary key (psn_no, psn_insu_rlts_id, begndate)
);

-- What one person owes or has paid for one period (应缴、实缴).
create table population.contribution (
  contribution_id   bigint generated always as identity primary key,
  psn_no            text not null references population.person,
  insutype          text not null,
  category          text not null check (category in ('resident', 'employee', 'flexible', 'retired')),
  kind              text not null default 'normal' check (kind in ('normal', 'late', 'midyear', 'back_payment', 'lump_sum')),
  period_from       date not null,                -- a resident's year, an employee's month
  period_to         date not null,
  emp_no            text references population.employer,
  base              bigint not null default 0,    -- contribution base 缴费基数 of the month
  personal          bigint not null default 0,    -- due from the person
  employer          bigint not null default 0,    -- due from the employer
  subsidy           bigint not null default 0,    -- carried by medical aid or a department 资助参保
  fiscal            bigint not null default 0,    -- public finance 财政补助
  serious           bigint not null default 0,    -- serious-illness / large-amount premium within personal + employer
  to_account        bigint not null default 0,    -- credited to the personal account
  interest          bigint not null default 0,    -- late-payment interest 滞纳金/利息
  status            text not null default 'due' check (status in ('due', 'paid', 'cancelled', 'refunded')),
  paid_on           date,
  paid_at           timestamptz,
  order_no          text,                         -- payment order or declaration
  details           jsonb not null default '{}',
  constraint paid_has_day check ((status = 'paid') <= (paid_on is not null))
);
create unique index contribution_period on population.contribution (psn_no, insutype, period_from)
  where status in ('due', 'paid');
create index contribution_order on population.contribution (order_no) where order_no is not null;
create index contribution_employer on population.contribution (emp_no, period_from) where emp_no is not null;
create index contribution_year on population.contribution (insutype, period_from, status);

create function population.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'events are never changed or removed; write a further event instead'
    using errcode = 'restrict_violation';
end $$;
create trigger event_immutable before update or delete on population.event
  for each row execute function population.refuse_change();
create trigger event_not_truncated before truncate on population.event execute function population.refuse_change();

alter table population.identity_tag
  add column owner     text not null default '',  -- department that owns the tag 认定部门
  add column evidence  text not null default '',
  add column batch_no  text;
create index identity_tag_owner on population.identity_tag (owner, tag, endtime);
