-- Users of the pages. An insured person's account is bound to one psn_no and sees that person's bills only.
create schema web;

create table web.account (
  user_name      text primary key,
  title          text not null,
  role           text not null check (role in ('clerk', 'insured')),
  psn_no         text references population.person,
  password_hash  text not null,                  -- argon2id
  created_at     timestamptz not null default now(),
  constraint insured_has_person check ((role = 'insured') = (psn_no is not null))
);
