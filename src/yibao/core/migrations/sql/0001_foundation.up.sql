-- yibao foundation: the tables behind one settlement.
-- One PostgreSQL schema per area; a table belongs to one area and others read it through that area's queries.
-- Amounts: bigint fen. Ratios: integer basis points. Counts: bigint ten-thousandths (wire 16,4).
-- Prices: bigint millionths of a yuan (wire 16,6). Names of bill columns are the national ones.

create schema core;
create schema directory;
create schema population;
create schema ledger;
create schema settlement;
create schema gateway;

-- core -------------------------------------------------------------------------------------------------

-- Idempotent inbox: one row per message that changed something, written in the same transaction.
create table core.inbox (
  sender        text        not null,            -- fixmedins_code of the sender
  msgid         text        not null,
  infno         text        not null,
  digest        bytea       not null,            -- SM3 of the canonical input: same msgid, other body is refused
  reply         bytea       not null,            -- the output node as it was answered, byte for byte
  reference     text,                            -- setl_id or mdtrt_id that came of it
  psn_no        text,
  received_at   timestamptz not null default now(),
  reversed_at   timestamptz,                     -- undone by 2601
  primary key (sender, msgid)
);

-- Audit trail of everything a person or program changed that is no money.
create table core.audit_event (
  event_id  bigint generated always as identity primary key,
  at        timestamptz not null default now(),
  actor     text not null,
  action    text not null,
  subject   text not null,
  details   jsonb not null default '{}'
);

-- directory --------------------------------------------------------------------------------------------

create table directory.institution (
  fixmedins_code  text primary key check (fixmedins_code ~ '^[HP][0-9]{11}$'),
  fixmedins_name  text not null,
  fixmedins_type  text not null,                 -- dictionary: 1 hospital, 2 pharmacy
  hosp_lv         text not null,                 -- dictionary code 1…14
  level           smallint not null check (level in (1, 2, 3, 9)),  -- policy level; 9 none
  grade           text not null default 'city',  -- county, city, province: whose hospital it is
  admdvs          text not null,
  uscc            text not null default '',
  public_flag     boolean not null default true,
  contract_from   date not null,
  contract_to     date,
  status          text not null default 'active' check (status in ('active', 'suspended', 'ended')),
  suspended_from  date,                          -- first and last day of a suspension; with status 'suspended' and
  suspended_to    date,                          -- no days it is suspended until further notice
  lng             numeric(9, 6),
  lat             numeric(9, 6),
  beds            integer not null default 0
);

create table directory.department (
  fixmedins_code  text not null references directory.institution,
  dept_codg       text not null,
  dept_name       text not null,
  caty            text not null default '',
  primary key (fixmedins_code, dept_codg)
);

create table directory.doctor (
  dr_codg         text primary key,              -- D + 12, national doctor code
  dr_name         text not null,
  fixmedins_code  text not null references directory.institution,
  dept_codg       text not null,
  prac_psn_type   text not null default '1',     -- practitioner type
  valid_from      date not null,
  valid_to        date,
  status          text not null default 'active'
);
create index doctor_institution on directory.doctor (fixmedins_code);

-- Service catalogue of one area (三大目录): class, own share, price limit by level, dated.
create table directory.item (
  area               text not null,              -- six-digit admdvs of the pooling area
  med_list_codg      text not null,
  valid_from         date not null,
  valid_to           date,
  list_type          text not null,              -- dictionary: 101 drugs, 102 herbs, 201 services, 301 consumables…
  item_name          text not null,
  med_chrgitm_type   text not null,
  chrgitm_lv         text not null check (chrgitm_lv in ('01', '02', '03')),
  selfpay_prop       integer not null check (selfpay_prop between 0 and 10000),  -- 先行自付, basis points
  selfpay_prop_by_insutype jsonb not null default '{}',   -- {"390": 1500} where it differs
  pric_uplmt         jsonb not null default '{}',         -- price limit in millionths of a yuan by level {"1": …, "3": …}, or {"*": …}
  lmt_used_flag      text not null default '0',           -- 限制使用
  limit_text         text not null default '',
  bas_medn_flag      text not null default '0',
  hi_nego_drug_flag  text not null default '0',
  chld_medc_flag     text not null default '0',
  drt_reim_flag      text not null default '0',
  spec               text not null default '',
  unit               text not null default '',
  dosage_form        text not null default '',
  manufacturer       text not null default '',
  approval_no        text not null default '',
  version            text not null,                        -- catalogue version this row came with, yyyymmddnnn
  updated_at         timestamptz not null default now(),
  primary key (area, med_list_codg, valid_from)
);
create index item_version on directory.item (area, list_type, version);

