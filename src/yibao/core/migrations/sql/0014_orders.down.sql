drop index settlement.visit_before_settlement;
drop table supervision.order_warning;
alter table directory.doctor drop column prof_title;
alter table settlement.fee_line
  drop constraint refused_line_pays_nothing,
  drop column mark_reason,
  drop column mark;
