-- Who supervises and who is supervised: roles of the pages, the schema of supervision.
create schema supervision;
alter table web.account
  drop constraint account_role_check,
  add column fixmedins_code text references directory.institution,  -- of an institution's insurance office 定点机构医保办
  add constraint account_role_check
    check (role in ('clerk', 'insured', 'employer', 'collector', 'department', 'leader',
                    'institution', 'reviewer', 'second_reviewer', 'expert', 'inspector')),
  add constraint institution_has_code check ((role = 'institution') = (fixmedins_code is not null));
