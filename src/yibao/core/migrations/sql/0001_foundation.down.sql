drop schema gateway cascade;
drop schema settlement cascade;
drop schema ledger cascade;
drop schema population cascade;
drop schema directory cascade;
drop schema core cascade;
