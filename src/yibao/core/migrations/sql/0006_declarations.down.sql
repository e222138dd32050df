-- Declarations of employers.
select 1;
