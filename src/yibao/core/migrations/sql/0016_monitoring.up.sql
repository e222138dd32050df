-- Monitoring 监测预警: indicators and scores of a lake, alerts, remote checks of beds.
-- Values are whole: fen, counts, basis points or hundredths as the indicator says; z in hundredths.

create table supervision.indicator (
  fixmedins_code  text    not null,
  unit            text    not null default '',   -- department or doctor; '' the institution
  level           text    not null check (level in ('institution', 'department', 'doctor')),
  indicator       text    not null,              -- a name of areas/<city>/supervision/indicators.yaml
  month           date    not null,
  peer_group      text    not null,
  numerator       bigint  not null,
  denominator     bigint  not null,
  value           bigint  not null,
  verdict         text    not null
                  check (verdict in ('high', 'low', 'usual', 'few_cases', 'few_peers', 'not_judged')),
  peers           integer not null,
  median          bigint  not null,
  lower           bigint  not null,
  upper           bigint  not null,
  z               integer not null,
  primary key (fixmedins_code, level, unit, indicator, month)
);
create index indicator_peers on supervision.indicator (indicator, month, peer_group) where level = 'institution';
create index indicator_month on supervision.indicator (month, level);

create table supervision.indicator_day (
  fixmedins_code  text    not null,
  indicator       text    not null,
  day             date    not null,
  value           bigint  not null,
  expected        bigint  not null,
  residual        integer not null,
  ewma            integer not null,
  verdict         text    not null check (verdict in ('high', 'low', 'rising', 'falling', 'usual')),
  primary key (fixmedins_code, indicator, day)
);

-- Anomaly score 异常分 of a month; `contributions` names each indicator's share in basis points and its numbers.
create table supervision.score (
  kind           text     not null check (kind in ('institution', 'person')),
  subject        text     not null,              -- fixmedins_code or psn_no
  month          date     not null,
  score          smallint not null check (score between 0 and 100),
  raw_score      smallint not null check (raw_score between 0 and 100),  -- without taking the size away
  place          integer  not null,              -- 1 is the most unusual
  contributions  jsonb    not null,
  method         text     not null,
  primary key (kind, subject, month)
);
create index score_place on supervision.score (kind, month, place);

create table supervision.alert (
  alert_id        bigint generated always as identity primary key,
  source          text        not null check (source in ('indicator', 'day', 'score', 'live')),
  fixmedins_code  text        not null,
  indicator       text        not null,          -- or 'score', 'bed_use'
  period          date        not null,          -- month or day
  severity        integer     not null,          -- |z| in hundredths, or the score × 100: for the order of work
  text            text        not null,
  numbers         jsonb       not null,
  raised_at       timestamptz not null default now(),
  status          text        not null default 'open' check (status in ('open', 'closed', 'finding')),
  decided_by      text,
  decided_at      timestamptz,
  reason          text,
  finding_id      text,
  unique (source, fixmedins_code, indicator, period),
  constraint decided_with_reason check ((status = 'open') = (decided_at is null)
    and (status = 'open' or (decided_by is not null and reason is not null)))
);
create index alert_open on supervision.alert (severity desc, alert_id) where status = 'open';
create index alert_institution on supervision.alert (fixmedins_code, alert_id desc);

-- Remote check of a bed 远程查床: asked, answered from the ward, decided.
create sequence supervision.bed_sample_no;
create table supervision.bed_check (
  check_id        bigint generated always as identity primary key,
  sample_no       bigint      not null,          -- checks drawn together
  seed            text        not null,          -- of the draw: sm3(seed, mdtrt_id) orders those in bed; '' chosen by hand
  drawn_from      integer     not null,          -- how many were in bed
  fixmedins_code  text        not null references directory.institution,
  mdtrt_id        text        not null references settlement.visit,
  asked_by        text        not null,
  asked_at        timestamp   not null,
  deadline        timestamp   not null,
  answered_at     timestamp,
  answered_by     text,
  note            text        not null default '',
  decision        text        check (decision in ('confirmed', 'finding')),
  decided_by      text,
  decided_at      timestamp,
  reason          text,
  finding_id      text,
  unique (sample_no, mdtrt_id),
  constraint decided_whole check ((decision is null) = (decided_at is null) and (decision is null) = (reason is null))
);
create index bed_check_institution on supervision.bed_check (fixmedins_code, check_id desc);

create table supervision.bed_photo (
  check_id     bigint    not null references supervision.bed_check,
  photo_no     smallint  not null,
  media_type   text      not null,
  size         integer   not null,
  digest       bytea     not null,               -- SM3 of what was sent
  sealed       bytea     not null,               -- it shows a person: encrypted under the master key
  received_at  timestamp not null,               -- the server's time; what the file says of itself is not trusted
  lng          numeric(9, 6),                    -- where the sender's device was, with consent
  lat          numeric(9, 6),
  accuracy     integer,                          -- metres, as the device says
  distance     integer,                          -- metres to the institution; null unknown
  no_place     text      not null default '',    -- why there is no place
  primary key (check_id, photo_no),
  constraint place_or_why check ((lng is null) = (no_place <> ''))
);

-- Stays by the day they began and ended: for the figures of today.
create index visit_stay_begun on settlement.visit (begntime) include (fixmedins_code, status)
  where left(med_type, 2) in ('21', '22', '23', '24', '26', '52');
create index visit_stay_ended on settlement.visit (endtime) include (fixmedins_code, status)
  where left(med_type, 2) in ('21', '22', '23', '24', '26', '52');
