-- Knowledge of supervision: imported batches of points 知识点, local codes of items, points of doctors 记分.
create table supervision.knowledge_batch (
  batch        text primary key,
  published_on date,
  points       int not null,
  file_name    text not null,
  imported_at  timestamptz not null default now()
);
create table supervision.knowledge_point (
  kp_id      text primary key,
  batch      text not null references supervision.knowledge_batch,
  rule       text not null,                       -- title under which it is published
  item_name  text not null,
  codes      text[] not null check (cardinality(codes) > 0),
  params     jsonb not null default '{}',
  text       text not null default '',
  valid_from date not null,
  valid_to   date not null,                       -- the day before a later batch's point of the same item begins
  unverified boolean not null default false
);
create index knowledge_point_batch on supervision.knowledge_point (batch);

-- Local codes 地方编码: the points of an item's national code count for its local codes too.
create table supervision.local_code (
  area     text not null,                         -- folder of the city
  national text not null,
  local    text not null,
  name     text not null default '',
  primary key (area, local, national)
);

-- Points of doctors 医保支付资格记分, decided one by one; states are counted from them.
create table supervision.doctor_points (
  entry_id   bigint generated always as identity primary key,
  area       text not null,
  dr_codg    text not null,
  points     int not null check (points between 1 and 12),
  decided_on date not null,
  decision   text not null,                       -- number of the decision 处理决定号
  reason     text not null default '',
  revoked_on date check (revoked_on >= decided_on),
  revocation text not null default '',            -- number of the decision that revokes it
  check ((revoked_on is null) = (revocation = '')),
  unique (area, dr_codg, decision)
);
-- What has changed: a counter that pages look at before they load knowledge anew.
create table supervision.knowledge_change (
  single  boolean primary key default true check (single),
  version bigint not null
);
insert into supervision.knowledge_change (version) values (0);
