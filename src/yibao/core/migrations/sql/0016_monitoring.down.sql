drop index settlement.visit_stay_begun, settlement.visit_stay_ended;
drop table supervision.bed_photo, supervision.bed_check, supervision.alert, supervision.score,
  supervision.indicator_day, supervision.indicator;
drop sequence supervision.bed_sample_no;
