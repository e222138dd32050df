-- The collection campaign (征缴调度): tasks, daily counts, schools, helpers responsible, supervision, collectors.
-- `year` is the year of the insurance that is collected for; most of the money comes in the months before it.

create table population.school (                  -- 学校
  school_no  text primary key,
  name       text not null,
  area       text not null references directory.division    -- town or county that the school belongs to
);

create table population.school_roll (             -- 学籍
  school_no  text not null references population.school,
  year       smallint not null,
  psn_no     text not null references population.person,
  class      text not null default '',
  primary key (year, psn_no)                      -- one school per pupil and year
);
create index school_roll_school on population.school_roll (year, school_no, psn_no);

create table population.helper_responsible (      -- 帮扶责任人: who looks after a tagged person
  psn_no    text not null references population.person,
  helper    text not null,
  tel       text not null default '',
  unit      text not null default '',             -- helping unit 帮扶单位
  begndate  date not null,
  enddate   date,
  primary key (psn_no, begndate)
);
create index helper_responsible_helper on population.helper_responsible (helper, psn_no);

-- Tasks (参保任务数): one row per revision; the one in force is not superseded.
create table population.campaign_task (
  year           smallint not null,
  unit           text not null,                   -- division code or school_no
  revision       smallint not null,
  kind           text not null check (kind in ('division', 'school')),
  task           integer not null check (task >= 0),
  actor          text not null,
  reason         text not null,
  set_at         timestamptz not null default now(),
  superseded_at  timestamptz,
  primary key (year, unit, revision)
);
create unique index campaign_task_in_force on population.campaign_task (year, unit) where superseded_at is null;

-- What was counted at the end of a day, as it was reported; cumulative.
create table population.campaign_day (
  year       smallint not null,
  day        date not null,
  unit       text not null,
  enrolled   integer not null,                    -- persons who count as enrolled
  uninsured  integer not null,                    -- live here, insured nowhere
  taken_at   timestamptz not null default now(),
  primary key (year, unit, day)
);
create index campaign_day_day on population.campaign_day (year, day, unit);

create table population.campaign_supervision (    -- 督办
  supervision_id  bigint generated always as identity primary key,
  year            smallint not null,
  week            date not null,                  -- Monday of the week
  unit            text not null,
  day             date not null,                  -- the day whose figures are complained of
  rate            integer not null,               -- basis points
  expected        integer not null,               -- basis points that the rule asked for
  reason          text not null check (reason in ('behind_average', 'below_curve')),
  task            text not null,
  due_on          date not null,
  answer          text,
  answered_by     text,
  answered_at     timestamptz,
  closed_by       text,
  closed_at       timestamptz,
  unique (year, week, unit)
);

create table population.collector_tick (          -- 代收登记: money that a collector took in the village
  tick_id     bigint generated always as identity primary key,
  year        smallint not null,
  psn_no      text not null references population.person,
  amount      bigint not null check (amount > 0), -- fen
  collector   text not null,
  village     text not null,
  day         date not null,
  order_no    text,                               -- the village channel's payment order
  ticked_at   timestamptz not null default now(),
  undone_at   timestamptz
);
create unique index collector_tick_standing on population.collector_tick (year, psn_no) where undone_at is null;
create index collector_tick_day on population.collector_tick (collector, day);

-- Whose payments of a day are counted, and who of a village is shown.
create index contribution_campaign on population.contribution (period_from, psn_no) include (paid_on, personal, status)
  where insutype = '390' and status in ('due', 'paid');
create index person_unplaced on population.person (hsreg_area text_pattern_ops, psn_no) where live_area = '';
create index identity_tag_word on population.identity_tag (tag, psn_no);
