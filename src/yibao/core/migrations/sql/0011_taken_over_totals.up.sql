-- Yearly totals that an earlier system brought (上线前年度累计): a part of totals that no bill here explains.
alter table settlement.accumulator add column taken_over jsonb not null default '{}';
