-- Findings on their way (疑点处理): review, the institution's answer, appeal, experts, decision, deduction statement.
create function supervision.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'steps of a finding are never changed or removed' using errcode = 'restrict_violation';
end $$;

create table supervision.bill (                   -- what a finding needs of its bill, as it was when it was taken
  setl_id          text primary key,
  mdtrt_id         text not null,
  psn_no           text not null,
  fixmedins_code   text not null,
  insutype         text not null,
  med_type         text not null,
  setl_time        timestamp not null,
  medfee_sumamt    bigint not null,
  inscp_amt        bigint not null,
  fund_pay_sumamt  bigint not null,
  funds            jsonb not null                 -- expense account of the ledger → fen
);

create table supervision.evidence_line (          -- lines that findings point to, as they were when they were taken
  bkkp_sn              text primary key,
  setl_id              text not null,
  fee_ocur_time        timestamp not null,
  med_list_codg        text not null,
  med_chrgitm_type     text not null default '',
  chrgitm_lv           text not null default '',
  cnt                  bigint not null,           -- ten-thousandths
  pric                 bigint not null,           -- millionths of a yuan
  det_item_fee_sumamt  bigint not null,
  inscp_amt            bigint not null,
  bilg_dept_codg       text not null default '',
  bilg_dr_code         text not null default ''
);

create table supervision.finding (
  finding_id      text primary key,
  rule_id         text not null,
  rule_name       text not null default '',
  clause          text not null default '',
  kp_id           text not null default '',
  severity        text not null check (severity in ('violation', 'suspect')),
  setl_id         text not null default '',       -- '' for what belongs to no bill
  mdtrt_id        text not null default '',
  bkkp_sn         text[] not null default '{}',
  psn_no          text not null default '',
  fixmedins_code  text not null,
  bilg_dr_code    text not null default '',
  amount          bigint not null,                -- insured fees at stake, fen
  reason          text not null,
  evidence        jsonb not null default '{}',
  run_id          text not null default '',
  origin          text not null,                  -- the audit's folder, or the alert, that it came from
  taken_at        timestamp not null,
  missing_since   timestamp,                      -- a later run of the same origin does not find it any more
  state           text not null default 'new' check (state in ('new', 'issued', 'appealed', 'opinion', 'closed')),
  outcome         text check (outcome in ('dropped', 'accepted', 'silent', 'upheld', 'partly', 'dismissed',
                                          'data_fault', 'bill_cancelled')),
  due_on          date not null,                  -- last day of the step that is next; of a closed one the day it ended
  round           smallint not null default 0,    -- how often experts were asked
  upheld          bigint not null default 0,      -- insured fees that stay in question at the end, fen
  reviewed_by     text,                           -- who reviewed first
  decided_by      text,
  closed_at       timestamp,
  constraint closed_has_outcome check ((state = 'closed') = (outcome is not null and closed_at is not null)),
  constraint upheld_within_amount check (upheld between 0 and amount)
);
create index finding_state on supervision.finding (state, due_on, finding_id);
create index finding_state_rule on supervision.finding (state, rule_id, due_on, finding_id);
create index finding_institution on supervision.finding (fixmedins_code, state, due_on, finding_id);
create index finding_institution_rule on supervision.finding (fixmedins_code, state, rule_id, due_on, finding_id);
create index finding_institution_closed on supervision.finding (fixmedins_code, closed_at) where state = 'closed';
create index finding_bill on supervision.finding (setl_id) where setl_id <> '';
create index finding_origin on supervision.finding (origin) where state <> 'closed';

create table supervision.finding_step (           -- who, when, why: a finding's history
  step_id     bigint generated always as identity primary key,
  finding_id  text not null references supervision.finding,
  at          timestamp not null,
  kind        text not null,                      -- taken, issued, dropped, accepted, silent, appealed, asked, opinion …
  actor       text not null,                      -- user name; 'yibao' for what happens by itself
  reason      text not null default '',
  details     jsonb not null default '{}'
);
create index finding_step_finding on supervision.finding_step (finding_id, step_id);
create trigger finding_step_immutable before update or delete on supervision.finding_step
  for each row execute function supervision.refuse_change();

create table supervision.attachment (             -- files of an appeal; one file may belong to many findings
  file_id         text primary key,
  fixmedins_code  text not null,
  file_name       text not null,
  media_type      text not null,
  content         bytea not null,
  digest          bytea not null,                 -- SM3
  actor           text not null,
  at              timestamp not null
);
create table supervision.finding_attachment (
  finding_id  text not null references supervision.finding,
  file_id     text not null references supervision.attachment,
  primary key (finding_id, file_id)
);
create index finding_attachment_file on supervision.finding_attachment (file_id);

create table supervision.expert (                 -- 评审专家库
  user_name       text primary key,
  expert_name     text not null,
  specialty       text not null default '',
  fixmedins_code  text,                           -- where the expert works
  uscc            text not null default '',       -- the expert's employer
  active          boolean not null default true
);

create table supervision.opinion (                -- what a drawn expert is asked, and answers
  finding_id  text not null references supervision.finding,
  round       smallint not null,
  user_name   text not null references supervision.expert,
  drawn_at    timestamp not null,
  verdict     text check (verdict in ('upheld', 'partly', 'dismissed', 'data_fault')),
  amount      bigint,                             -- what the expert would uphold, fen
  text        text not null default '',
  given_at    timestamp,
  primary key (finding_id, round, user_name)
);
create index opinion_open on supervision.opinion (user_name, finding_id) where given_at is null;
create index opinion_expert on supervision.opinion (user_name, given_at);

create table supervision.deduction_statement (    -- 扣款通知书 of an institution's month
  statement_no    text primary key,
  fixmedins_code  text not null,
  month           date not null check (extract(day from month) = 1),
  version         smallint not null,
  status          text not null default 'draft' check (status in ('draft', 'posted', 'reversed')),
  findings        integer not null,
  upheld          bigint not null,                -- insured fees
  deduct          bigint not null,                -- the funds' share of them
  funds           jsonb not null,                 -- expense account → fen
  made_by         text not null,
  made_at         timestamp not null,
  posted_by       text,
  posted_at       timestamp,
  entry_id        bigint references ledger.entry,
  reversed_by     text,
  reversed_at     timestamp,
  reversal_id     bigint references ledger.entry,
  reason          text not null default '',
  unique (fixmedins_code, month, version)
);
create unique index deduction_statement_live on supervision.deduction_statement (fixmedins_code, month)
  where status <> 'reversed';
create index deduction_statement_month on supervision.deduction_statement (month, fixmedins_code);

create table supervision.deduction_line (
  statement_no  text not null references supervision.deduction_statement,
  finding_id    text not null references supervision.finding,
  setl_id       text not null,
  upheld        bigint not null,
  deduct        bigint not null check (deduct >= 0),
  funds         jsonb not null,
  live          boolean not null default true,    -- false once its statement was reversed
  primary key (statement_no, finding_id)
);
create unique index deduction_line_once on supervision.deduction_line (finding_id) where live;
create index deduction_line_bill on supervision.deduction_line (setl_id) where live;
