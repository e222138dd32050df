-- Rosters of departments (部门名册) and their exchange.
-- A batch is one file: staged by COPY, matched to persons, compared with what is in force, applied in one transaction.

create sequence population.roster_no start with 1;

create table population.roster_batch (
  batch_no     text primary key,                  -- department, day and serial
  insu_admdvs  text not null,                     -- city, six digits
  department   text not null,                     -- code of the area's rule `departments`
  kind         text not null check (kind in ('tags', 'members', 'deaths')),
  mode         text not null check (mode in ('full', 'incremental')),
  as_of        date not null,                     -- the day the roster speaks of
  file_name    text not null,
  digest       bytea not null,                    -- SM3 of the file
  sequence     bigint,                            -- number in the exchange, null when handed in otherwise
  status       text not null default 'staged' check (status in ('staged', 'compared', 'applied', 'rejected')),
  row_count    integer not null default 0,
  fault_count  integer not null default 0,
  report       jsonb not null default '{}',       -- counts of the comparison
  fingerprint  text not null default '',          -- of the changes that were compared: nothing else is applied
  received_at  timestamptz not null default now(),
  received_by  text not null,
  decided_at   timestamptz,                       -- applied or rejected
  decided_by   text not null default '',
  reason       text not null default ''
);
create unique index roster_batch_once on population.roster_batch (insu_admdvs, department, digest, as_of)
  where status <> 'rejected';
create index roster_batch_department on population.roster_batch (insu_admdvs, department, received_at);

create table population.roster_row (              -- one line of the file with its answer
  batch_no   text not null references population.roster_batch on delete cascade,
  row_no     integer not null,                    -- as the table shows it
  certno     text,
  psn_name   text,
  brdy       date,
  area       text not null default '',            -- division code
  tag        text,
  operation  text not null default '',            -- begin, end, '' as the mode says
  begntime   date,
  endtime    date,
  evidence   text not null default '',
  unit       text not null default '',            -- school, village, employer as the file names it
  faults     jsonb not null default '[]',
  notes      jsonb not null default '[]',
  match      text not null default 'open'         -- open, number, accepted, review, none, faulty
             check (match in ('open', 'number', 'accepted', 'review', 'none', 'faulty')),
  psn_no     text,
  primary key (batch_no, row_no)
);
create index roster_row_review on population.roster_row (batch_no, row_no) where match = 'review';

create table population.roster_candidate (        -- who a line to be reviewed may be
  batch_no  text not null,
  row_no    integer not null,
  psn_no    text not null references population.person,
  reason    text not null,                        -- name_differs, number_differs, without_number
  primary key (batch_no, row_no, psn_no),
  foreign key (batch_no, row_no) references population.roster_row on delete cascade
);

create table population.roster_change (           -- what a batch says that the tables do not say yet
  batch_no      text not null references population.roster_batch on delete cascade,
  change        text not null check (change in
                  ('begin', 'alter', 'end', 'died', 'conflict', 'unmatched', 'not_enrolled', 'broken')),
  row_no        integer,                          -- null: the person is missing from a full roster
  psn_no        text,
  tag           text not null default '',
  begntime      date,
  endtime       date,
  old_begntime  date,
  old_endtime   date
);
create index roster_change_batch on population.roster_change (batch_no, change, psn_no);

alter table population.identity_tag
  add column admdvs text not null default '';     -- city whose department said so; '' taken over from elsewhere
create index identity_tag_psn_open on population.identity_tag (tag, psn_no) where endtime is null;

-- What was sent and received, with its content; folders and the interface only carry it.
create table population.exchange (
  exchange_id  bigint generated always as identity primary key,
  insu_admdvs  text not null,
  department   text not null,
  direction    text not null check (direction in ('in', 'out')),
  sequence     bigint not null,
  kind         text not null,                     -- roster, answers, uninsured, tag_changes, poverty_return …
  file_name    text not null,
  digest       bytea not null,                    -- SM3
  row_count    integer not null default 0,
  status       text not null check (status in ('received', 'quarantined', 'ready', 'sent', 'acknowledged')),
  reason       text not null default '',
  details      jsonb not null default '{}',
  batch_no     text references population.roster_batch,
  content      bytea not null,
  at           timestamptz not null default now(),
  sent_at      timestamptz,
  actor        text not null
);
create unique index exchange_sequence on population.exchange (insu_admdvs, department, direction, sequence)
  where status <> 'quarantined';
create index exchange_department on population.exchange (insu_admdvs, department, exchange_id);

create table population.exchange_key (            -- credentials of departments for the interface
  access_key     text primary key,
  insu_admdvs    text not null,
  department     text not null,
  secret_sealed  bytea not null,
  status         text not null default 'active' check (status in ('active', 'revoked')),
  created_at     timestamptz not null default now()
);

create table population.poverty_warning (         -- 防返贫预警: who was told to the departments, with which burden
  psn_no     text not null references population.person,
  year       smallint not null,
  burden     bigint not null,                     -- fen the person bore when last told
  threshold  bigint not null,
  told_at    timestamptz not null default now(),
  primary key (psn_no, year)
);

-- Settled bills that would differ now that a tag begins or ends in the past; nothing is changed by it.
create table settlement.retroactive_effect (
  effect_id  bigint generated always as identity primary key,
  reference  text not null,                       -- batch_no, or who set the tag
  psn_no     text not null references population.person,
  setl_id    text not null references settlement.settlement,
  since      date not null,                       -- first day on which the tags differ
  before     jsonb not null,                      -- column → fen as settled
  after      jsonb not null,                      -- column → fen as it would be
  obstacle   text not null default '',            -- why it could not be computed
  status     text not null default 'open' check (status in ('open', 'settled_again', 'left')),
  noted_at   timestamptz not null default now(),
  decided_by text not null default '',
  unique (reference, setl_id)
);
create index retroactive_open on settlement.retroactive_effect (psn_no) where status = 'open';
