-- The collection campaign.
select 1;
