-- Rosters of departments and their exchange.
select 1;
