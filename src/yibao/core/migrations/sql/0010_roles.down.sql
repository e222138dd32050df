-- Roles of the pages.
select 1;
