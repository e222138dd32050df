-- Entitlement: transfers, retirement, maternity allowance.
alter table population.enrolment alter column benefits_from drop not null;  -- coverage decides
