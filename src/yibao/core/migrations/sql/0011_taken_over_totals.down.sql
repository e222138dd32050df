create or replace function settlement.move_person(p_from text, p_to text) returns void language plpgsql as $$
begin
  update settlement.visit set psn_no = p_to where psn_no = p_from;
  update settlement.settlement set psn_no = p_to where psn_no = p_from;
  insert into settlement.accumulator (psn_no, year, totals)
    select p_to, year, totals from settlement.accumulator where psn_no = p_from
  on conflict (psn_no, year) do update set totals =
    (select coalesce(jsonb_object_agg(key, total), '{}') from (
       select key, sum(value::bigint)::bigint as total
       from (select * from jsonb_each_text(accumulator.totals) union all
             select * from jsonb_each_text(excluded.totals)) both_records
       group by key) added);
  delete from settlement.accumulator where psn_no = p_from;
end $$;
drop function settlement.sum_of_totals(jsonb, jsonb);
alter table settlement.accumulator drop column taken_over;
