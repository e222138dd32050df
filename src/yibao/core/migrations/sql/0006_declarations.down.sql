drop table population.crediting_run;
drop table population.employer_bill;
drop sequence population.bill_number;
drop table population.declaration_line, population.declaration;
drop sequence population.declaration_number;
drop index population.contribution_to_credit, population.contribution_bill;
alter table population.contribution
  drop column credited_run, drop column bill_no, drop column account_charge, drop column maternity;
