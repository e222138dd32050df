delete from web.account where role not in ('clerk', 'insured');
alter table web.account
  drop constraint account_role_check,
  drop constraint employer_has_number,
  drop constraint collector_has_area,
  drop constraint department_has_code,
  drop column emp_no,
  drop column area,
  drop column department,
  add constraint account_role_check check (role in ('clerk', 'insured'));
