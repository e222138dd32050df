-- Enrolment: actions, national check, households.
select 1;
