delete from web.account where role in ('institution', 'reviewer', 'second_reviewer', 'expert', 'inspector');
alter table web.account
  drop constraint account_role_check,
  drop constraint institution_has_code,
  drop column fixmedins_code,
  add constraint account_role_check
    check (role in ('clerk', 'insured', 'employer', 'collector', 'department', 'leader'));
drop schema supervision;