-- Code tables for 1901 and the disease, operation and chronic-disease catalogues (1307…1315).
create table directory.code_entry (
  table_name  text not null,                     -- e.g. 'disease', 'operation', 'opsp_disease', 'day_surgery'
  code        text not null,
  name        text not null,
  valid_from  date not null default '2000-01-01',
  valid_to    date,
  details     jsonb not null default '{}',
  version     text not null,
  primary key (table_name, code, valid_from)
);

-- 3301: the institution's own code for a catalogue item.
create table directory.item_mapping (
  fixmedins_code     text not null,
  fixmedins_hilist_id text not null,             -- institution's own item code
  list_type          text not null,
  med_list_codg      text not null,
  begndate           date not null,
  enddate            date,
  details            jsonb not null default '{}',
  updated_at         timestamptz not null default now(),
  primary key (fixmedins_code, fixmedins_hilist_id, list_type, begndate)
);

-- population -------------------------------------------------------------------------------------------

create table population.person (
  psn_no         text primary key,
  psn_cert_type  text not null default '01',
  certno         text not null,
  psn_name       text not null,
  gend           text not null,
  naty           text not null default '01',
  brdy           date not null,
  die_date       date,
  tel            text not null default '',
  addr           text not null default '',
  unique (certno, psn_cert_type)
);

create table population.credential (              -- 01 electronic code, 03 social-security card
  mdtrt_cert_type  text not null,
  mdtrt_cert_no    text not null,
  psn_no           text not null references population.person,
  valid_to         date,
  primary key (mdtrt_cert_type, mdtrt_cert_no)
);
create index credential_psn on population.credential (psn_no);

create table population.enrolment (
  psn_insu_rlts_id  bigint generated always as identity (start with 100001) primary key,
  psn_no            text not null references population.person,
  insutype          text not null,               -- 310 employee, 390 resident
  psn_type          text not null,               -- dictionary psn_type
  insu_admdvs       text not null,
  psn_insu_stas     text not null default '1',   -- 1 normal, 2 suspended, 4 ended
  begndate          date not null,
  enddate           date,
  benefits_from     date not null,               -- entitlement starts (waiting period before it)
  paus_date         date,
  cvlserv_flag      text not null default '0',
  emp_name          text not null default '',
  reason            text not null default ''
);
create index enrolment_psn on population.enrolment (psn_no);

create table population.identity_tag (
  psn_no         text not null references population.person,
  psn_idet_type  text not null,                  -- dictionary psn_idet_type: 2304 特困, 2303 低保 …
  tag            text not null,                  -- the policy's word: 特困, 低保, 返贫致贫, 监测 …
  begntime       date not null,
  endtime        date,
  source         text not null default '',
  primary key (psn_no, tag, begntime)
);

create table population.account (                 -- 个人账户
  psn_no   text primary key references population.person,
  balance  bigint not null default 0 check (balance >= 0),
  frozen   boolean not null default false
);

create table population.account_movement (
  movement_id    bigint generated always as identity primary key,
  psn_no         text not null references population.account,
  amount         bigint not null check (amount <> 0),      -- positive credited, negative spent
  balance_after  bigint not null,
  kind           text not null,                  -- opening, credit, settlement, cancellation, freeze…
  reference      text not null,                  -- setl_id or voucher
  beneficiary    text,                           -- psn_no treated, when family sharing
  at             timestamptz not null default now()
);
create index account_movement_psn on population.account_movement (psn_no, movement_id);
create index account_movement_reference on population.account_movement (reference);

