-- Employees: monthly declarations, bills of employers, crediting of personal accounts.

alter table population.contribution
  add column maternity      bigint not null default 0,  -- maternity part 生育 within employer
  add column account_charge bigint not null default 0,  -- part of serious taken from the account when to_account is credited
  add column bill_no        text,                       -- bill of the employer 应缴核定单
  add column credited_run   text;                       -- crediting run that put to_account on the account
create index contribution_bill on population.contribution (bill_no) where bill_no is not null;
create index contribution_to_credit on population.contribution (contribution_id)
  where status = 'paid' and credited_run is null and (to_account > 0 or account_charge > 0);

create sequence population.declaration_number;
create table population.declaration (             -- 单位月度申报
  declaration_no  text primary key,
  emp_no          text not null references population.employer,
  month           date not null check (extract(day from month) = 1),
  digest          bytea not null,                 -- SM3 of the file as it came
  file_name       text not null,
  actor           text not null,
  received_at     timestamptz not null default now(),
  outcome         text not null check (outcome in ('accepted', 'partly', 'refused')),
  totals          jsonb not null                  -- lines by answer
);
create index declaration_employer on population.declaration (emp_no, month, received_at);

create table population.declaration_line (        -- the answer to every line of the file
  declaration_no  text not null references population.declaration,
  line_no         integer not null,
  certno          text not null,
  psn_name        text not null,
  psn_no          text,
  change          text not null check (change in ('', 'entry', 'exit')),
  reason          text not null,
  wage            bigint,                         -- as declared
  base            bigint,                         -- as accepted
  answer          text not null check (answer in ('accepted', 'corrected', 'unchanged', 'refused', 'held')),
  refusals        jsonb not null default '[]',
  primary key (declaration_no, line_no)
);

create sequence population.bill_number;
create table population.employer_bill (           -- 应缴核定单: what a month costs an employer
  bill_no     text primary key,
  emp_no      text not null references population.employer,
  month       date not null check (extract(day from month) = 1),
  kind        text not null check (kind in ('normal', 'supplementary')),
  due_day     date not null,
  status      text not null default 'issued' check (status in ('issued', 'withdrawn')),
  issued_by   text not null,
  issued_at   timestamptz not null default now(),
  withdrawn   jsonb
);
create unique index employer_bill_month on population.employer_bill (emp_no, month)
  where kind = 'normal' and status = 'issued';
create index employer_bill_employer on population.employer_bill (emp_no, month);

create table population.crediting_run (           -- 个人账户划账: one per city and month, in parts
  run_no       text primary key,
  area         text not null,                     -- first four digits of admdvs
  month        date not null check (extract(day from month) = 1),
  started_at   timestamptz not null default now(),
  finished_at  timestamptz,
  parts        integer not null default 0,
  persons      bigint not null default 0,
  credited     bigint not null default 0,
  charged      bigint not null default 0,
  unique (area, month)
);
