update population.enrolment set benefits_from = begndate where benefits_from is null;
alter table population.enrolment alter column benefits_from set not null;