create table population.family_link (             -- 家庭共济: payer's account may pay for the beneficiary
  beneficiary  text not null references population.person,
  payer        text not null references population.account,
  seq          smallint not null,
  relation     text not null,
  begndate     date not null,
  enddate      date,
  primary key (beneficiary, payer, begndate)
);

create table population.filing (                  -- 备案: transfer, chronic disease, fixed institution, accident, out of area
  trt_dcla_detl_sn  text primary key,
  psn_no            text not null references population.person,
  kind              text not null check (kind in ('transfer', 'chronic', 'fixed_institution', 'accident', 'out_of_area', 'two_diseases')),
  insutype          text not null default '',
  dise_code         text not null default '',
  fixmedins_code    text not null default '',
  begndate          date not null,
  enddate           date,
  status            text not null default 'active' check (status in ('active', 'withdrawn')),
  details           jsonb not null default '{}',  -- fields of 2501/2503/2505/2507 as sent
  filed_at          timestamptz not null default now(),
  withdrawn_at      timestamptz,
  withdrawn_reason  text
);
create index filing_psn on population.filing (psn_no, kind);
create sequence population.filing_no start with 10000001;

-- ledger -----------------------------------------------------------------------------------------------

create table ledger.account (                     -- chart of accounts of the social-insurance fund
  code   text primary key,
  title  text not null,
  fund   text not null,                          -- employee_pooled, personal_account, resident, serious_illness, …
  kind   text not null check (kind in ('asset', 'liability', 'income', 'expense', 'net'))
);

create sequence ledger.entry_no;

create table ledger.entry (
  entry_id    bigint primary key default nextval('ledger.entry_no'),
  booked_on   date not null,
  kind        text not null,                     -- settlement, cancellation, opening, credit …
  reference   text not null,                     -- setl_id or other document
  text        text not null,
  created_at  timestamptz not null default clock_timestamp()
);
create unique index entry_reference on ledger.entry (kind, reference);
create index entry_day on ledger.entry (booked_on, entry_id);

create table ledger.posting (
  entry_id  bigint not null references ledger.entry,
  line_no   smallint not null,
  account   text not null references ledger.account,
  amount    bigint not null check (amount <> 0), -- fen; debit positive, credit negative
  party     text not null default '',            -- fixmedins_code or psn_no
  primary key (entry_id, line_no)
);

create table ledger.seal (
  day         date primary key,
  entries     bigint not null,
  previous    bytea not null,
  digest      bytea not null,                    -- SM3(previous || every entry of the day in order)
  sealed_at   timestamptz not null default now()
);

create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger rows are never changed or removed; book a correcting entry instead'
    using errcode = 'restrict_violation';
end $$;

create trigger entry_immutable before update or delete on ledger.entry
  for each row execute function ledger.refuse_change();
create trigger posting_immutable before update or delete on ledger.posting
  for each row execute function ledger.refuse_change();
create trigger entry_not_truncated before truncate on ledger.entry execute function ledger.refuse_change();
create trigger posting_not_truncated before truncate on ledger.posting execute function ledger.refuse_change();
create trigger seal_immutable before update or delete on ledger.seal
  for each row execute function ledger.refuse_change();
create trigger seal_not_truncated before truncate on ledger.seal execute function ledger.refuse_change();

-- Postings of an entry are inserted by one statement; whatever is inserted must balance per entry.
create function ledger.check_balance() returns trigger language plpgsql as $$
declare
  unbalanced bigint;
begin
  select entry_id into unbalanced from new_postings group by entry_id having sum(amount) <> 0 limit 1;
  if unbalanced is not null then
    raise exception 'entry % does not balance: debits must equal credits', unbalanced using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger posting_balances after insert on ledger.posting
  referencing new table as new_postings for each statement execute function ledger.check_balance();

