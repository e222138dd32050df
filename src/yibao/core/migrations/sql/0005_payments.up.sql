-- Payment channels and orders (缴费渠道、缴费订单). Amounts: bigint fen. Times: Shanghai local time.

create table population.payment_channel (         -- access of a channel to the callback
  channel        text primary key,
  title          text not null default '',
  secret_sealed  bytea not null,                  -- encrypted under the master key
  status         text not null default 'active' check (status in ('active', 'revoked'))
);

create sequence population.payment_order_no;
create table population.payment_order (
  order_no     text primary key,                  -- JF + day + serial + check digit
  channel      text not null,
  insu_admdvs  text not null,
  amount       bigint not null check (amount > 0),
  status       text not null default 'created'
               check (status in ('created', 'reported', 'paid', 'reversed', 'refunded', 'expired')),
  payer        text not null default '',          -- person, employer or village that pays
  actor        text not null,
  created_at   timestamp not null,
  expires_at   timestamp not null,
  reported_at  timestamp,                         -- said to be paid, not yet confirmed
  appears_by   timestamp,                         -- until when the confirmation must be there
  paid_at      timestamp,
  details      jsonb not null default '{}'
);
create index payment_order_open on population.payment_order (expires_at) where status in ('created', 'reported');
create index payment_order_collector on population.payment_order (actor) where channel = 'village';

create table population.payment_line (
  order_no         text not null references population.payment_order,
  contribution_id  bigint not null references population.contribution,
  psn_no           text not null references population.person,
  amount           bigint not null check (amount >= 0),
  refunded         bigint not null default 0 check (refunded between 0 and amount),
  status           text not null default 'open' check (status in ('open', 'paid', 'reversed', 'refunded', 'released')),
  serial           text not null default '',      -- the channel's number of this line, where it pays line by line
  primary key (order_no, contribution_id)
);
-- A contribution stands in one living order at a time: nobody pays it twice.
create unique index payment_line_living on population.payment_line (contribution_id) where status in ('open', 'paid');
create index payment_line_psn on population.payment_line (psn_no);
-- The history of a person, also what was cancelled or refunded.
create index contribution_psn on population.contribution (psn_no, period_from);

-- Every sum that a channel reported (收款流水), for an order or for nobody we know.
create table population.channel_receipt (
  channel      text not null,
  serial       text not null,                     -- the channel's own number
  amount       bigint not null check (amount > 0),
  paid_on      date not null,                     -- the channel's day of account
  order_no     text references population.payment_order,
  status       text not null default 'taken' check (status in ('taken', 'unallocated', 'reversed', 'returned')),
  reason       text not null default '',          -- refusal code of what could not be allocated
  details      jsonb not null default '{}',
  entered_at   timestamp not null,
  reconciled   bigint,                            -- run that found it in the channel's own list
  primary key (channel, serial)
);
create index channel_receipt_day on population.channel_receipt (channel, paid_on);
create index channel_receipt_unallocated on population.channel_receipt (entered_at) where status = 'unallocated';
create index channel_receipt_order on population.channel_receipt (order_no) where order_no is not null;

create sequence population.premium_refund_no;
create table population.premium_refund (          -- 退费: what is to be paid back
  refund_no        text primary key,
  order_no         text references population.payment_order,
  contribution_id  bigint references population.contribution,
  psn_no           text not null default '',
  amount           bigint not null check (amount > 0),
  ground           text not null,
  clause           text not null default '',
  actor            text not null,
  reason           text not null default '',
  created_at       timestamp not null,
  status           text not null default 'payable' check (status in ('payable', 'paid'))
);
create index premium_refund_psn on population.premium_refund (psn_no);
create index premium_refund_contribution on population.premium_refund (contribution_id) where contribution_id is not null;

create table population.reconciliation (          -- 对账: one run over one channel's day
  run_id       bigint generated always as identity primary key,
  channel      text not null,
  day          date not null,
  ours         bigint not null,                   -- fen of the day in our books
  theirs       bigint not null,                   -- fen of the day in the channel's list
  matched      bigint not null,                   -- fen newly found equal and booked as cash
  actor        text not null,
  at           timestamp not null
);
create index reconciliation_day on population.reconciliation (channel, day);

create table population.reconciliation_difference (
  run_id   bigint not null references population.reconciliation,
  line_no  integer not null,
  kind     text not null check (kind in ('ours_only', 'theirs_only', 'amount_differs')),
  serial   text not null,
  order_no text not null default '',
  ours     bigint,
  theirs   bigint,
  primary key (run_id, line_no)
);

create table population.channel_file (            -- files that a channel sent or got: each once
  channel   text not null,
  digest    bytea not null,                       -- SM3 of the file
  kind      text not null check (kind in ('out', 'in', 'reconciliation')),
  name      text not null,
  rows      integer not null,
  amount    bigint not null,
  answer    jsonb not null default '{}',
  at        timestamp not null,
  primary key (channel, digest, kind)
);
