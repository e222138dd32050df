drop table settlement.retroactive_effect;
drop table population.poverty_warning, population.exchange_key, population.exchange;
drop index population.identity_tag_psn_open;
alter table population.identity_tag drop column admdvs;
drop table population.roster_change, population.roster_candidate, population.roster_row, population.roster_batch;
drop sequence population.roster_no;