-- No entry may be added to a day that is sealed.
create function ledger.check_open_day() returns trigger language plpgsql as $$
declare
  closed date;
begin
  select n.booked_on into closed from new_entries n where exists (select 1 from ledger.seal s where s.day >= n.booked_on) limit 1;
  if closed is not null then
    raise exception 'the journal of % is sealed', closed using errcode = 'restrict_violation';
  end if;
  return null;
end $$;
create trigger entry_day_open after insert on ledger.entry
  referencing new table as new_entries for each statement execute function ledger.check_open_day();

-- settlement -------------------------------------------------------------------------------------------

create sequence settlement.visit_no start with 300000001;
create sequence settlement.settlement_no start with 400000001;

create table settlement.visit (                   -- lake: mdtrt_d
  mdtrt_id            text primary key default nextval('settlement.visit_no')::text,
  psn_no              text not null references population.person,
  insutype            text not null,
  psn_type            text not null,
  insu_admdvs         text not null,
  mdtrtarea_admvs     text not null,
  fixmedins_code      text not null references directory.institution,
  hosp_lv             smallint not null,          -- policy level 1, 2, 3, 9
  med_type            text not null,
  mdtrt_cert_type     text not null default '',
  ipt_otp_no          text not null default '',
  begntime            timestamp not null,
  endtime             timestamp,                  -- discharge
  adm_dept_codg       text not null default '',
  chfpdr_code         text not null default '',
  dscg_maindiag_code  text not null default '',
  dscg_way            text not null default '',
  dise_no             text not null default '',
  matn_type           text not null default '',
  ttp_pay_flag        text not null default '0',  -- a third party is liable
  refl_old_mdtrt_id   text,
  refl_direction      text not null default '',   -- up, down
  filing              text not null default '',   -- trt_dcla_detl_sn used
  status              text not null default 'open'
                      check (status in ('open', 'admitted', 'discharged', 'settled', 'cancelled')),
  details             jsonb not null default '{}',-- further wire fields as sent (2201, 2203, 2401, 2402, 2403)
  opened_at           timestamptz not null default now()
);
create index visit_psn on settlement.visit (psn_no, begntime);
create index visit_in_bed on settlement.visit (fixmedins_code, begntime) where status = 'admitted';
create index visit_filing on settlement.visit (filing) where filing <> '';

create table settlement.diagnosis (               -- lake: setl_list_diag_d
  mdtrt_id       text not null references settlement.visit,
  stage          text not null,                   -- outpatient, admission, discharge
  diag_type      text not null,
  diag_srt_no    smallint not null,
  maindiag_flag  text not null default '0',
  diag_code      text not null,
  diag_name      text not null,
  diag_dept      text not null default '',
  dise_dor_no    text not null default '',
  dise_dor_name  text not null default '',
  diag_time      timestamp,
  vali_flag      text not null default '1',
  details        jsonb not null default '{}',
  primary key (mdtrt_id, stage, diag_type, diag_srt_no)
);

