drop index population.contribution_campaign, population.person_unplaced, population.identity_tag_word;
drop table population.collector_tick, population.campaign_supervision, population.campaign_day,
  population.campaign_task, population.helper_responsible, population.school_roll, population.school;
