-- Orders reviewed before and during care; what review says of a fee line, which settlement obeys.
alter table settlement.fee_line
  -- suspect 可疑; refused 明确违规: wholly self-paid; approved: refused, but approved by a senior doctor
  add column mark text not null default '' check (mark in ('', 'suspect', 'refused', 'approved')),
  add column mark_reason text not null default '',  -- rule and reason
  add constraint refused_line_pays_nothing check (mark <> 'refused' or fulamt_ownpay_amt = det_item_fee_sumamt);

alter table directory.doctor add column prof_title text not null default '';  -- dictionary drord_dr_profttl; '' unknown

create table supervision.order_warning (            -- one finding of 3101 or 3102 about orders not settled yet
  jr_id           text primary key,                 -- 违规标识: by it 3103 answers
  stage           text not null check (stage in ('before', 'during')),
  fixmedins_code  text not null references directory.institution,
  psn_no          text not null,                    -- as sent; need not be known
  mdtrt_id        text not null,                    -- as sent; ours when the program has taken it over
  rule_id         text not null,
  kp_id           text not null,
  severity        text not null check (severity in ('violation', 'suspect')),
  refuses         boolean not null,                 -- goes on only with a senior doctor's approval
  reason          text not null,
  amount          bigint not null,                  -- fen at stake
  rx_ids          text[] not null,                  -- numbers of the orders: rx_id and rxno
  item_codes      text[] not null,
  dr_codg         text not null,
  dept_codg       text not null,
  rulebook        text not null,                    -- version of the rules asked
  warned_at       timestamp not null,
  asked           integer not null default 1,       -- how often the same was found again
  dspo_way        text check (dspo_way in ('1', '2')),   -- 1 goes on 继续执行医嘱, 2 is changed 返回修改医嘱
  dspo_way_rea    text not null default '',
  answered_by     text not null default '',         -- operator of 3103
  answered_at     timestamp,
  approved_by     text references directory.doctor, -- senior doctor
  approved_reason text not null default '',
  approved_at     timestamp,
  constraint approved_with_reason check ((approved_by is null) = (approved_reason = ''))
);
create index order_warning_person on supervision.order_warning (fixmedins_code, psn_no, rule_id);
create index order_warning_institution on supervision.order_warning (fixmedins_code, warned_at);
create index order_warning_time on supervision.order_warning (warned_at);
create index visit_before_settlement on settlement.visit (fixmedins_code, begntime) where status in ('admitted', 'discharged');