create table settlement.settlement (              -- lake: setl_d
  setl_id            text primary key default nextval('settlement.settlement_no')::text,
  mdtrt_id           text not null references settlement.visit,
  init_setl_id       text references settlement.settlement,   -- the settlement this negative one cancels
  medins_setl_id     text not null,               -- msgid of the sender
  psn_no             text not null,
  insutype           text not null,
  psn_type           text not null,
  cvlserv_flag       text not null default '0',
  insu_admdvs        text not null,
  fixmedins_code     text not null,
  hosp_lv            smallint not null,
  med_type           text not null,
  setl_time          timestamp not null,
  begndate           date not null,
  enddate            date not null,
  year               smallint not null,           -- year the accumulators of this bill belong to
  clr_type           text not null,
  clr_way            text not null,
  clr_optins         text not null,
  mdtrt_cert_type    text not null default '',
  dise_no            text not null default '',
  invono             text not null default '',
  mid_setl_flag      text not null default '0',
  acct_used_flag     text not null default '0',   -- as asked: a recomputation asks the same
  ttp_pay_flag       text not null default '0',
  refd_setl_flag     text not null default '0',
  medfee_sumamt      bigint not null,
  fulamt_ownpay_amt  bigint not null,
  overlmt_selfpay    bigint not null,
  preselfpay_amt     bigint not null,
  inscp_amt          bigint not null,
  dedc_std           bigint not null default 0,
  act_pay_dedc       bigint not null default 0,
  pool_prop_selfpay  integer not null default 0,  -- basis points
  hifp_pay           bigint not null default 0,
  cvlserv_pay        bigint not null default 0,
  hifes_pay          bigint not null default 0,
  hifmi_pay          bigint not null default 0,
  hifob_pay          bigint not null default 0,
  hifdm_pay          bigint not null default 0,
  maf_pay            bigint not null default 0,
  othfund_pay        bigint not null default 0,
  fund_pay_sumamt    bigint not null,
  psn_pay            bigint not null,             -- psn_part_amt on the wire
  acct_pay           bigint not null default 0,   -- includes acct_mulaid_pay
  acct_mulaid_pay    bigint not null default 0,
  cash_payamt        bigint not null,             -- psn_cash_pay on the wire
  ownpay_hosp_part   bigint not null default 0,   -- hosp_part_amt on the wire
  balc               bigint not null default 0,   -- own account balance afterwards
  pack_version       text not null,
  accumulators       jsonb not null default '{}', -- what this bill added, by accumulator key (fen or counts)
  funds              jsonb not null default '[]', -- setldetail rows: fund_pay_type, column, paid, …
  explanation        jsonb not null default '{}', -- the whole calculation, see yibao.benefits.explain
  opter              text not null default '',
  created_at         timestamptz not null default clock_timestamp(),
  constraint total_is_fund_person_hospital check (medfee_sumamt = fund_pay_sumamt + psn_pay + ownpay_hosp_part),
  constraint person_is_account_and_cash check (psn_pay = acct_pay + cash_payamt),
  constraint total_is_four_portions check (medfee_sumamt = inscp_amt + fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt),
  constraint funds_add_up check (fund_pay_sumamt = hifp_pay + cvlserv_pay + hifes_pay + hifmi_pay + hifob_pay + hifdm_pay + maf_pay + othfund_pay)
);
create unique index settlement_cancelled_once on settlement.settlement (init_setl_id) where init_setl_id is not null;
create index settlement_visit on settlement.settlement (mdtrt_id);
create index settlement_psn on settlement.settlement (psn_no, setl_time);
create index settlement_institution on settlement.settlement (fixmedins_code, setl_time);
create index settlement_time on settlement.settlement (setl_time);

create table settlement.fee_line (                -- lake: fee_list_d
  bkkp_sn            bigint generated always as identity primary key,
  mdtrt_id           text not null references settlement.visit,
  setl_id            text references settlement.settlement,
  feedetl_sn         text not null,
  init_feedetl_sn    text not null default '',    -- refunded line
  chrg_bchno         text not null default '',
  rx_drord_no        text not null default '',
  fee_ocur_time      timestamp not null,
  med_list_codg      text not null,
  medins_list_codg   text not null default '',
  med_chrgitm_type   text not null,
  chrgitm_lv         text not null,
  cnt                bigint not null,             -- ten-thousandths
  pric               bigint not null,             -- millionths of a yuan
  det_item_fee_sumamt bigint not null,
  pric_uplmt_amt     bigint,                      -- millionths of a yuan; null none
  selfpay_prop       integer not null,            -- basis points
  fulamt_ownpay_amt  bigint not null,
  overlmt_selfpay    bigint not null,
  preselfpay_amt     bigint not null,
  inscp_amt          bigint not null,
  lmt_used_flag      text not null default '0',
  hosp_appr_flag     text not null default '0',
  bilg_dept_codg     text not null default '',
  bilg_dr_code       text not null default '',
  prd_days           integer,                     -- hundredths of a day
  details            jsonb not null default '{}', -- further wire fields as sent and catalogue flags
  cancelled          boolean not null default false, -- its settlement was cancelled; a fresh copy may be settled anew
  constraint line_is_four_portions check (det_item_fee_sumamt = fulamt_ownpay_amt + overlmt_selfpay + preselfpay_amt + inscp_amt)
);
create unique index fee_line_sn on settlement.fee_line (mdtrt_id, feedetl_sn) where not cancelled;
-- Without the open lines: a plan must never look for the open lines of one visit among those of everybody.
create index fee_line_settlement on settlement.fee_line (setl_id) where setl_id is not null;

