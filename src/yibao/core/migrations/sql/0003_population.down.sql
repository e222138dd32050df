alter table population.identity_tag drop column owner, drop column evidence, drop column batch_no;
drop table population.contribution;
drop table population.coverage;
drop table population.event;
drop function population.refuse_change();
alter table population.enrolment drop column category, drop column emp_no;
drop table population.certificate;
alter table population.person
  drop column hsreg_area, drop column live_area, drop column household_no, drop column hshd_relation,
  drop column merged_into;
drop index population.person_name_birth;
drop table population.employer;
drop table population.household;
drop table directory.division;
