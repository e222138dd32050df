drop table supervision.knowledge_change;
drop table supervision.doctor_points;
drop table supervision.local_code;
drop table supervision.knowledge_point;
drop table supervision.knowledge_batch;
