-- Yearly totals that an earlier system brought (上线前年度累计): a part of totals that no bill here explains.
alter table settlement.accumulator add column taken_over jsonb not null default '{}';

create function settlement.sum_of_totals(p_one jsonb, p_other jsonb) returns jsonb language sql immutable as $$
  select coalesce(jsonb_object_agg(key, total), '{}') from (
    select key, sum(value::bigint)::bigint as total
    from (select * from jsonb_each_text(p_one) union all select * from jsonb_each_text(p_other)) both_records
    group by key) added
$$;

-- As in 0004, with what was taken over.
create or replace function settlement.move_person(p_from text, p_to text) returns void language plpgsql as $$
begin
  update settlement.visit set psn_no = p_to where psn_no = p_from;
  update settlement.settlement set psn_no = p_to where psn_no = p_from;
  insert into settlement.accumulator (psn_no, year, totals, taken_over)
    select p_to, year, totals, taken_over from settlement.accumulator where psn_no = p_from
  on conflict (psn_no, year) do update set
    totals = settlement.sum_of_totals(accumulator.totals, excluded.totals),
    taken_over = settlement.sum_of_totals(accumulator.taken_over, excluded.taken_over);
  delete from settlement.accumulator where psn_no = p_from;
end $$;
