-- Payment channels and orders of residents.
select 1;
