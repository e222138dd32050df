-- Entitlement: transfers, retirement, maternity allowance.
select 1;
