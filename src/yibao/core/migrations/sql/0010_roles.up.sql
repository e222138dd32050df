-- Roles of the pages: who works for an employer, collects in a village, sends a department's rosters, leads.
alter table web.account
  drop constraint account_role_check,
  add column emp_no      text references population.employer,   -- of an employer's clerk 单位经办人
  add column area        text,                                  -- division code of a collector 征缴员, below it is his
  add column department  text,                                  -- code of a department 部门 as the area's rosters name it
  add constraint account_role_check
    check (role in ('clerk', 'insured', 'employer', 'collector', 'department', 'leader')),
  add constraint employer_has_number check ((role = 'employer') = (emp_no is not null)),
  add constraint collector_has_area check (role <> 'collector' or area is not null),
  add constraint department_has_code check ((role = 'department') = (department is not null));