create table settlement.accumulator (             -- one row per person and policy year
  psn_no  text not null references population.person,
  year    smallint not null,
  totals  jsonb not null default '{}',            -- accumulator key → fen or count
  primary key (psn_no, year)
);

-- gateway ----------------------------------------------------------------------------------------------

create table gateway.credential (
  access_key      text primary key,              -- x-tif-paasid or _api_access_key
  fixmedins_code  text not null references directory.institution,
  secret_sealed   bytea not null,                -- encrypted under the master key
  require_digest  boolean not null default false,-- cainfo must be the SM3 digest of input
  status          text not null default 'active' check (status in ('active', 'revoked')),
  created_at      timestamptz not null default now()
);
create index credential_institution on gateway.credential (fixmedins_code);

create table gateway.nonce (
  access_key  text not null,
  nonce       text not null,
  seen_at     timestamptz not null default now(),
  primary key (access_key, nonce)
);
create index nonce_seen_at on gateway.nonce using brin (seen_at);  -- old ones are removed by time

create sequence gateway.sign_no start with 350001;
create table gateway.sign_in (
  sign_no         text primary key default nextval('gateway.sign_no')::text,
  fixmedins_code  text not null,
  opter_no        text not null,
  mac             text not null default '',
  ip              text not null default '',
  sign_time       timestamp not null,
  sign_out_time   timestamp
);

create table gateway.file (
  file_qury_no    text primary key,
  fixmedins_code  text not null,                 -- 'plc' for catalogues
  filename        text not null,
  content         bytea not null,
  dld_end_time    timestamp,
  created_at      timestamptz not null default now()
);

-- 4101, 4101A, 4401 …: stored as sent after validation, newest version counts.
create table gateway.document (
  document_id     bigint generated always as identity primary key,
  infno           text not null,
  fixmedins_code  text not null,
  reference       text not null,                 -- setl_id or mdtrt_id
  psn_no          text not null default '',
  version         integer not null default 1,
  status          text not null default '0',     -- 4102 stas_type
  content         jsonb not null,
  received_at     timestamptz not null default now(),
  unique (infno, fixmedins_code, reference, version)
);
create sequence gateway.clearing_no start with 500001;

-- settlement functions ---------------------------------------------------------------------------------

