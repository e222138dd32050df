alter table settlement.accumulator drop column taken_over;