-- One round trip before the calculation: lock the visit, the person (and whoever's account may pay), then read
-- afresh what the message, the person, the visit and the years' accumulators say. A volatile function reads each
-- statement anew, so what a waiting transaction sees after the lock is what its predecessor committed.
-- p_on is the day of care; null takes it from the visit: discharge, else p_today for a stay, else the visit's day.
-- Accumulators come from the year before the visit began: a long stay has bills in several years.
-- p_lock false (a trial) neither locks nor draws numbers.
create function settlement.open_case(p_psn_no text, p_sender text, p_msgid text, p_mdtrt_id text, p_on date, p_today date, p_lock boolean)
returns table (on_date date, digest bytea, reply bytea, facts text, totals jsonb, visit jsonb,
               new_setl_id text, new_mdtrt_id text, new_entry_id bigint)
language plpgsql volatile as $$
declare
  known settlement.visit;
  care date := p_on;
begin
  if p_lock then
    if p_mdtrt_id <> '' then
      perform 1 from settlement.visit v where v.mdtrt_id = p_mdtrt_id for no key update;
    end if;
    perform population.lock_persons(p_psn_no);
  end if;
  if p_mdtrt_id <> '' then
    select * into known from settlement.visit v where v.mdtrt_id = p_mdtrt_id;
    if care is null then
      care := coalesce(known.endtime::date,
                       case when known.status in ('admitted', 'discharged') then p_today else known.begntime::date end);
    end if;
  end if;
  care := coalesce(care, p_today);
  return query
  select care, i.digest, i.reply,
         population.care_facts(p_psn_no, care)::text,
         (select jsonb_object_agg(a.year, a.totals) from settlement.accumulator a where a.psn_no = p_psn_no
          and (a.year = 0 or a.year >= extract(year from least(care, known.begntime))::int - 1)),
         case when known.mdtrt_id is not null then to_jsonb(known) end,
         case when p_lock then nextval('settlement.settlement_no')::text else '' end,
         case when p_mdtrt_id <> '' then p_mdtrt_id when p_lock then nextval('settlement.visit_no')::text else '' end,
         case when p_lock then nextval('ledger.entry_no') else 0 end
  from (select 1) as one left join core.inbox i on i.sender = p_sender and i.msgid = p_msgid;
end $$;

-- directory functions ----------------------------------------------------------------------------------

-- Every process keeps catalogue items and institutions in memory and forgets them when told so here.
create function directory.announce_change() returns trigger language plpgsql as $$
begin
  perform pg_notify('directory_changed', tg_table_name);
  return null;
end $$;
create trigger item_announced after insert or update or delete or truncate on directory.item
  for each statement execute function directory.announce_change();
create trigger institution_announced after insert or update or delete or truncate on directory.institution
  for each statement execute function directory.announce_change();

-- population functions ---------------------------------------------------------------------------------

-- Lock the person, then his own and every family payer's account in the order of their numbers, so that two
-- settlements that share an account wait for each other and never deadlock. Links that have ended are locked too:
-- a cancellation may refund them.
create function population.lock_persons(p_psn_no text) returns void language plpgsql as $$
begin
  perform 1 from population.person where psn_no = p_psn_no for no key update;
  perform 1 from population.account
    where psn_no = any (array(select p_psn_no
                              union select payer from population.family_link where beneficiary = p_psn_no))
    order by psn_no for no key update;
end $$;

-- Everything about a person that decides a bill on one day, null when there is no such person. Volatile: called
-- after lock_persons, in the same statement too, it reads what the transaction waited for.
create function population.care_facts(p_psn_no text, p_on date) returns jsonb language plpgsql volatile as $$
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

-- Move money on personal accounts: one balance change and one movement per element, in the order of the numbers.
-- Spending (negative) from a frozen account is refused with YB301, beyond the balance with YB302, on an account
-- that does not exist with YB303; money coming back is always taken.
create function population.move_accounts(
  p_psn_nos text[], p_amounts bigint[], p_kind text, p_reference text, p_beneficiary text default null
) returns table (account text, balance_after bigint) language plpgsql as $$
declare
  move  record;
  state population.account;
begin
  for move in select m.psn_no, m.amount from unnest(p_psn_nos, p_amounts) as m (psn_no, amount)
              where m.amount <> 0 order by m.psn_no loop
    select * into state from population.account a where a.psn_no = move.psn_no for no key update;
    if not found then
      raise exception 'person % has no account', move.psn_no using errcode = 'YB303';
    elsif move.amount < 0 and state.frozen then
      raise exception 'the account of % is frozen', move.psn_no using errcode = 'YB301';
    elsif state.balance + move.amount < 0 then
      raise exception 'the account of % holds less than is spent', move.psn_no using errcode = 'YB302';
    end if;
    update population.account a set balance = a.balance + move.amount where a.psn_no = move.psn_no;
    insert into population.account_movement (psn_no, amount, balance_after, kind, reference, beneficiary)
      values (move.psn_no, move.amount, state.balance + move.amount, p_kind, p_reference,
              nullif(p_beneficiary, move.psn_no));
    account := move.psn_no;
    balance_after := state.balance + move.amount;
    return next;
  end loop;
end $$;
